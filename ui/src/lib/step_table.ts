// A run's steps as columns: one typed array per property instead of one object per step. 30,000 steps are built in a
// worker and handed to the page without copying. Order, depth and subtree sizes are computed here, once.

import type { RunSummary, Step, StepKind, StepList, StatusCode } from "../api/types.ts";
import { clip } from "./format.ts";
import { criticalPath, type CriticalPath } from "./critical.ts";

export const KINDS: StepKind[] = [
  "agent",
  "workflow",
  "model",
  "embeddings",
  "tool",
  "retrieval",
  "handoff",
  "guard",
  "other",
];
const STATUSES: StatusCode[] = ["unset", "ok", "error"];
export const ERROR = STATUSES.indexOf("error");
export const OTHER = KINDS.indexOf("other");
export const AGENT = KINDS.indexOf("agent");
export const WORKFLOW = KINDS.indexOf("workflow");
export const MODEL = KINDS.indexOf("model");
export const TOOL = KINDS.indexOf("tool");

/** Invariant: all per-step arrays have `count` elements; a step is its index in them. */
export interface StepTable {
  traceId: string;
  summary: RunSummary;
  partial: string[];
  count: number;
  id: string[];
  strings: string[]; // dictionary of the text columns; [0] is ""
  title: Int32Array;
  detail: Int32Array;
  service: Int32Array;
  agent: Int32Array;
  model: Int32Array;
  message: Int32Array; // status message
  missing: Int32Array; // parent's id where the parent was not received, else 0
  kind: Uint8Array; // index into KINDS
  status: Uint8Array;
  conflicting: Uint8Array;
  start: Float64Array; // ns after the run's start
  duration: Float64Array; // NaN: no end received
  firstToken: Float64Array; // NaN: not known
  tokens: Float64Array; // input + output of the subtree, each call once; NaN: not known
  events: Int32Array;
  parent: Int32Array; // -1: at the root
  depth: Int32Array;
  size: Int32Array; // steps in the subtree, itself included
  order: Int32Array; // tree order (children by start) → step
  rank: Int32Array; // step → place in tree order
  path: CriticalPath;
  totalNs: number; // length of the time axis
}

/** Texts are kept once and cut to what a row can show; an index stands for each. The panel has them whole. */
class Dictionary {
  readonly strings: string[] = [""];
  private readonly index = new Map<string, number>([["", 0]]);

  add(text: string | null): number {
    if (!text) return 0;
    const line = clip(text);
    let at = this.index.get(line);
    if (at === undefined) {
      at = this.strings.length;
      this.strings.push(line);
      this.index.set(line, at);
    }
    return at;
  }
}

/** Requires: steps come by start, as the API promises. */
export function buildStepTable(list: StepList): StepTable {
  const steps = list.steps;
  const n = steps.length;
  const words = new Dictionary();
  const table: StepTable = {
    traceId: list.trace_id,
    summary: list.summary,
    partial: list.partial.map((p) => p.reason),
    count: n,
    id: steps.map((s) => s.span_id),
    strings: words.strings,
    title: Int32Array.from(steps, (s) => words.add(s.title || s.name)),
    detail: Int32Array.from(steps, (s) => words.add(detailOf(s.detail))),
    service: Int32Array.from(steps, (s) => words.add(s.service)),
    agent: Int32Array.from(steps, (s) => words.add(s.agent)),
    model: Int32Array.from(steps, (s) => words.add(s.model)),
    message: Int32Array.from(steps, (s) => words.add(s.status_message)),
    missing: new Int32Array(n),
    kind: Uint8Array.from(steps, (s) => Math.max(0, KINDS.indexOf(s.kind))),
    status: Uint8Array.from(steps, (s) => Math.max(0, STATUSES.indexOf(s.status))),
    conflicting: Uint8Array.from(steps, (s) => (s.conflicting ? 1 : 0)),
    start: Float64Array.from(steps, (s) => s.start_offset_ns),
    duration: Float64Array.from(steps, (s) => s.duration_ns ?? NaN),
    firstToken: Float64Array.from(steps, (s) => s.first_token_ns ?? NaN),
    tokens: new Float64Array(n),
    events: Int32Array.from(steps, (s) => s.event_count),
    parent: new Int32Array(n).fill(-1),
    depth: new Int32Array(n),
    size: new Int32Array(n).fill(1),
    order: new Int32Array(n),
    rank: new Int32Array(n),
    path: { onPath: new Uint8Array(n), step: new Int32Array(0), from: new Float64Array(0), to: new Float64Array(0) },
    totalNs: axisLength(list),
  };
  link(table, steps, words);
  arrange(table);
  sumTokens(table, steps);
  table.path = criticalPath(table);
  return table;
}

/**
 * What a row says after its title. A tool's arguments come as JSON, cut short; to a reader their first text says more than
 * braces and quotes.
 */
