// The address of a view is its whole state: reload restores it, a copied link shows the same to somebody else.
// What cannot be understood is named to the reader, never silently dropped.

/** What narrows the list; the names are those of the API. */
export interface Filters {
  state: string[];
  agent: string[];
  model: string[];
  tool: string[];
  service: string[];
  environment: string[];
  name: string[];
  kind: string[];
  attr: string[]; // "key=value", all on one span
  duration_min: string | null; // "250ms", "2s"
  duration_max: string | null;
  trace_id: string | null;
}

export const LIST_KEYS = ["state", "agent", "model", "tool", "service", "environment", "name", "kind", "attr"] as const;
export const FACET_KEYS = ["state", "agent", "model", "tool", "service", "environment"] as const;
export type ListKey = (typeof LIST_KEYS)[number];
export type FacetKey = (typeof FACET_KEYS)[number];
export const COLUMNS = ["models", "duration", "input", "output", "errors", "steps", "service", "started"] as const;
export type Column = (typeof COLUMNS)[number];
export const DEFAULT_COLUMNS: Column[] = ["models", "duration", "input", "output", "errors", "started"];

/** Everything the address of the list holds. */
export interface RunsQuery extends Filters {
  from: string; // "now-1h" or Unix nanoseconds
  to: string | null; // null: until now
  live: boolean;
  cols: Column[];
  peek: string | null; // trace id whose details stand beside the list
}

/** Everything the address of a run holds. */
export interface RunQuery {
  tab: string;
  step: string | null; // span id of the selected step
  zoom: [number, number] | null; // ns from the run's start
  q: string; // search in this run
}

export interface Parsed<T> {
  query: T;
  problems: string[]; // one sentence for each parameter that could not be used
}

export const DEFAULT_FROM = "now-1h";
const STATES = ["running", "ok", "error"];
const KINDS = ["internal", "server", "client", "producer", "consumer", "unspecified"];

export function emptyFilters(): Filters {
  return {
    state: [],
    agent: [],
    model: [],
    tool: [],
    service: [],
    environment: [],
    name: [],
    kind: [],
    attr: [],
    duration_min: null,
    duration_max: null,
    trace_id: null,
  };
}

export function defaultRunsQuery(): RunsQuery {
  return { ...emptyFilters(), from: DEFAULT_FROM, to: null, live: true, cols: DEFAULT_COLUMNS, peek: null };
}

export function isTime(text: string): boolean {
  return /^now(-\d{1,6}[smhd])?$/.test(text) || /^\d{1,19}$/.test(text);
}

export function isDuration(text: string): boolean {
  return /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w))+$/.test(text);
}

/** All zero is no id, says OpenTelemetry. */
export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text) && !/^0+$/.test(text);
}

export function isSpanId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

/** Says what is wrong with one value of a filter, or null. */
function listProblem(key: ListKey, value: string): string | null {
  if (key === "state" && !STATES.includes(value)) return `state “${value}” is none of ${STATES.join(", ")}`;
  if (key === "kind" && !KINDS.includes(value)) return `kind “${value}” is none of ${KINDS.join(", ")}`;
  if (key === "attr" && !/^[^=]+=/.test(value)) return `attr “${value}” is not key=value`;
  return null;
}

/** What is missing takes its default; what is wrong is named and takes its default too. */
export function parseRunsUrl(search: string): Parsed<RunsQuery> {
  const query = defaultRunsQuery();
  const problems: string[] = [];
  query.cols = [...DEFAULT_COLUMNS];
  let liveSaid = false;
  for (const [key, value] of new URLSearchParams(search)) {
    if ((LIST_KEYS as readonly string[]).includes(key)) {
      const problem = listProblem(key as ListKey, value);
      if (problem) problems.push(problem);
      else if (!query[key as ListKey].includes(value)) query[key as ListKey].push(value);
    } else if (key === "from" || key === "to") {
      if (isTime(value)) query[key] = value;
      else problems.push(`${key} “${value}” is neither now-1h nor Unix nanoseconds`);
    } else if (key === "duration_min" || key === "duration_max") {
      if (isDuration(value)) query[key] = value;
      else problems.push(`${key} “${value}” is not a duration such as 250ms or 2s`);
    } else if (key === "trace_id" || key === "peek") {
      if (isTraceId(value)) query[key] = value;
      else problems.push(`${key} “${value}” is not 32 hex digits`);
    } else if (key === "live") {
      liveSaid = true;
      if (value === "0" || value === "1") query.live = value === "1";
      else problems.push(`live “${value}” is neither 0 nor 1`);
    } else if (key === "cols") {
      query.cols = parseColumns(value, problems);
    } else if (key === "sort") {
      if (value !== "newest") problems.push(`sort “${value}” is not known; newest first is shown`);
    } else {
      problems.push(`“${key}” is not a parameter of this page`);
    }
  }
  // A fixed end is a picture of the past: nothing new can come into it.
  if (query.to !== null && !liveSaid) query.live = false;
  return { query, problems };
}

