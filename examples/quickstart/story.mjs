// What the team is asked, what its tools find, and what the fake model says about it. Only the demo needs this: with a real
// model behind OPENAI_BASE_URL the rules are not used.

const runbooks = [
  {
    id: 'rb-014',
    title: 'Connection pool exhausted',
    text: 'Requests wait for a database connection. Compare pool wait time with pool size; roll back what lowered the size.',
  },
  {
    id: 'rb-022',
    title: 'Cache stampede',
    text: 'Hit rate falls and origin load rises at once. Stagger expiry, warm the cache, add request coalescing.',
  },
  {
    id: 'rb-031',
    title: 'Queue backlog',
    text: 'Consumers fall behind producers. Check consumer errors first, then scale out, then raise prefetch.',
  },
  {
    id: 'rb-037',
    title: 'Certificate about to expire',
    text: 'Handshakes fail for some clients. Renew, reload, and check the chain that is served.',
  },
  {
    id: 'rb-045',
    title: 'Slow query after a migration',
    text: 'A plan changed because an index is missing or statistics are old. Analyse the table, restore the index.',
  },
];

/** One element a question the team may get. `metric_failures`: so many calls of the metrics tool fail before one works. */
export const incidents = [
  {
    service: 'checkout',
    question: 'Checkout latency doubled after 14:00. Find out why and write a note for the team.',
    follow_up: 'Is it safe to roll checkout back now?',
    follow_up_answer:
      'Yes. 2.31.0 changed nothing but the pool, and nothing was deployed since. Watch pool wait time for ten minutes afterwards.',
    query: 'histogram_quantile(0.95, sum by (le) (rate(http_server_duration_bucket{service="checkout"}[5m])))',
    series: [
      { at: '13:50', p95_ms: 212 },
      { at: '14:05', p95_ms: 468 },
      { at: '14:20', p95_ms: 491 },
    ],
    deployments: [
      { version: '2.31.0', at: '13:58', change: 'pool size 40 to 12' },
      { version: '2.30.4', at: 'yesterday', change: 'logging' },
    ],
    topic: 'latency doubled, requests wait for a database connection',
    finding:
      'p95 rose from 212 ms to 491 ms within five minutes of deployment 2.31.0, which lowered the database pool from 40 to 12 connections.',
    known:
      'Runbook rb-014 (Connection pool exhausted) fits: requests wait for a connection; roll back what lowered the pool size.',
    note: 'What happened: since 14:00 the 95th percentile of checkout is 491 ms, twice its usual 212 ms. No orders were lost.\n\nWhy: version 2.31.0, deployed at 13:58, set the database pool to 12 connections instead of 40. Requests now queue for a connection.\n\nWhat to do: roll back to 2.30.4 or set the pool to 40 again, then watch pool wait time for ten minutes. Add an alert on pool wait time above 50 ms.',
    answer:
      'Checkout is slow because 2.31.0 shrank the database pool to 12. Roll back to 2.30.4; the note for the team is ready.',
    metric_failures: 1,
  },
  {
    service: 'search',
    question: 'Search answers slowly for some users since this morning. What is going on?',
    follow_up: 'How long until the search cache is warm again?',
    follow_up_answer:
      'At 44 % now; before 7.2.1 it took 35 minutes from cold to 90 %, so about half an hour once expiry is spread.',
    query: 'sum(rate(cache_hits_total{service="search"}[5m])) / sum(rate(cache_requests_total{service="search"}[5m]))',
    series: [
      { at: '08:00', hit_rate: 0.93 },
      { at: '09:00', hit_rate: 0.41 },
      { at: '10:00', hit_rate: 0.44 },
    ],
    deployments: [{ version: '7.2.1', at: '08:41', change: 'all cache keys expire on the hour' }],
    topic: 'hit rate falls and origin load rises',
    finding:
      'The cache hit rate fell from 93 % to 41 % at 09:00. Version 7.2.1 lets all keys expire on the hour, so they are all fetched at once.',
    known: 'Runbook rb-022 (Cache stampede) fits: stagger expiry and coalesce requests.',
    note: 'What happened: at each full hour search is slow for users whose results are no longer cached.\n\nWhy: since 7.2.1 all keys expire together, and the origin gets everything at once.\n\nWhat to do: spread expiry over ten minutes, turn request coalescing on, warm the hundred most frequent queries.',
    answer:
      'It is a cache stampede at each full hour, caused by 7.2.1. Spread the expiry of keys and turn coalescing on.',
    metric_failures: 0,
  },
  {
    service: 'mailer',
    question: 'Customers get their order mails half an hour late. Where is the time lost?',
    follow_up: 'Which customers are still waiting for a mail?',
    follow_up_answer:
      'Those of the 18,650 orders in the queue, all placed after 11:02. I can have the list written out by order number.',
    query: 'max(queue_messages_ready{queue="order-mails"})',
    series: [
      { at: '11:00', ready: 120 },
      { at: '11:30', ready: 9400 },
      { at: '12:00', ready: 18_650 },
    ],
    deployments: [{ version: '1.9.0', at: '10:52', change: 'template engine replaced' }],
    topic: 'queue backlog, consumers fall behind producers',
    finding:
      'The queue grew from 120 to 18,650 messages in an hour; consumers fail on 6 % of the messages since 1.9.0 and wait 30 s after each failure.',
    known: 'Runbook rb-031 (Queue backlog) fits: consumer errors first, then scale out.',
    note: 'What happened: order mails arrive 30 minutes late; 18,650 are waiting.\n\nWhy: the new template engine of 1.9.0 fails on names with an apostrophe, and each failure blocks a consumer for 30 seconds.\n\nWhat to do: park failing messages in a separate queue now, fix the escaping, then replay them.',
    answer:
      'The time is lost in the queue: 1.9.0 fails on some names and blocks its consumers. Park those messages, fix the escaping, replay.',
    metric_failures: 3,
  },
  {
    service: 'reports',
    question: 'The nightly report ran six hours instead of one. What changed?',
    follow_up: 'Will it be in time tonight?',
    follow_up_answer:
      'Yes, if the index is back before 22:00: creating it takes about 40 minutes, and the report then needs an hour.',
    query: 'max(job_duration_seconds{job="nightly-report"})',
    series: [
      { at: 'Monday', seconds: 3540 },
      { at: 'Tuesday', seconds: 21_960 },
    ],
    deployments: [{ version: 'schema 118', at: 'Monday 17:20', change: 'orders.created_at index dropped' }],
    topic: 'slow query after a migration, index is missing',
    finding:
      'The job took 21,960 s instead of 3,540 s. Migration 118 dropped the index on orders.created_at, so the main query reads the whole table.',
    known: 'Runbook rb-045 (Slow query after a migration) fits: restore the index, analyse the table.',
    note: 'What happened: the nightly report took six hours.\n\nWhy: migration 118 dropped the index on orders.created_at; the planner now scans 212 million rows.\n\nWhat to do: create the index again, concurrently, before 22:00, and analyse the table afterwards.',
    answer:
      'Migration 118 dropped an index that the report needs. Create it again before 22:00 and tonight will be normal.',
    metric_failures: 0,
    refusals: 1,
  },
  {
    service: 'gateway',
    question: 'Some clients cannot connect to the gateway. Summarise the last 90 days of incidents with it.',
    follow_up: 'Which clients are affected?',
    follow_up_answer: 'Not known yet: the question before could not be answered.',
    query: 'sum by (reason) (rate(tls_handshake_failures_total[5m]))',
    series: [
      { at: '07:00', failures: 2 },
      { at: '08:00', failures: 311 },
    ],
    deployments: [],
    topic: 'handshakes fail, certificate about to expire',
    finding: 'Handshake failures rose from 2 to 311 an hour at 08:00. There was no deployment.',
    known: 'Runbook rb-037 (Certificate about to expire) fits: check the chain that is served.',
    note: '',
    answer: '',
    metric_failures: 0,
    too_long: true,
  },
].map((incident) => ({ ...incident, runbooks }));

