// Addresses are written, read back and their faults named.

import { describe, expect, test } from "vitest";
import {
  apiParams,
  defaultRunsQuery,
  formatRunsUrl,
  formatRunUrl,
  parsePath,
  parseRunsUrl,
  parseRunUrl,
  permanentRunsUrl,
  timeMs,
} from "./url.ts";

const TRACE = "8f3c2a910d5be7714c02aa19e4b6d07e";

describe("runs", () => {
  test("an empty address is the last hour, live", () => {
    const { query, problems } = parseRunsUrl("");
    expect(query).toMatchObject({ from: "now-1h", to: null, live: true });
    expect(problems).toEqual([]);
    expect(formatRunsUrl(query)).toBe("/runs");
  });

  test("what is written is read back", () => {
    const full = {
      ...defaultRunsQuery(),
      from: "1795268000000000000",
      to: "1795271600000000000",
      live: false,
      state: ["error", "running"],
      agent: ["a&b", "c=d"],
      attr: ["http.url=http://x/?a=b", "k="],
      duration_min: "250ms",
      duration_max: "2s",
      trace_id: TRACE,
      name: ["GET /"],
      kind: ["client"],
      cols: ["duration" as const, "started" as const],
    };
    const { query, problems } = parseRunsUrl(formatRunsUrl(full).slice("/runs".length));
    expect(problems).toEqual([]);
    expect(query).toEqual(full);
  });

  test("repeated values are one", () =>
    expect(parseRunsUrl("?agent=a&agent=a&agent=b").query.agent).toEqual(["a", "b"]));

  test.each([
    ["?from=yesterday", "from “yesterday”"],
    ["?state=eror", "running, ok, error"],
    ["?kind=x", "kind “x”"],
    ["?attr=novalue", "key=value"],
    ["?duration_min=2", "duration"],
    ["?trace_id=abc", "32 hex"],
    ["?colour=red", "“colour” is not a parameter"],
    ["?live=yes", "live"],
    ["?cols=duration,price", "column “price”"],
    ["?sort=slowest", "sort"],
    ["?to=now-1y", "to “now-1y”"],
  ])("%s is named", (search, said) => {
    const { problems } = parseRunsUrl(search);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(said);
  });
});

describe("runs, live and in time", () => {
  test("a fixed end is not live unless the address says so", () => {
    expect(parseRunsUrl("?from=1&to=2").query.live).toBe(false);
    expect(parseRunsUrl("?live=0").query.live).toBe(false);
  });

  test("the API is asked in hours, without what concerns only the page", () => {
    const { query } = parseRunsUrl("?from=now-7d&agent=a&cols=duration&live=0");
    expect(apiParams(query).toString()).toBe("agent=a&from=now-168h");
  });

  test("a copied link is absolute unless live", () => {
    const live = defaultRunsQuery();
    expect(permanentRunsUrl(live, 1e12)).toBe("/runs");
    const still = { ...live, live: false };
    expect(permanentRunsUrl(still, 1_000_000_000_000)).toBe("/runs?from=999996400000000000&to=1000000000000000000");
  });

  test("times", () => {
    expect(timeMs("now-15m", 1_000_000_000)).toBe(1_000_000_000 - 900_000);
    expect(timeMs("1795271467042000000", 0)).toBe(1795271467042);
  });
});

describe("run", () => {
  test("what is written is read back", () => {
    const query = {
      tab: "timeline",
      step: "00f067aa0ba902b7",
      zoom: [1000, 250000] as [number, number],
      q: "time out",
    };
    expect(parseRunUrl(formatRunUrl(TRACE, query).split("?")[1])).toEqual({ query, problems: [] });
    expect(formatRunUrl(TRACE, {})).toBe(`/run/${TRACE}`);
  });
  test.each(["?step=xyz", "?zoom=5-2", "?zoom=a", "?tab=graph", "?x=1"])("%s is named", (search) => {
    expect(parseRunUrl(search).problems).toHaveLength(1);
  });
});

test("paths", () => {
  expect(parsePath("/")).toEqual({ view: "runs" });
  expect(parsePath(`/run/${TRACE.toUpperCase()}`)).toEqual({ view: "run", traceId: TRACE });
  expect(parsePath("/run/12")).toEqual({ view: "unknown", path: "/run/12" });
  expect(parsePath(`/run/${"0".repeat(32)}`).view).toBe("unknown");
});
