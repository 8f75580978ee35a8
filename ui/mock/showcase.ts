// Hand-made runs: one that has everything a run can have, a running one, a silent one, one with damaged structure, one of
// 30,000 spans.

import type { Message } from "../src/api/types.ts";
import { Random } from "./random.ts";
import { RunBuilder, say, str, tokens, type MockRun } from "./run_builder.ts";

const SQL = "SELECT region, SUM(net_amount) FILTER (WHERE quarter = 'Q2') AS q2,\n       SUM(net_amount) FILTER (WHERE quarter = 'Q3') AS q3\nFROM sales_daily WHERE day >= '2026-04-01'\nGROUP BY region ORDER BY q3 - q2";
const RESULT = JSON.stringify([
  { region: "EMEA", q2: "18.42 M", q3: "16.07 M", change: "-12.8 %" }, { region: "LATAM", q2: "4.91 M", q3: "5.02 M", change: "+2.2 %" },
  { region: "APAC", q2: "11.36 M", q3: "12.44 M", change: "+9.5 %" }, { region: "NA", q2: "27.80 M", q3: "30.15 M", change: "+8.5 %" },
]);
const TASK = "Analyze Q3 sales by region, explain the drop in EMEA and draft a summary";

const part = { text: null, id: null, name: null, arguments: null };

function analystMessages(): { input: Message[]; output: Message[] } {
  return {
    input: [
      say("system", "You are data_analyst. Answer with SQL against the warehouse, read only. Prefer the daily tables. Say what you assumed."),
      say("user", TASK + " for the board. Use the warehouse, and cite public sources for market claims."),
      say("user", "Plan from planner:\n1. compare regions\n2. find the drop\n3. check returns and currency"),
      { role: "assistant", parts: [
        { ...part, type: "text", text: "I will compare Q2 and Q3 net revenue by region." },
        { ...part, type: "tool_call", id: "toolu_01Hw9q", name: "query_database", arguments: JSON.stringify({ sql: "SELECT * FROM order_lines", timeout_s: 3 }) },
      ] },
      { role: "tool", parts: [{ ...part, type: "tool_result", id: "toolu_01Hw9q", name: "query_database", text: "ERROR: canceling statement due to statement timeout (3 s)" }] },
    ],
    output: [{ role: "assistant", parts: [
      { ...part, type: "reasoning", text: "The join on order_lines has no date predicate, so it reads every partition. sales_daily already has net amounts per region and day, and it is partitioned by day; the limit of three seconds was too low as well." },
      { ...part, type: "text", text: "The query read all of `order_lines`. I will aggregate from `sales_daily`, which is partitioned by day, and raise the limit to 30 s." },
      { ...part, type: "tool_call", id: "toolu_01Hx4p", name: "query_database", arguments: JSON.stringify({ sql: SQL, timeout_s: 30 }) },
    ] }],
  };
}

