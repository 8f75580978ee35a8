// The run that has everything a run can have: agents in parallel, a failed query and its recovery, a conversation with
// history, reasoning, a tool call and its result.

import type { KeyValue, Message, SpanEvent } from "../src/api/types.ts";
import { RunBuilder, say, str, tokens, type MockRun, type SpanSpec } from "./run_builder.ts";

const SQL =
  "SELECT region, SUM(net_amount) FILTER (WHERE quarter = 'Q2') AS q2,\n       SUM(net_amount) FILTER (WHERE quarter = 'Q3') AS q3\nFROM sales_daily WHERE day >= '2026-04-01'\nGROUP BY region ORDER BY q3 - q2";
const RESULT = JSON.stringify([
  { region: "EMEA", q2: "18.42 M", q3: "16.07 M", change: "-12.8 %" },
  { region: "LATAM", q2: "4.91 M", q3: "5.02 M", change: "+2.2 %" },
  { region: "APAC", q2: "11.36 M", q3: "12.44 M", change: "+9.5 %" },
  { region: "NA", q2: "27.80 M", q3: "30.15 M", change: "+8.5 %" },
]);
const TASK = "Analyze Q3 sales by region, explain the drop in EMEA and draft a summary";

const part = { text: null, id: null, name: null, arguments: null };

function analystMessages(): { input: Message[]; output: Message[] } {
  return {
    input: [
      say(
        "system",
        "You are data_analyst. Answer with SQL against the warehouse, read only. Prefer the daily tables. Say what you assumed.",
      ),
      say("user", TASK + " for the board. Use the warehouse, and cite public sources for market claims."),
      say("user", "Plan from planner:\n1. compare regions\n2. find the drop\n3. check returns and currency"),
      {
        role: "assistant",
        parts: [
          { ...part, type: "text", text: "I will compare Q2 and Q3 net revenue by region." },
          {
            ...part,
            type: "tool_call",
            id: "toolu_01Hw9q",
            name: "query_database",
            arguments: JSON.stringify({ sql: "SELECT * FROM order_lines", timeout_s: 3 }),
          },
        ],
      },
      {
        role: "tool",
        parts: [
          {
            ...part,
            type: "tool_result",
            id: "toolu_01Hw9q",
            name: "query_database",
            text: "ERROR: canceling statement due to statement timeout (3 s)",
          },
        ],
      },
    ],
    output: [
      {
        role: "assistant",
        parts: [
          {
            ...part,
            type: "reasoning",
            text: "The join on order_lines has no date predicate, so it reads every partition. sales_daily already has net amounts per region and day, and it is partitioned by day; the limit of three seconds was too low as well.",
          },
          {
            ...part,
            type: "text",
            text: "The query read all of `order_lines`. I will aggregate from `sales_daily`, which is partitioned by day, and raise the limit to 30 s.",
          },
          {
            ...part,
            type: "tool_call",
            id: "toolu_01Hx4p",
            name: "query_database",
            arguments: JSON.stringify({ sql: SQL, timeout_s: 30 }),
          },
        ],
      },
    ],
  };
}

const STACK = [
  "ToolTimeout: canceling statement due to statement timeout (3 s)",
  "    at run (warehouse.js:118:11)",
  "    at async execute (tools.js:44:5)",
  "    at async loop (agent.js:201:9)",
].join("\n");

type More = Partial<SpanSpec>;

class Story {
  readonly b: RunBuilder;
  private readonly startNano: bigint;

  constructor(traceId: string, startNano: bigint) {
    this.startNano = startNano;
    const told = { service: "sales-assistant", environment: "prod", task: TASK, conversation: "q3-board-pack" };
    this.b = new RunBuilder({ traceId, startNano, ...told });
  }

  agent(parent: string | null, name: string, at: number, takes: number, detail: string | null = null): string {
    return this.b.add({
      name: `invoke_agent ${name}`,
      title: name,
      kind: "agent",
      parent,
      agent: name,
      at,
      takes,
      detail,
    });
  }

  /** `io`: tokens in and out. */
  model(
    parent: string,
    agent: string,
    name: string,
    at: number,
    takes: number,
    io: [number, number],
    more: More = {},
  ): void {
    this.b.add({
      name: `chat ${name}`,
      kind: "model",
      parent,
      agent,
      model: name,
      at,
      takes,
      firstToken: takes * 0.2,
      tokens: tokens(io[0], io[1], Math.round(io[0] * 0.37)),
      finish: ["stop"],
      input: [say("system", `You are ${agent}.`), say("user", TASK)],
      output: [say("assistant", "1. Compare regions.\n2. Find the drop.\n3. **Check** returns and currency.")],
      ...more,
    });
  }

  tool(parent: string, agent: string, name: string, at: number, takes: number, more: More = {}): string {
    const args = JSON.stringify({ query: more.detail ?? name, limit: 8 });
    const result = JSON.stringify({ hits: 8 });
    return this.b.add({
      name: `execute_tool ${name}`,
      title: name,
      kind: "tool",
      parent,
      agent,
      at,
      takes,
      args,
      result,
      ...more,
    });
  }

