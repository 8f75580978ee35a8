// Answers of the mock server: filters, overview, lists. Plain scans; the real server has its own tests.

import type {
  AnyValue,
  AttributeList,
  AttributeScope,
  AttributeValues,
  FacetValue,
  KeyValue,
  Overview,
  RunSummary,
  Span,
  ValueType,
} from "../src/api/types.ts";
import { plainValue } from "../src/lib/any_value.ts";
import type { MockRun } from "./run_builder.ts";

export class BadRequest extends Error {
  readonly parameter: string;
  constructor(parameter: string, message: string) {
    super(message);
    this.parameter = parameter;
  }
}

const STATS = { segments: 1, segments_opened: 1, blocks_read: 1, rows_read: 1, elapsed_us: 100 };

function time(params: URLSearchParams, key: string, fallback: bigint, now: bigint): bigint {
  const text = params.get(key);
  if (text === null) return fallback;
  const relative = /^now(?:-(\d+)([smh]))?$/.exec(text);
  if (relative) return now - BigInt(Number(relative[1] ?? 0) * { s: 1, m: 60, h: 3600 }[relative[2] ?? "s"]! * 1e9);
  if (!/^\d+$/.test(text)) throw new BadRequest(key, `${key}: expected Unix nanoseconds or now-1h`);
  return BigInt(text);
}

function durationNs(params: URLSearchParams, key: string): number | null {
  const text = params.get(key);
  if (text === null) return null;
  const found = /^([\d.]+)(ns|us|ms|s|m|h)$/.exec(text);
  if (!found) throw new BadRequest(key, `${key}: expected a duration such as 250ms or 2s`);
  return Number(found[1]) * { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }[found[2] as "ns"];
}

type Test = (run: MockRun) => boolean;

function listTest(params: URLSearchParams, key: string, values: (run: MockRun) => string[]): Test | null {
  const wanted = params.getAll(key);
  return wanted.length ? (run) => values(run).some((v) => wanted.includes(v)) : null;
}

const asText = (v: AnyValue) => String(plainValue(v));

function attributeTest(params: URLSearchParams): Test | null {
  const wanted = params.getAll("attr").map((a) => {
    if (!a.includes("=")) throw new BadRequest("attr", "attr: expected key=value");
    return [a.slice(0, a.indexOf("=")), a.slice(a.indexOf("=") + 1)];
  });
  if (!wanted.length) return null;
  const has = (list: KeyValue[], [key, value]: string[]) =>
    list.some((p) => p.key === key && asText(p.value) === value);
  return (run) => run.spans.some((s) => wanted.every((w) => has(s.attributes, w) || has(s.resource.attributes, w)));
}

const FACETS: Record<string, (s: RunSummary) => string[]> = {
  state: (s) => [s.state],
  agent: (s) => s.agents,
  model: (s) => s.models,
  tool: (s) => s.tools,
  service: (s) => s.services,
  environment: (s) => (s.environment ? [s.environment] : []),
};

/** All tests of a question, by parameter, so that a facet can leave out its own. */
function testsOf(params: URLSearchParams, now: bigint): Map<string, Test> {
  const tests = new Map<string, Test>();
  const put = (key: string, test: Test | null) => test && tests.set(key, test);
  for (const key of Object.keys(FACETS))
    put(
      key,
      listTest(params, key, (r) => FACETS[key](r.summary)),
    );
  put(
    "name",
    listTest(params, "name", (r) => r.spans.map((s) => s.name)),
  );
  put(
    "kind",
    listTest(params, "kind", (r) => r.spans.map((s) => s.kind)),
  );
  put(
    "trace_id",
    listTest(params, "trace_id", (r) => [r.summary.trace_id]),
  );
  put("attr", attributeTest(params));
  const min = durationNs(params, "duration_min");
  const max = durationNs(params, "duration_max");
  if (min !== null) put("duration_min", (r) => r.summary.duration_ns >= min);
  if (max !== null) put("duration_max", (r) => r.summary.duration_ns <= max);
  const from = time(params, "from", 0n, now);
  const to = time(params, "to", now, now);
  put("time", (r) => BigInt(r.summary.start_unix_nano) <= to && BigInt(r.summary.end_unix_nano) >= from);
  return tests;
}

export function findRuns(runs: MockRun[], params: URLSearchParams, now: bigint, without = ""): MockRun[] {
  const tests = [...testsOf(params, now)].filter(([key]) => key !== without).map(([, test]) => test);
  return runs.filter((run) => tests.every((test) => test(run)));
}