function parseColumns(value: string, problems: string[]): Column[] {
  const known: Column[] = [];
  for (const name of value.split(",").filter(Boolean)) {
    if ((COLUMNS as readonly string[]).includes(name)) known.push(name as Column);
    else problems.push(`column “${name}” is not known`);
  }
  return COLUMNS.filter((c) => known.includes(c));
}

/** The filters alone, in the API's own parameter names. */
export function filterParams(filters: Filters): URLSearchParams {
  const out = new URLSearchParams();
  for (const key of LIST_KEYS) for (const value of filters[key]) out.append(key, value);
  if (filters.duration_min) out.set("duration_min", filters.duration_min);
  if (filters.duration_max) out.set("duration_max", filters.duration_max);
  if (filters.trace_id) out.set("trace_id", filters.trace_id);
  return out;
}

/** Defaults are left out: the shortest address that restores the view. */
export function formatRunsUrl(query: RunsQuery): string {
  const out = new URLSearchParams();
  if (query.from !== DEFAULT_FROM || query.to !== null) out.set("from", query.from);
  if (query.to !== null) out.set("to", query.to);
  for (const [key, value] of filterParams(query)) out.append(key, value);
  if (query.cols.join() !== DEFAULT_COLUMNS.join()) out.set("cols", query.cols.join(","));
  if (query.live !== (query.to === null)) out.set("live", query.live ? "1" : "0");
  if (query.peek) out.set("peek", query.peek);
  const text = out.toString();
  return "/runs" + (text ? "?" + text : "");
}

/** The parameters that the API is asked with. A day is 24 hours there. */
export function apiParams(query: RunsQuery): URLSearchParams {
  const out = filterParams(query);
  out.set("from", inHours(query.from));
  if (query.to !== null) out.set("to", inHours(query.to));
  return out;
}

/** The page offers days, which the reader counts in; the API is asked in hours. */
function inHours(time: string): string {
  const days = /^now-(\d+)d$/.exec(time);
  return days ? `now-${Number(days[1]) * 24}h` : time;
}

/** A time of the URL as Unix milliseconds. Requires: isTime(text). */
export function timeMs(text: string, nowMs: number): number {
  const relative = /^now(?:-(\d+)([smhd]))?$/.exec(text);
  if (!relative) return Number(BigInt(text) / 1_000_000n);
  const unit = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 }[relative[2] ?? "s"] ?? 0;
  return nowMs - Number(relative[1] ?? 0) * unit;
}

/** Milliseconds → the URL's Unix nanoseconds. */
export function msToNano(ms: number): string {
  return String(BigInt(Math.round(ms)) * 1_000_000n);
}

/** The link that shows somebody else the same: relative times become absolute unless the view is live. */
export function permanentRunsUrl(query: RunsQuery, nowMs: number): string {
  if (query.live) return formatRunsUrl(query);
  const to = msToNano(timeMs(query.to ?? "now", nowMs));
  return formatRunsUrl({ ...query, from: msToNano(timeMs(query.from, nowMs)), to });
}

const TABS = ["timeline"];

export function parseRunUrl(search: string): Parsed<RunQuery> {
  const query: RunQuery = { tab: "timeline", step: null, zoom: null, q: "" };
  const problems: string[] = [];
  for (const [key, value] of new URLSearchParams(search)) {
    if (key === "tab") {
      if (TABS.includes(value)) query.tab = value;
      else problems.push(`tab “${value}” is not known; the timeline is shown`);
    } else if (key === "step") {
      if (isSpanId(value)) query.step = value;
      else problems.push(`step “${value}” is not 16 hex digits`);
    } else if (key === "zoom") {
      const found = /^(\d{1,18})-(\d{1,18})$/.exec(value);
      if (found && Number(found[1]) < Number(found[2])) query.zoom = [Number(found[1]), Number(found[2])];
      else problems.push(`zoom “${value}” is not from-to in nanoseconds after the run's start`);
    } else if (key === "q") {
      query.q = value;
    } else {
      problems.push(`“${key}” is not a parameter of this page`);
    }
  }
  return { query, problems };
}

export function formatRunUrl(traceId: string, query: Partial<RunQuery>): string {
  const out = new URLSearchParams();
  if (query.tab && query.tab !== "timeline") out.set("tab", query.tab);
  if (query.step) out.set("step", query.step);
  if (query.zoom) out.set("zoom", `${Math.round(query.zoom[0])}-${Math.round(query.zoom[1])}`);
  if (query.q) out.set("q", query.q);
  const text = out.toString();
  return `/run/${traceId}` + (text ? "?" + text : "");
}

export type Route = { view: "runs" } | { view: "run"; traceId: string } | { view: "unknown"; path: string };

export function parsePath(path: string): Route {
  if (path === "/" || path === "/runs" || path === "/runs/") return { view: "runs" };
  const run = /^\/run\/([^/]+)\/?$/.exec(path);
  if (run) {
    const id = run[1].toLowerCase();
    if (isTraceId(id)) return { view: "run", traceId: id };
  }
  return { view: "unknown", path };
}