export function detailOf(detail: string | null): string | null {
  const found = detail ? /^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*"((?:[^"\\]|\\.)+)/.exec(detail) : null;
  if (!found) return detail;
  return found[1].replace(/\\(?:[nrt])/g, " ").replace(/\\(["\\/])/g, "$1");
}

/** The axis ends where the last thing known ends; never at zero. */
function axisLength(list: StepList): number {
  let end = list.summary.duration_ns;
  for (const s of list.steps) end = Math.max(end, s.start_offset_ns + (s.duration_ns ?? 0));
  return Math.max(end, 1);
}

/** Parents by id. A parent that was not received leaves the step at the root, and is named there. */
function link(table: StepTable, steps: Step[], words: Dictionary): void {
  const byId = new Map<string, number>();
  for (let i = 0; i < steps.length; i++) if (!byId.has(steps[i].span_id)) byId.set(steps[i].span_id, i);
  for (let i = 0; i < steps.length; i++) {
    const parentId = steps[i].parent_span_id;
    if (!parentId) continue;
    const parent = byId.get(parentId);
    if (parent === undefined) table.missing[i] = words.add(parentId);
    else if (parent !== i) table.parent[i] = parent;
  }
  breakCycles(table);
}

/** Telemetry may claim that a step is its own ancestor. The earliest step of such a ring becomes a root. */
function breakCycles(table: StepTable): void {
  const state = new Uint8Array(table.count); // 0 not seen, 1 on this walk, 2 leads to a root
  for (let i = 0; i < table.count; i++) {
    const walk: number[] = [];
    let at = i;
    while (at !== -1 && state[at] === 0) {
      state[at] = 1;
      walk.push(at);
      at = table.parent[at];
    }
    if (at !== -1 && state[at] === 1) {
      const ring = walk.slice(walk.indexOf(at));
      table.parent[ring.reduce((a, b) => Math.min(a, b))] = -1;
    }
    for (const step of walk) state[step] = 2;
  }
}

/** Children of all steps in two arrays: those of `p` are list[offset[p] … offset[p + 1]], by start; roots at p = n. */
export function childLists(table: Pick<StepTable, "count" | "parent">): { offset: Int32Array; list: Int32Array } {
  const n = table.count;
  const offset = new Int32Array(n + 2);
  const slot = (i: number) => (table.parent[i] === -1 ? n : table.parent[i]);
  for (let i = 0; i < n; i++) offset[slot(i) + 1]++;
  for (let p = 0; p <= n; p++) offset[p + 1] += offset[p];
  const next = offset.slice();
  const list = new Int32Array(n);
  for (let i = 0; i < n; i++) list[next[slot(i)]++] = i; // steps come by start
  return { offset, list };
}

/** Tree order, depth and sizes, without recursion: a hostile run may be 10,000 deep. */
function arrange(table: StepTable): void {
  const n = table.count;
  const { offset, list } = childLists(table);
  const stack: number[] = [];
  for (let c = offset[n + 1] - 1; c >= offset[n]; c--) stack.push(list[c]);
  let place = 0;
  while (stack.length > 0) {
    const i = stack.pop() as number;
    table.order[place] = i;
    table.rank[i] = place++;
    if (table.parent[i] !== -1) table.depth[i] = table.depth[table.parent[i]] + 1;
    for (let c = offset[i + 1] - 1; c >= offset[i]; c--) stack.push(list[c]);
  }
  for (let at = n - 1; at >= 0; at--) {
    const i = table.order[at];
    if (table.parent[i] !== -1) table.size[table.parent[i]] += table.size[i];
  }
}

/** Some libraries report the same call on a wrapper and on the call inside it: the inner one counts. */
function sumTokens(table: StepTable, steps: Step[]): void {
  const below = new Float64Array(table.count).fill(NaN);
  for (let at = table.count - 1; at >= 0; at--) {
    const i = table.order[at];
    const own = steps[i].tokens;
    const mine = own ? own.input + own.output : NaN;
    table.tokens[i] = Number.isNaN(below[i]) ? mine : below[i];
    const p = table.parent[i];
    if (p !== -1 && !Number.isNaN(table.tokens[i])) {
      below[p] = (Number.isNaN(below[p]) ? 0 : below[p]) + table.tokens[i];
    }
  }
}

/** Steps to show, in tree order, when those in `folded` hide their children. */
export function visibleRows(table: StepTable, folded: ReadonlySet<number>): Int32Array {
  if (folded.size === 0) return table.order;
  const rows: number[] = [];
  for (let at = 0; at < table.count;) {
    const i = table.order[at];
    rows.push(i);
    at += folded.has(i) ? table.size[i] : 1;
  }
  return Int32Array.from(rows);
}

export const text = (table: StepTable, at: number): string => table.strings[at];
export const kindOf = (table: StepTable, i: number): StepKind => KINDS[table.kind[i]];
export const hasChildren = (table: StepTable, i: number): boolean => table.size[i] > 1;
export const isError = (table: StepTable, i: number): boolean => table.status[i] === ERROR;

/** Where a step ends on the axis; one without an end reaches to what is known last. */
export function endOf(table: StepTable, i: number): number {
  const d = table.duration[i];
  return Number.isNaN(d) ? table.totalNs : table.start[i] + d;
}

/** Numbers for the header: "10 model calls, 9 tools, 4 agents". */
export function kindCounts(table: StepTable): { model: number; tool: number; agents: number } {
  let model = 0;
  let tool = 0;
  for (let i = 0; i < table.count; i++) {
    if (table.kind[i] === MODEL) model++;
    else if (table.kind[i] === TOOL) tool++;
  }
  return { model, tool, agents: table.summary.agents.length };
}

/** Steps whose title, detail, agent, model, service or message contains the words. In tree order. */
export function searchSteps(table: StepTable, query: string): number[] {
  const needle = query.trim().toLowerCase();
  if (needle === "") return [];
  // Why a table of hits: texts repeat, so each distinct text is looked at once.
  const hit = table.strings.map((s) => s.toLowerCase().includes(needle));
  const found: number[] = [];
  for (const i of table.order) {
    const match =
      hit[table.title[i]] ||
      hit[table.detail[i]] ||
      hit[table.agent[i]] ||
      hit[table.model[i]] ||
      hit[table.service[i]] ||
      hit[table.message[i]] ||
      table.id[i].startsWith(needle);
    if (match) found.push(i);
  }
  return found;
}