function counted(runs: MockRun[], values: (s: RunSummary) => string[]): FacetValue[] {
  const counts = new Map<string, number>();
  for (const run of runs) for (const v of new Set(values(run.summary))) counts.set(v, (counts.get(v) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, 20);
}

const BOUNDS = [0, 0.3e9, 1e9, 3e9, 10e9, 30e9, 100e9, 300e9];

export function overview(runs: MockRun[], params: URLSearchParams, now: bigint): Overview {
  const found = findRuns(runs, params, now);
  const from = time(params, "from", now - 3600_000_000_000n, now);
  const to = time(params, "to", now, now);
  const steps = Number(params.get("steps") ?? 60);
  const step = Math.max(1, Number(to - from) / steps);
  const zeros = () => new Array<number>(steps).fill(0);
  const series = { ok: zeros(), error: zeros(), running: zeros(), input_tokens: zeros(), output_tokens: zeros() };
  const counts = BOUNDS.slice(1).map(zeros);
  for (const { summary: s } of found) {
    const at = Math.floor(Number(BigInt(s.start_unix_nano) - from) / step);
    if (at < 0 || at >= steps) continue;
    series[s.state][at]++;
    series.input_tokens[at] += s.tokens?.input ?? 0;
    series.output_tokens[at] += s.tokens?.output ?? 0;
    counts[
      Math.max(
        0,
        Math.min(
          BOUNDS.length - 2,
          BOUNDS.findLastIndex((b) => s.duration_ns >= b),
        ),
      )
    ][at]++;
  }
  const durations = found.map((r) => r.summary.duration_ns).sort((a, b) => a - b);
  const spent = found.flatMap((r) => r.summary.tokens ?? []);
  const sum = (f: (t: (typeof spent)[0]) => number) => spent.reduce((n, t) => n + f(t), 0);
  const facets = Object.fromEntries(
    Object.entries(FACETS).map(([key, values]) => [key, counted(findRuns(runs, params, now, key), values)]),
  );
  return {
    total: found.length,
    running: found.filter((r) => r.summary.state === "running").length,
    errors: found.filter((r) => r.summary.error_count > 0).length,
    tokens: spent.length
      ? {
          input: sum((t) => t.input),
          output: sum((t) => t.output),
          cached_input: sum((t) => t.cached_input),
          reasoning: sum((t) => t.reasoning),
        }
      : null,
    duration_p95_ns: durations.length ? durations[Math.floor(durations.length * 0.95)] : null,
    facets: facets as Overview["facets"],
    series: { start_unix_nano: String(from), step_ns: step, ...series },
    heatmap: { duration_bounds_ns: BOUNDS, counts },
    partial: [],
    stats: STATS,
  };
}

export function list(runs: MockRun[], params: URLSearchParams, now: bigint) {
  const sort = params.get("sort");
  if (sort !== null && sort !== "newest") throw new BadRequest("sort", "sort: expected newest");
  const limit = Math.min(1000, Number(params.get("limit") ?? 100));
  const after = params.get("cursor");
  let found = findRuns(runs, params, now);
  if (after) found = found.slice(found.findIndex((r) => r.summary.trace_id === after) + 1);
  const page = found.slice(0, limit);
  return {
    traces: page.map((r) => r.summary),
    next_cursor: found.length > limit ? page[page.length - 1].summary.trace_id : null,
    partial: [],
    stats: STATS,
  };
}

const inScope: Record<AttributeScope, (s: Span) => KeyValue[]> = {
  span: (s) => s.attributes,
  resource: (s) => s.resource.attributes,
  scope: (s) => s.scope.attributes,
  event: (s) => s.events.flatMap((e) => e.attributes),
  link: (s) => s.links.flatMap((l) => l.attributes),
};

const typeOf = (v: AnyValue): ValueType => {
  const key = Object.keys(v)[0] ?? "";
  const types: Record<string, ValueType> = {
    stringValue: "string",
    intValue: "int",
    doubleValue: "double",
    boolValue: "bool",
    arrayValue: "array",
    kvlistValue: "map",
    bytesValue: "bytes",
  };
  return types[key] ?? "empty";
};

export function attributes(runs: MockRun[], params: URLSearchParams): AttributeList {
  const scopes = params.has("scope")
    ? [params.get("scope") as AttributeScope]
    : (Object.keys(inScope) as AttributeScope[]);
  const out: AttributeList["attributes"] = [];
  for (const scope of scopes) {
    const types = new Map<string, Set<ValueType>>();
    for (const run of runs) {
      if (run.spans.length > 1000) continue;
      for (const span of run.spans) {
        for (const { key, value } of inScope[scope](span))
          types.set(key, (types.get(key) ?? new Set<ValueType>()).add(typeOf(value)));
      }
    }
    for (const [key, set] of types) out.push({ scope, key, types: [...set] });
  }
  return { attributes: out };
}

export function attributeValues(runs: MockRun[], params: URLSearchParams): AttributeValues {
  const scope = (params.get("scope") ?? "span") as AttributeScope;
  const key = params.get("key");
  if (!inScope[scope]) throw new BadRequest("scope", "scope: expected span, resource, scope, event or link");
  const counts = new Map<string, { value: AnyValue; count: number }>();
  for (const run of runs) {
    if (run.spans.length > 1000) continue;
    for (const span of run.spans) {
      for (const pair of inScope[scope](span)) {
        if (pair.key !== key) continue;
        const text = JSON.stringify(pair.value);
        const known = counts.get(text) ?? { value: pair.value, count: 0 };
        known.count++;
        counts.set(text, known);
      }
    }
  }
  const limit = Number(params.get("limit") ?? 100);
  const sorted = [...counts.values()].sort((a, b) => b.count - a.count);
  return { values: sorted.slice(0, limit), truncated: sorted.length > limit };
}
