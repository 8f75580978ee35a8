// Runs in words, new rows, brushes of the charts.

import { describe, expect, test } from "vitest";
import type { Overview, RunList, RunSummary } from "../api/types.ts";
import { brushFilters, brushText, heatLevel, perStep } from "./chart_model.ts";
import { durationText, shownState, tagOf } from "./run_text.ts";
import { mergeHead, type RunsState } from "./use_runs.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const NOW = 1_800_000_000_000;
const nano = (ms: number) => `${ms}000000`;

function run(id: string, startMs: number, more: Partial<RunSummary> = {}): RunSummary {
  return {
    trace_id: id,
    name: "n",
    service: "s",
    agent: null,
    task: null,
    state: "ok",
    start_unix_nano: nano(startMs),
    end_unix_nano: nano(startMs),
    duration_ns: 2.84e9,
    duration_ms: 2840,
    last_arrival_unix_nano: nano(startMs),
    current_step: null,
    error: null,
    services: [],
    agents: [],
    models: [],
    tools: [],
    environment: null,
    conversation_id: null,
    span_count: 9,
    error_count: 0,
    tokens: null,
    ...more,
  };
}

describe("a run in words", () => {
  test("running, silent, ended", () => {
    const live = run("a", NOW - 14_200, {
      state: "running",
      current_step: "query",
      last_arrival_unix_nano: nano(NOW - 2000),
    });
    expect(shownState(live, NOW)).toBe("running");
    expect(plain(durationText(live, NOW))).toBe("14.2 s");
    expect(tagOf(live, NOW)).toEqual({ text: "step 9 · query", tone: "run" });
    const silent = { ...live, last_arrival_unix_nano: nano(NOW - 9 * 60_000 - 5000) };
    expect(shownState(silent, NOW)).toBe("silent");
    expect(plain(durationText(silent, NOW))).toBe("> 2.84 s");
    expect(plain(tagOf(silent, NOW)?.text ?? "")).toBe("silent for 9 m");
    expect(shownState(run("b", 0), NOW)).toBe("ok");
  });
  test("errors name message and step", () => {
    const failed = run("a", NOW, { state: "error", error: { message: "ToolTimeout", step: "query_database" } });
    expect(tagOf(failed, NOW)?.text).toBe("ToolTimeout in query_database");
    expect(tagOf({ ...failed, error: { message: "", step: "x" } }, NOW)?.text).toBe("error in x");
  });
});

describe("new rows", () => {
  const page = (traces: RunSummary[]): RunList => ({
    traces,
    next_cursor: null,
    partial: [],
    stats: {} as RunList["stats"],
  });
  const shown: RunsState = {
    key: "k",
    rows: [run("b", 20), run("a", 10)],
    waiting: [],
    cursor: "c",
    partial: [],
    overview: null,
    loading: false,
    error: null,
    overviewError: null,
    pageError: null,
  };
  test("wait unless the list is at its top", () => {
    const head = page([run("c", 30), run("b", 20, { span_count: 12 })]);
    const away = mergeHead(shown, head, false);
    expect(away.rows.map((r) => r.trace_id)).toEqual(["b", "a"]);
    expect(away.waiting.map((r) => r.trace_id)).toEqual(["c"]);
    expect(away.rows[0].span_count).toBe(12);
    const top = mergeHead(shown, head, true);
    expect(top.rows.map((r) => r.trace_id)).toEqual(["c", "b", "a"]);
    expect(top.waiting).toEqual([]);
    expect(top.cursor).toBe("c");
  });
  test("come in by their start, newest first, ties by id", () => {
    const rows = mergeHead(shown, page([run("z", 20), run("d", 15)]), true).rows;
    expect(rows.map((r) => r.trace_id)).toEqual(["b", "z", "d", "a"]);
  });
});

describe("charts", () => {
  const overview = {
    series: {
      start_unix_nano: nano(NOW),
      step_ns: 60e9,
      ok: [3, 4, 5],
      error: [0, 1, 0],
      running: [0, 0, 1],
      input_tokens: [],
      output_tokens: [],
    },
    heatmap: {
      duration_bounds_ns: [0, 1e9, 30e9, 60e9],
      counts: [
        [1, 2, 3],
        [2, 2, 2],
        [0, 1, 1],
      ],
    },
  } as unknown as Overview;
  test("a brush becomes filters with closed bounds", () => {
    expect(brushFilters(overview, { fromStep: 1, toStep: 1, fromRow: 1, toRow: 1 })).toEqual({
      from: String(BigInt(nano(NOW)) + 60_000_000_000n),
      to: String(BigInt(nano(NOW)) + 120_000_000_000n),
      live: false,
      duration_min: "1s",
      duration_max: "30s",
    });
    const open = brushFilters(overview, { fromStep: 0, toStep: 2, fromRow: 2, toRow: 2 });
    expect(open).toMatchObject({ duration_min: "30s", duration_max: null });
    expect(brushFilters(overview, { fromStep: 0, toStep: 0, fromRow: -1, toRow: -1 })).not.toHaveProperty(
      "duration_min",
    );
  });
  test("and says how many runs it holds", () => {
    expect(brushText(overview, { fromStep: 0, toStep: 1, fromRow: 0, toRow: 1 })).toMatch(/: 7$/);
    expect(brushText(overview, { fromStep: 1, toStep: 2, fromRow: -1, toRow: -1 })).toMatch(/: 11$/);
  });
  test("levels and names", () => {
    expect([0, 1, 5, 10].map((n) => heatLevel(n, 10))).toEqual([0, 1, 3, 6]);
    expect(perStep(60e9)).toBe("minute");
    expect([120e9, 3600e9, 30e9, 172800e9].map(perStep)).toEqual(["2 minutes", "hour", "30 seconds", "2 days"]);
    expect(plain(perStep(250e6))).toBe("250 ms");
  });
});