/** The fake model's rules for all incidents: who says what, when. */
export const rules = incidents.flatMap(rulesOf);

function rulesOf(incident) {
  const { service } = incident;
  const about = `\\b${service}\\b`;
  const first = { system: '^You are the supervisor', user: escaped(incident.question) };
  const delegated = [
    { name: 'ask_analyst', arguments: { task: `What changed for ${service}? Compare before and after.` } },
    { name: 'ask_researcher', arguments: { task: `What do the runbooks say about ${service}: ${incident.topic}?` } },
  ];
  return [
    {
      when: { ...first, step: 0 },
      say: `I will ask for the numbers of ${service} and for what is known at the same time.`,
      call: delegated,
    },
    { when: { ...first, step: 1 }, ...supervisorSecond(incident) },
    { when: { ...first, step: 2 }, say: incident.answer },
    {
      when: { system: '^You are the analyst', user: about, step: 0 },
      say: '',
      call: [
        { name: 'query_metrics', arguments: { query: incident.query, minutes: 60 } },
        { name: 'list_deployments', arguments: { service } },
      ],
      ...(incident.refusals && { fault: { status: 429, retry_after: 1, times: incident.refusals } }),
    },
    { when: { system: '^You are the analyst', user: about, step: 1 }, say: incident.finding },
    {
      when: { system: '^You are the researcher', user: about, step: 0 },
      say: '',
      call: [{ name: 'search_runbooks', arguments: { query: incident.topic } }],
    },
    { when: { system: '^You are the researcher', user: about, step: 1 }, say: incident.known },
    { when: { system: '^You are the writer', user: about }, say: incident.note },
    { when: { system: '^You are the supervisor', user: escaped(incident.follow_up) }, say: incident.follow_up_answer },
  ];
}

/** After its agents have answered the supervisor lets the writer write, or the prompt has grown too long for the model. */
function supervisorSecond(incident) {
  if (incident.too_long)
    return {
      say: '',
      fault: {
        status: 400,
        message: "This model's maximum context length is 128000 tokens, the messages have 131847.",
      },
    };
  const task = `Write the note about ${incident.service}. Numbers: ${incident.finding} Known: ${incident.known}`;
  return { say: '', call: [{ name: 'ask_writer', arguments: { task } }] };
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
