// The mock server's runs: 1,284 in the last hour, some of them special.

import { Random } from "./random.ts";
import { RunBuilder, say, tokens, type MockRun } from "./run_builder.ts";
import { largeRun, oddRun, runningRun } from "./showcase.ts";
import { storyRun } from "./story.ts";
import { xssRun } from "./xss.ts";

export const SHOWCASE = "8f3c2a910d5be7714c02aa19e4b6d07e";
export const RUNNING = "1a2b3c4d000000000000000000000001";
export const ODD = "0dd00000000000000000000000000001";
export const LARGE = "30000000000000000000000000030000";
export const HOSTILE = "bad00000000000000000000000000bad";
const LARGE_SPANS = 30_000;
const HOUR_RUNS = 1284;

const TASKS = [
  "Split the launch checklist for the Lisbon rollout into owner-sized tasks",
  "Which product lines grew faster than 10 % quarter over quarter?",
  "Summarise analyst notes on retail demand in DACH, three sources minimum",
  "Ticket 48213: invoice shows the wrong VAT rate for a Polish customer",
  "Draft a two-week experiment plan for the checkout page",
  "Forecast December revenue for EMEA with the last eight quarters",
  "Find churn benchmarks for B2B SaaS with 50 to 500 seats",
  "Review pull request 2291: retry budget for the payment webhook",
  "Top ten customers by net revenue, with change against last year",
  "Ticket 48209: cannot export the audit log as CSV",
  "Turn the incident review into follow-up tasks with deadlines",
  "What changed in the EU packaging regulation draft this month?",
  "Margin by channel for the last six months, one chart and one paragraph",
  "Why did average basket size fall in week 46?",
  "Plan the data migration for the new price list, with a rollback step",
];
const AGENTS = [
  ["analyzer", "sales-assistant"],
  ["researcher", "market-research"],
  ["planner", "sales-assistant"],
  ["support_triage", "helpdesk-agents"],
  ["code_reviewer", "helpdesk-agents"],
];
const WEIGHTS = [0.4, 0.74, 0.91, 0.98, 1];
const MODELS = ["gpt-4o", "claude-sonnet-4", "gemini-2.5-pro", "gpt-4o-mini"];
const TOOLS = [
  "query_database",
  "search_web",
  "run_python",
  "fetch_page",
  "send_report",
  "read_file",
  "list_tickets",
  "post_comment",
];
const ERRORS = ["ToolTimeout", "context_length_exceeded", "rate_limit_exceeded", "HTTP 503 from warehouse"];

function ordinary(random: Random, startNano: bigint): MockRun {
  const at = random.next();
  const [agent, service] = AGENTS[WEIGHTS.findIndex((w) => at < w)];
  const task = random.pick(TASKS);
  const model = random.pick(
    MODELS.slice(0, agent === "researcher" ? 3 : 2).concat(agent === "support_triage" ? MODELS[3] : []),
  );
  const b = new RunBuilder({
    traceId: random.hex(32),
    startNano,
    service,
    environment: random.next() < 0.77 ? "prod" : "staging",
    task,
  });
  const total = Math.min(300, random.spread(12, 0.9));
  const failing = random.next() < 0.03;
  const calls = random.whole(2, 6);
  const root = b.add({
    name: `invoke_agent ${agent}`,
    title: agent,
    kind: "agent",
    agent,
    at: 0,
    takes: total,
    error: failing ? "the run failed" : null,
  });
  for (let i = 0; i < calls; i++) {
    const start = (total / calls) * i;
    const slice = total / calls;
    const name = i === 1 && random.next() < 0.25 ? random.pick(MODELS) : model;
    b.add({
      name: `chat ${name}`,
      kind: "model",
      parent: root,
      agent,
      model: name,
      at: start,
      takes: slice * 0.6,
      firstToken: slice * 0.12,
      tokens: tokens(random.whole(700, 9000), random.whole(60, 900), random.whole(0, 400)),
      finish: ["stop"],
      input: [say("user", task)],
      output: [say("assistant", "Done.")],
    });
    const tool = random.pick(TOOLS);
    const bad = (failing && i === calls - 1) || random.next() < 0.01;
    b.add({
      name: `execute_tool ${tool}`,
      title: tool,
      kind: "tool",
      parent: root,
      agent,
      at: start + slice * 0.62,
      takes: slice * 0.3,
      error: bad ? random.pick(ERRORS) : null,
      args: JSON.stringify({ q: task.slice(0, 30) }),
      result: "ok",
    });
  }
  return b.build();
}

/** Requires: nowNano is when the server starts; everything is placed before it. */
export function makeRuns(nowNano: bigint): MockRun[] {
  const random = new Random(20261121);
  const ago = (seconds: number) => nowNano - BigInt(Math.round(seconds * 1e9));
  const runs: MockRun[] = [
    runningRun(
      RUNNING,
      ago(14.2),
      "analyzer",
      "Analyze Q4 pipeline coverage by segment and flag accounts at risk",
      8,
      nowNano,
      false,
    ),
    runningRun(
      "1a2b3c4d000000000000000000000002",
      ago(41),
      "researcher",
      "Collect public pricing changes of the five closest competitors",
      16,
      nowNano,
      false,
    ),
    runningRun(
      "1a2b3c4d000000000000000000000003",
      ago(743),
      "researcher",
      "Collect public pricing of 40 suppliers and compare terms",
      9,
      nowNano,
      true,
    ),
    storyRun(SHOWCASE, ago(662)),
    // Older than the list's usual hour, so that its charts stay ordinary.
    oddRun(ODD, ago(7200)),
    largeRun(LARGE, ago(14_000), LARGE_SPANS),
    xssRun(HOSTILE, ago(9000)),
  ];
  while (runs.length < HOUR_RUNS + 3) runs.push(ordinary(random, ago(60 + 3520 * Math.pow(random.next(), 0.95))));
  return runs.sort((a, b) => (BigInt(b.summary.start_unix_nano) > BigInt(a.summary.start_unix_nano) ? 1 : -1));
}

/** What POST /api/test-trace stores. */
export function testRun(traceId: string, startNano: bigint): MockRun {
  const b = new RunBuilder({
    traceId,
    startNano,
    service: "sextant-test",
    environment: null,
    task: "What is the weather in Lisbon?",
  });
  const root = b.add({
    name: "invoke_agent test_agent",
    title: "test_agent",
    kind: "agent",
    agent: "test_agent",
    at: 0,
    takes: 1.8,
  });
  b.add({
    name: "chat test-model",
    kind: "model",
    parent: root,
    agent: "test_agent",
    model: "test-model",
    at: 0.02,
    takes: 0.9,
    firstToken: 0.3,
    tokens: tokens(120, 24),
    input: [say("user", "What is the weather in Lisbon?")],
    output: [say("assistant", "I will look.")],
  });
  b.add({
    name: "execute_tool get_weather",
    title: "get_weather",
    kind: "tool",
    parent: root,
    agent: "test_agent",
    at: 1,
    takes: 0.4,
    args: '{"city":"Lisbon"}',
    result: '{"sky":"clear"}',
  });
  return b.build();
}
