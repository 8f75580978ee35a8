// The critical path over small trees drawn by hand.

import { describe, expect, test } from "vitest";
import type { RunSummary, Step, StepKind } from "../api/types.ts";
import { buildStepTable } from "./step_table.ts";

type Row = [id: string, parent: string | null, start: number, end: number | null, kind?: StepKind];

function path(rows: Row[]) {
  const steps = rows.map(
    ([id, parent, start, end, kind]) =>
      ({
        span_id: id,
        parent_span_id: parent,
        name: id,
        title: id,
        kind: kind ?? "tool",
        start_offset_ns: start,
        duration_ns: end === null ? null : end - start,
        status: "unset",
        service: "",
        tokens: null,
      }) as unknown as Step,
  );
  steps.sort((a, b) => a.start_offset_ns - b.start_offset_ns);
  const t = buildStepTable({
    trace_id: "t",
    summary: { duration_ns: 0, agents: [] } as unknown as RunSummary,
    steps,
    partial: [],
  });
  return {
    stretches: Array.from(t.path.step, (s, k) => `${t.id[s]} ${t.path.from[k]}-${t.path.to[k]}`),
    on: t.id.filter((_, i) => t.path.onPath[i]),
  };
}

describe("critical path", () => {
  test("one after the other: all of them", () => {
    const { stretches } = path([
      ["run", null, 0, 30, "agent"],
      ["a", "run", 0, 10],
      ["b", "run", 10, 20],
      ["c", "run", 20, 30],
    ]);
    expect(stretches).toEqual(["a 0-10", "b 10-20", "c 20-30"]);
  });

  test("in parallel: the one that ends last, and what ended before it began", () => {
    const { stretches, on } = path([
      ["run", null, 0, 40, "agent"],
      ["plan", "run", 0, 9, "model"],
      ["short", "run", 10, 20],
      ["long", "run", 10, 35],
      ["end", "run", 35, 40],
    ]);
    expect(stretches).toEqual(["plan 0-9", "long 10-35", "end 35-40"]);
    expect(on).not.toContain("short");
  });

  test("a step that ends a moment after the next began was waited for all the same", () => {
    const { stretches } = path([
      ["run", null, 0, 50000, "agent"],
      ["short", "run", 10000, 20000],
      ["long", "run", 10000, 35010],
      ["end", "run", 35000, 50000],
    ]);
    expect(stretches).toEqual(["long 10000-35000", "end 35000-50000"]);
  });

  test("agents are walked into, tools stand for what is inside them", () => {
    const { stretches, on } = path([
      ["run", null, 0, 30, "agent"],
      ["sub", "run", 0, 20, "agent"],
      ["call", "sub", 1, 8, "model"],
      ["tool", "sub", 8, 20],
      ["http", "tool", 9, 19, "other"],
      ["after", "run", 20, 30],
    ]);
    expect(stretches).toEqual(["call 1-8", "tool 8-20", "after 20-30"]);
    expect(on).toEqual(["run", "sub", "call", "tool", "http", "after"]);
  });

  test("an agent called as a tool is walked into", () => {
    const { stretches } = path([
      ["run", null, 0, 20, "agent"],
      ["tool", "run", 0, 20, "tool"],
      ["sub", "tool", 1, 19, "agent"],
      ["call", "sub", 2, 18, "model"],
    ]);
    expect(stretches).toEqual(["call 2-18"]);
  });

  test("a child that outlives its parent is cut at the parent's end", () => {
    expect(
      path([
        ["run", null, 0, 30, "agent"],
        ["sub", "run", 0, 10, "agent"],
        ["late", "sub", 5, 25],
        ["next", "run", 10, 30],
      ]).stretches,
    ).toEqual(["late 5-10", "next 10-30"]);
  });
});

describe("critical path, at its edges", () => {
  test("no end received: reaches to the end", () => {
    expect(
      path([
        ["run", null, 0, 20, "agent"],
        ["done", "run", 0, 5],
        ["open", "run", 6, null],
      ]).stretches,
    ).toEqual(["done 0-5", "open 6-20"]);
  });

  test("instant steps in a row do not hang and are on it", () => {
    expect(
      path([
        ["run", null, 0, 10, "agent"],
        ["a", "run", 0, 10],
        ["mark", "run", 0, 0],
      ]).stretches,
    ).toEqual(["mark 0-0", "a 0-10"]);
  });

  test("nothing", () => expect(path([]).stretches).toEqual([]));
});