export function showcaseRun(traceId: string, startNano: bigint): MockRun {
  const b = new RunBuilder({
    traceId, startNano, service: "sales-assistant", environment: "prod", task: TASK, conversation: "q3-board-pack",
  });
  const model = (parent: string, agent: string, name: string, at: number, takes: number, first: number, input: number, output: number, detail: string | null = null, more = {}) =>
    b.add({ name: `chat ${name}`, title: `chat ${name}`, kind: "model", parent, agent, model: name, at, takes, firstToken: first, tokens: tokens(input, output, Math.round(input * 0.37), 0), detail, finish: ["stop"],
      input: [say("system", `You are ${agent}.`), say("user", TASK)], output: [say("assistant", "1. Compare regions.\n2. Find the drop.\n3. **Check** returns and currency.")], ...more });
  const tool = (parent: string, agent: string, name: string, at: number, takes: number, detail: string | null = null, more = {}) =>
    b.add({ name: `execute_tool ${name}`, title: name, kind: "tool", parent, agent, at, takes, detail, args: JSON.stringify({ query: detail ?? name, limit: 8 }), result: JSON.stringify({ hits: 8 }), ...more });
  const agent = (parent: string | null, name: string, at: number, takes: number, detail: string | null = null) =>
    b.add({ name: `invoke_agent ${name}`, title: name, kind: "agent", parent, agent: name, at, takes, detail });
  const root = agent(null, "analyzer", 0, 48.6);
  b.add({ name: "input_check", kind: "guard", parent: root, agent: "analyzer", at: 0, takes: 0.19 });
  model(root, "analyzer", "gpt-4o", 0.3, 4.54, 0.9, 2702, 412, "plan");
  b.add({ name: "handoff to planner", title: "to planner", kind: "handoff", parent: root, agent: "analyzer", at: 4.9, takes: 0.13 });
  const planner = agent(root, "planner", 5.05, 4.39);
  model(planner, "planner", "gpt-4o", 5.1, 4.25, 0.8, 4012, 388);
  const emea = agent(root, "researcher", 9.5, 18.4, "EMEA");
  model(emea, "researcher", "gpt-4o", 9.55, 2.6, 0.6, 1980, 220);
  tool(emea, "researcher", "search_web", 12.3, 1.7, "EMEA retail demand Q3");
  tool(emea, "researcher", "search_web", 12.3, 3.2, "EUR USD average Q3");
  b.add({ name: "retrieve sales_docs", title: "sales_docs", kind: "retrieval", parent: emea, agent: "researcher", at: 12.35, takes: 0.6, detail: "top 8" });
  model(emea, "researcher", "gpt-4o", 15.6, 4.1, 0.7, 8100, 790);
  tool(emea, "researcher", "fetch_page", 19.8, 2.5);
  model(emea, "researcher", "gpt-4o", 22.4, 5.4, 1.1, 13210, 980);
  const apac = agent(root, "researcher", 9.5, 11.8, "APAC");
  model(apac, "researcher", "gpt-4o", 9.6, 3.1, 0.6, 2010, 260);
  tool(apac, "researcher", "search_web", 12.8, 1.3, "APAC retail demand Q3");
  model(apac, "researcher", "gpt-4o", 14.2, 6.9, 0.9, 8700, 640);
  const analyst = agent(root, "data_analyst", 9.5, 24.1);
  model(analyst, "data_analyst", "claude-sonnet-4", 9.55, 3.2, 0.7, 5210, 290, null, { finish: ["tool_call"] });
  tool(analyst, "data_analyst", "query_database", 12.8, 3.2, "timeout", {
    error: "ERROR: canceling statement due to statement timeout (3 s)", callId: "toolu_01Hw9q", result: null,
    args: JSON.stringify({ sql: "SELECT * FROM order_lines", timeout_s: 3 }),
    events: [{ name: "exception", time_unix_nano: String(startNano + 15_990_000_000n), dropped_attributes_count: 0, attributes: [
      str("exception.type", "ToolTimeout"), str("exception.message", "canceling statement due to statement timeout (3 s)"),
      str("exception.stacktrace", "ToolTimeout: canceling statement due to statement timeout (3 s)\n    at run (warehouse.js:118:11)\n    at async execute (tools.js:44:5)\n    at async loop (agent.js:201:9)"),
    ] }],
  });
  const talk = analystMessages();
  model(analyst, "data_analyst", "claude-sonnet-4", 16.1, 2.84, 0.61, 6412, 318, null, {
    ...talk, finish: ["tool_call"], tokens: tokens(6412, 318, 4096, 142),
    events: [{ name: "gen_ai.first_token", time_unix_nano: String(startNano + 16_710_000_000n), dropped_attributes_count: 0, attributes: [] },
      { name: "gen_ai.choice", time_unix_nano: String(startNano + 18_940_000_000n), dropped_attributes_count: 0, attributes: [str("finish_reason", "tool_call")] }],
  });
  const db = tool(analyst, "data_analyst", "query_database", 19.0, 10.4, "sales_daily", { callId: "toolu_01Hx4p", args: JSON.stringify({ sql: SQL, timeout_s: 30 }), result: RESULT });
  b.add({ name: "POST warehouse/query", kind: "other", parent: db, at: 19.1, takes: 10.2, attributes: [str("http.request.method", "POST"), str("url.full", "http://warehouse.local/query"), { key: "http.response.status_code", value: { intValue: "200" } }] });
  tool(analyst, "data_analyst", "run_python", 29.5, 3.9, "plot");
  model(root, "analyzer", "gemini-2.5-pro", 33.8, 13.1, 2.6, 31800, 1820, "draft");
  b.add({ name: "output_check", kind: "guard", parent: root, agent: "analyzer", at: 47.0, takes: 0.6 });
  tool(root, "analyzer", "send_report", 47.7, 0.8);
  return b.build();
}

