// Trees from steps in any shape: late, lost, in rings, very deep.

import { describe, expect, test } from "vitest";
import type { RunSummary, Step, StepKind } from "../api/types.ts";
import { buildStepTable, detailOf, endOf, searchSteps, text, visibleRows } from "./step_table.ts";

const summary = { duration_ns: 1000, agents: [] } as unknown as RunSummary;

function step(
  id: string,
  parent: string | null,
  start: number,
  duration: number | null,
  kind: StepKind = "other",
  more: Partial<Step> = {},
): Step {
  return {
    span_id: id,
    parent_span_id: parent,
    name: id,
    title: id,
    detail: null,
    kind,
    span_kind: "internal",
    service: "s",
    start_offset_ns: start,
    duration_ns: duration,
    status: "unset",
    status_message: "",
    agent: null,
    model: null,
    tokens: null,
    first_token_ns: null,
    event_count: 0,
    link_count: 0,
    conflicting: false,
    ...more,
  };
}

const table = (steps: Step[]) => buildStepTable({ trace_id: "t", summary, steps, partial: [] });
const inOrder = (steps: Step[]) => {
  const t = table(steps);
  return Array.from(t.order, (i) => `${"-".repeat(t.depth[i])}${t.id[i]}`);
};
const spent = (input: number) => ({ input, output: 0, cached_input: 0, reasoning: 0 });

describe("tree", () => {
  test("children by start, below their parents", () => {
    const list = [
      step("root", null, 0, 100),
      step("b", "root", 10, 5),
      step("a", "root", 10, 50),
      step("a1", "a", 12, 3),
      step("c", "root", 70, 9),
    ];
    expect(inOrder(list)).toEqual(["root", "-b", "-a", "--a1", "-c"]);
    const t = table(list);
    expect(Array.from(t.size)).toEqual([5, 1, 2, 1, 1]);
    expect(t.rank[t.order[3]]).toBe(3);
  });

  test("a child that came before its parent's row is still below it", () => {
    expect(inOrder([step("child", "root", 0, 5), step("root", null, 1, 100)])).toEqual(["root", "-child"]);
  });

  test("a parent that was not received leaves the step at the root and is named", () => {
    const t = table([step("root", null, 0, 100), step("lost", "feed", 3, 5), step("under", "lost", 4, 1)]);
    expect(Array.from(t.order, (i) => t.depth[i])).toEqual([0, 0, 1]);
    expect(text(t, t.missing[1])).toBe("feed");
    expect(t.missing[2]).toBe(0);
  });

  test("rings are broken at their earliest step, and nothing is lost", () => {
    expect(
      inOrder([step("a", "c", 0, 1), step("b", "a", 1, 1), step("c", "b", 2, 1), step("tail", "c", 3, 1)]),
    ).toEqual(["a", "-b", "--c", "---tail"]);
    expect(inOrder([step("self", "self", 0, 1)])).toEqual(["self"]);
    expect(inOrder([step("tail", "a", 0, 1), step("b", "a", 1, 1), step("a", "b", 2, 1)])).toHaveLength(3);
  });

  test("repeated span ids keep all rows", () => {
    expect(inOrder([step("x", null, 0, 9), step("x", null, 1, 9), step("y", "x", 2, 1)])).toEqual(["x", "-y", "x"]);
  });

  test("100,000 levels do not overflow", () => {
    const deep = Array.from({ length: 100_000 }, (_, i) => step(String(i), i ? String(i - 1) : null, i, 1));
    const t = table(deep);
    expect(t.depth[99_999]).toBe(99_999);
    expect(t.size[0]).toBe(100_000);
  });

  test("nothing at all", () => expect(table([]).order).toHaveLength(0));
});

test("folding hides what is below", () => {
  const t = table([step("root", null, 0, 9), step("a", "root", 1, 5), step("a1", "a", 2, 1), step("b", "root", 6, 1)]);
  expect(Array.from(visibleRows(t, new Set([1])), (i) => t.id[i])).toEqual(["root", "a", "b"]);
  expect(Array.from(visibleRows(t, new Set([0])), (i) => t.id[i])).toEqual(["root"]);
  expect(visibleRows(t, new Set())).toHaveLength(4);
});

test("tokens of a wrapper and of the call inside it count once", () => {
  const t = table([
    step("agent", null, 0, 9, "agent"),
    step("wrap", "agent", 1, 8, "model", { tokens: spent(100) }),
    step("inner", "wrap", 2, 6, "model", { tokens: spent(90) }),
    step("other", "agent", 9, 1, "model", { tokens: spent(5) }),
  ]);
  expect(Array.from(t.tokens)).toEqual([95, 90, 90, 5]);
  expect(table([step("x", null, 0, 1)]).tokens[0]).toBeNaN();
});

test("the axis reaches to the last end; a step without end reaches to the axis' end", () => {
  const t = table([step("root", null, 0, null), step("late", "root", 500, 900)]);
  expect(t.totalNs).toBe(1400);
  expect(endOf(t, 0)).toBe(1400);
});

test("arguments are told by their first text", () => {
  expect(detailOf('{"query":"EMEA \\"retail\\" demand","limit":8}')).toBe('EMEA "retail" demand');
  expect(detailOf('{ "sql": "SELECT region,\\n SUM(net')).toBe("SELECT region,  SUM(net");
  for (const other of [null, "top 8", '{"limit":8,"q":"x"}', "{}", '["a"]']) expect(detailOf(other)).toBe(other);
});

test("search looks at titles, details, agents, models, messages and ids", () => {
  const t = table([
    step("00f0", null, 0, 9, "agent", { title: "Analyzer" }),
    step("b", "00f0", 1, 1, "tool", { detail: "EUR average" }),
    step("c", "00f0", 2, 1, "model", { model: "gpt-4o" }),
    step("d", "00f0", 3, 1, "tool", { status_message: "timed out" }),
  ]);
  const ids = (q: string) => searchSteps(t, q).map((i) => t.id[i]);
  expect(ids("analyz")).toEqual(["00f0"]);
  expect(ids("eur")).toEqual(["b"]);
  expect(ids("GPT")).toEqual(["c"]);
  expect(ids("timed")).toEqual(["d"]);
  expect(ids("00f")).toEqual(["00f0"]);
  expect(ids("  ")).toEqual([]);
});