  event(name: string, at: number, attributes: KeyValue[]): SpanEvent {
    const time = this.startNano + BigInt(Math.round(at * 1e9));
    return { name, time_unix_nano: String(time), dropped_attributes_count: 0, attributes };
  }
}

function planning(story: Story, root: string): void {
  story.b.add({ name: "input_check", kind: "guard", parent: root, agent: "analyzer", at: 0, takes: 0.19 });
  story.model(root, "analyzer", "gpt-4o", 0.3, 4.54, [2702, 412], { detail: "plan" });
  const handoff = { name: "handoff to planner", title: "to planner", kind: "handoff" as const };
  story.b.add({ ...handoff, parent: root, agent: "analyzer", at: 4.9, takes: 0.13 });
  const planner = story.agent(root, "planner", 5.05, 4.39);
  story.model(planner, "planner", "gpt-4o", 5.1, 4.25, [4012, 388]);
}

function research(story: Story, root: string): void {
  const emea = story.agent(root, "researcher", 9.5, 18.4, "EMEA");
  story.model(emea, "researcher", "gpt-4o", 9.55, 2.6, [1980, 220]);
  story.tool(emea, "researcher", "search_web", 12.3, 1.7, { detail: "EMEA retail demand Q3" });
  story.tool(emea, "researcher", "search_web", 12.3, 3.2, { detail: "EUR USD average Q3" });
  const docs = { name: "retrieve sales_docs", title: "sales_docs", kind: "retrieval" as const, detail: "top 8" };
  story.b.add({ ...docs, parent: emea, agent: "researcher", at: 12.35, takes: 0.6 });
  story.model(emea, "researcher", "gpt-4o", 15.6, 4.1, [8100, 790]);
  story.tool(emea, "researcher", "fetch_page", 19.8, 2.5);
  story.model(emea, "researcher", "gpt-4o", 22.4, 5.4, [13210, 980]);
  const apac = story.agent(root, "researcher", 9.5, 11.8, "APAC");
  story.model(apac, "researcher", "gpt-4o", 9.6, 3.1, [2010, 260]);
  story.tool(apac, "researcher", "search_web", 12.8, 1.3, { detail: "APAC retail demand Q3" });
  story.model(apac, "researcher", "gpt-4o", 14.2, 6.9, [8700, 640]);
}

/** Fails once, sees why, and asks again. */
function analysis(story: Story, root: string): void {
  const analyst = story.agent(root, "data_analyst", 9.5, 24.1);
  story.model(analyst, "data_analyst", "claude-sonnet-4", 9.55, 3.2, [5210, 290], { finish: ["tool_call"] });
  story.tool(analyst, "data_analyst", "query_database", 12.8, 3.2, {
    detail: "timeout",
    error: "ERROR: canceling statement due to statement timeout (3 s)",
    callId: "toolu_01Hw9q",
    result: null,
    args: JSON.stringify({ sql: "SELECT * FROM order_lines", timeout_s: 3 }),
    events: [
      story.event("exception", 15.99, [
        str("exception.type", "ToolTimeout"),
        str("exception.message", "canceling statement due to statement timeout (3 s)"),
        str("exception.stacktrace", STACK),
      ]),
    ],
  });
  story.model(analyst, "data_analyst", "claude-sonnet-4", 16.1, 2.84, [6412, 318], {
    ...analystMessages(),
    finish: ["tool_call"],
    firstToken: 0.61,
    tokens: tokens(6412, 318, 4096, 142),
    events: [
      story.event("gen_ai.first_token", 16.71, []),
      story.event("gen_ai.choice", 18.94, [str("finish_reason", "tool_call")]),
    ],
  });
  const db = story.tool(analyst, "data_analyst", "query_database", 19.0, 10.4, {
    detail: "sales_daily",
    callId: "toolu_01Hx4p",
    args: JSON.stringify({ sql: SQL, timeout_s: 30 }),
    result: RESULT,
  });
  const http = [str("http.request.method", "POST"), str("url.full", "http://warehouse.local/query")];
  const status = { key: "http.response.status_code", value: { intValue: "200" } };
  story.b.add({
    name: "POST warehouse/query",
    kind: "other",
    parent: db,
    at: 19.1,
    takes: 10.2,
    attributes: [...http, status],
  });
  story.tool(analyst, "data_analyst", "run_python", 29.5, 3.9, { detail: "plot" });
}

export function storyRun(traceId: string, startNano: bigint): MockRun {
  const story = new Story(traceId, startNano);
  const root = story.agent(null, "analyzer", 0, 48.6);
  planning(story, root);
  research(story, root);
  analysis(story, root);
  story.model(root, "analyzer", "gemini-2.5-pro", 33.8, 13.1, [31800, 1820], { detail: "draft" });
  story.b.add({ name: "output_check", kind: "guard", parent: root, agent: "analyzer", at: 47.0, takes: 0.6 });
  story.tool(root, "analyzer", "send_report", 47.7, 0.8);
  return story.b.build();
}