/** Still going on: no root span yet, its children name it as their parent. */
export function runningRun(traceId: string, startNano: bigint, agent: string, task: string, steps: number, now: bigint, silent: boolean): MockRun {
  const rootId = traceId.slice(0, 8) + "ffffffff";
  const b = new RunBuilder({
    traceId, startNano, service: "sales-assistant", environment: "prod", task,
    lastArrivalNano: silent ? now - 540_000_000_000n : now + 3_600_000_000_000n,
  });
  const random = new Random(steps);
  let at = 0.1;
  for (let i = 0; i < steps; i++) {
    const takes = random.between(0.4, 2.2);
    if (i % 2 === 0) b.add({ name: "chat claude-sonnet-4", kind: "model", parent: rootId, agent, model: "claude-sonnet-4", at, takes, firstToken: takes / 4, tokens: tokens(2400 + i * 300, 180) });
    else b.add({ name: "execute_tool query_database", title: "query_database", kind: "tool", parent: rootId, agent, at, takes });
    at += takes + 0.05;
  }
  b.add({ name: "execute_tool fetch_page", title: "fetch_page", kind: "tool", parent: rootId, agent, at, takes: null });
  return b.build();
}

/** Structure as it should not be: a ring, a parent that never came, no end, copies that differ, depth. */
export function oddRun(traceId: string, startNano: bigint): MockRun {
  const b = new RunBuilder({ traceId, startNano, service: "helpdesk-agents", environment: "staging", task: "Everything that can be wrong with a trace" });
  const root = b.add({ name: "invoke_agent support_triage", title: "support_triage", kind: "agent", agent: "support_triage", at: 0, takes: 4 });
  b.add({ name: "chat gpt-4o", kind: "model", parent: "41c0aaaaaaaaaa9e", agent: "support_triage", model: "gpt-4o", at: 0.4, takes: 2.6, tokens: tokens(900, 40) });
  b.add({ name: "run_python", kind: "tool", parent: root, agent: "support_triage", at: 1, takes: null });
  b.add({ id: "aaaaaaaaaaaaaaa1", name: "ring a", kind: "other", parent: "aaaaaaaaaaaaaaa2", at: 1.2, takes: 0.2 });
  b.add({ id: "aaaaaaaaaaaaaaa2", name: "ring b", kind: "other", parent: "aaaaaaaaaaaaaaa1", at: 1.3, takes: 0.2 });
  b.add({ name: "search_web", kind: "tool", parent: root, agent: "support_triage", at: 2, takes: 1, conflicting: true,
    links: [{ trace_id: "8f3c2a91000000000000000000000001", span_id: "8f3c2a9100000001", trace_state: "", flags: 0, attributes: [str("reason", "retry of")], dropped_attributes_count: 0 }] });
  let parent = root;
  for (let depth = 0; depth < 40; depth++) parent = b.add({ name: `level ${depth + 2}`, kind: "other", parent, at: 3 + depth * 0.01, takes: 0.9 - depth * 0.02 });
  return b.build();
}

/** A run as large as the page must take in a second. */
export function largeRun(traceId: string, startNano: bigint, spans: number): MockRun {
  const random = new Random(30_000);
  const b = new RunBuilder({ traceId, startNano, service: "market-research", environment: "prod", task: `Crawl and summarise: a run of ${spans.toLocaleString("en-US")} spans` });
  const root = b.add({ name: "invoke_agent researcher", title: "researcher", kind: "agent", agent: "researcher", at: 0, takes: 1800 });
  let made = 1;
  for (let branch = 0; made < spans; branch++) {
    const at = (branch * 1790) / (spans / 30);
    const agent = b.add({ name: "invoke_agent reader", title: "reader", kind: "agent", parent: root, agent: "reader", at, takes: 9, detail: `batch ${branch}` });
    made++;
    let t = at + 0.02;
    for (let i = 0; i < 29 && made < spans; i++, made++) {
      const takes = random.between(0.05, 0.5);
      if (i % 3 === 0) b.add({ name: "chat gpt-4o-mini", kind: "model", parent: agent, agent: "reader", model: "gpt-4o-mini", at: t, takes, firstToken: takes / 3, tokens: tokens(random.whole(400, 3000), random.whole(20, 300)) });
      else b.add({ name: "execute_tool fetch_page", title: "fetch_page", kind: "tool", parent: agent, agent: "reader", at: t, takes, detail: `https://example.org/page/${made}`, error: random.next() < 0.002 ? "HTTP 503" : null });
      t += takes * 0.9;
    }
  }
  return b.build();
}
