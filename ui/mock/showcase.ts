// Hand-made runs: a running one, a silent one, one with damaged structure, one of
// 30,000 spans.

import { Random } from "./random.ts";
import { RunBuilder, str, tokens, type MockRun } from "./run_builder.ts";

/** Still going on: no root span yet, its children name it as their parent. */
export function runningRun(
  traceId: string,
  startNano: bigint,
  agent: string,
  task: string,
  steps: number,
  now: bigint,
  silent: boolean,
): MockRun {
  const rootId = traceId.slice(0, 8) + "ffffffff";
  const b = new RunBuilder({
    traceId,
    startNano,
    service: "sales-assistant",
    environment: "prod",
    task,
    lastArrivalNano: silent ? now - 540_000_000_000n : now + 3_600_000_000_000n,
  });
  const random = new Random(steps);
  let at = 0.1;
  for (let i = 0; i < steps; i++) {
    const takes = random.between(0.4, 2.2);
    if (i % 2 === 0)
      b.add({
        name: "chat claude-sonnet-4",
        kind: "model",
        parent: rootId,
        agent,
        model: "claude-sonnet-4",
        at,
        takes,
        firstToken: takes / 4,
        tokens: tokens(2400 + i * 300, 180),
      });
    else
      b.add({
        name: "execute_tool query_database",
        title: "query_database",
        kind: "tool",
        parent: rootId,
        agent,
        at,
        takes,
      });
    at += takes + 0.05;
  }
  b.add({ name: "execute_tool fetch_page", title: "fetch_page", kind: "tool", parent: rootId, agent, at, takes: null });
  return b.build();
}

const HUGE = 3_000_000; // characters; more than the page lays out

/** As it should not be: a ring, a parent that never came, no end, copies that differ, depth, texts of megabytes. */
export function oddRun(traceId: string, startNano: bigint): MockRun {
  const b = new RunBuilder({
    traceId,
    startNano,
    service: "helpdesk-agents",
    environment: "staging",
    task: "Everything that can be wrong with a trace",
  });
  const root = b.add({
    name: "invoke_agent support_triage",
    title: "support_triage",
    kind: "agent",
    agent: "support_triage",
    at: 0,
    takes: 4,
  });
  b.add({
    name: "chat gpt-4o",
    kind: "model",
    parent: "41c0aaaaaaaaaa9e",
    agent: "support_triage",
    model: "gpt-4o",
    at: 0.4,
    takes: 2.6,
    tokens: tokens(900, 40),
  });
  b.add({ name: "run_python", kind: "tool", parent: root, agent: "support_triage", at: 1, takes: null });
  b.add({ id: "aaaaaaaaaaaaaaa1", name: "ring a", kind: "other", parent: "aaaaaaaaaaaaaaa2", at: 1.2, takes: 0.2 });
  b.add({ id: "aaaaaaaaaaaaaaa2", name: "ring b", kind: "other", parent: "aaaaaaaaaaaaaaa1", at: 1.3, takes: 0.2 });
  b.add({
    name: "search_web",
    kind: "tool",
    parent: root,
    agent: "support_triage",
    at: 2,
    takes: 1,
    conflicting: true,
    links: [
      {
        trace_id: "8f3c2a91000000000000000000000001",
        span_id: "8f3c2a9100000001",
        trace_state: "",
        flags: 0,
        attributes: [str("reason", "retry of")],
        dropped_attributes_count: 0,
      },
    ],
  });
  b.add({
    name: "n".repeat(1_000_000),
    kind: "other",
    parent: root,
    at: 2.5,
    takes: 0.2,
    error: "e".repeat(1_000_000),
    attributes: [str("huge", "x".repeat(HUGE)), str("huge.json", JSON.stringify({ text: "y".repeat(HUGE) }))],
  });
  let parent = root;
  for (let depth = 0; depth < 40; depth++)
    parent = b.add({
      name: `level ${depth + 2}`,
      kind: "other",
      parent,
      at: 3 + depth * 0.01,
      takes: 0.9 - depth * 0.02,
    });
  return b.build();
}

/** A run as large as the page must take in a second. */
export function largeRun(traceId: string, startNano: bigint, spans: number): MockRun {
  const random = new Random(30_000);
  const b = new RunBuilder({
    traceId,
    startNano,
    service: "market-research",
    environment: "prod",
    task: `Crawl and summarise: a run of ${spans.toLocaleString("en-US")} spans`,
  });
  const root = b.add({
    name: "invoke_agent researcher",
    title: "researcher",
    kind: "agent",
    agent: "researcher",
    at: 0,
    takes: 1800,
  });
  let made = 1;
  for (let branch = 0; made < spans; branch++) {
    const at = (branch * 1790) / (spans / 30);
    const agent = b.add({
      name: "invoke_agent reader",
      title: "reader",
      kind: "agent",
      parent: root,
      agent: "reader",
      at,
      takes: 9,
      detail: `batch ${branch}`,
    });
    made++;
    let t = at + 0.02;
    for (let i = 0; i < 29 && made < spans; i++, made++) {
      const takes = random.between(0.05, 0.5);
      if (i % 3 === 0)
        b.add({
          name: "chat gpt-4o-mini",
          kind: "model",
          parent: agent,
          agent: "reader",
          model: "gpt-4o-mini",
          at: t,
          takes,
          firstToken: takes / 3,
          tokens: tokens(random.whole(400, 3000), random.whole(20, 300)),
        });
      else
        b.add({
          name: "execute_tool fetch_page",
          title: "fetch_page",
          kind: "tool",
          parent: agent,
          agent: "reader",
          at: t,
          takes,
          detail: `https://example.org/page/${made}`,
          error: random.next() < 0.002 ? "HTTP 503" : null,
        });
      t += takes * 0.9;
    }
  }
  return b.build();
}
