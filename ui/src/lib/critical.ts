// The critical path of a run: the chain of steps that its end waited for. It is found from the end backwards: of the
// children that ended before the moment looked at, the one that ended last is what the parent waited for.

import { childLists, type StepTable } from "./step_table.ts";

/** The path as stretches, and as a mark on each step. */
export interface CriticalPath {
  onPath: Uint8Array; // by step: 1 for the path's steps and for what encloses them
  step: Int32Array; // stretches of the path in order of time
  from: Float64Array; // ns after the run's start
  to: Float64Array;
}

// Who awaits a step often starts the next one a moment before the awaited span is closed, and two processes' clocks differ
// a little: a child may end this much after the moment looked at and still be what was waited for.
const OVERLAP_NS_MAX = 1e6;
const OVERLAP_SHARE_MAX = 0.01; // of the child's own duration

type Needed = Pick<StepTable, "count" | "parent" | "order" | "kind" | "start" | "duration" | "totalNs">;

// Indexes into step_table's KINDS; kept as numbers because that module imports this one.
const AGENT = 0;
const WORKFLOW = 1;
const OTHER = 8;

/**
 * A tool that makes an HTTP request is one step to whoever reads the path; an agent called as a tool is not.
 * True where a step stands for its whole subtree.
 */
function atomicSteps(t: Needed): Uint8Array {
  const structured = new Uint8Array(t.count); // has a step below it that means something
  for (let at = t.count - 1; at >= 0; at--) {
    const i = t.order[at];
    const p = t.parent[i];
    if (p !== -1 && (structured[i] || t.kind[i] !== OTHER)) structured[p] = 1;
  }
  const atomic = new Uint8Array(t.count);
  for (let i = 0; i < t.count; i++) {
    const encloses = t.kind[i] === AGENT || t.kind[i] === WORKFLOW || t.kind[i] === OTHER;
    atomic[i] = !encloses && !structured[i] ? 1 : 0;
  }
  return atomic;
}

interface Frame {
  step: number;
  cursor: number; // what ends after this is not on the path
  children: number[]; // by end, latest first
  next: number;
  first: boolean; // no child taken yet: one that outlives its parent is cut at the parent's end
}

/** Iterative: depth comes from outside. Each list of children is sorted once, so the whole is O(n log n). */
export function criticalPath(t: Needed): CriticalPath {
  const n = t.count;
  const onPath = new Uint8Array(n);
  const { offset, list } = childLists(t);
  const atomic = atomicSteps(t);
  const end = (i: number) => (Number.isNaN(t.duration[i]) ? t.totalNs : t.start[i] + t.duration[i]);
  const byEnd = (p: number) =>
    Array.from(list.subarray(offset[p], offset[p + 1])).sort((a, b) => end(b) - end(a) || t.start[b] - t.start[a]);
  const parts: { step: number; from: number; to: number }[] = [];
  // Several roots are the children of a run that is not a step itself.
  const stack: Frame[] = [{ step: -1, cursor: t.totalNs, children: byEnd(n), next: 0, first: true }];
  while (stack.length > 0) {
    const frame = stack[stack.length - 1];
    const child = frame.children[frame.next++];
    if (child === undefined) {
      stack.pop();
      continue;
    }
    const overlap = end(child) - frame.cursor;
    const waited = frame.first || overlap <= Math.min(OVERLAP_NS_MAX, OVERLAP_SHARE_MAX * (end(child) - t.start[child]));
    const childEnd = waited ? Math.min(end(child), frame.cursor) : end(child);
    if (childEnd > frame.cursor || t.start[child] >= frame.cursor) {
      // An instant step at the very cursor still belongs to the path; anything later does not.
      if (t.start[child] !== frame.cursor || childEnd !== frame.cursor) continue;
    }
    frame.first = false;
    frame.cursor = t.start[child];
    onPath[child] = 1;
    const leaf = atomic[child] || offset[child] === offset[child + 1];
    if (leaf) parts.push({ step: child, from: t.start[child], to: childEnd });
    else stack.push({ step: child, cursor: childEnd, children: byEnd(child), next: 0, first: true });
  }
  spread(t, atomic, onPath);
  parts.sort((a, b) => a.from - b.from || a.to - b.to);
  return {
    onPath,
    step: Int32Array.from(parts, (p) => p.step),
    from: Float64Array.from(parts, (p) => p.from),
    to: Float64Array.from(parts, (p) => p.to),
  };
}

/** What is inside a step that stands for its subtree shares its place on the path. */
function spread(t: Needed, atomic: Uint8Array, onPath: Uint8Array): void {
  const inside = new Uint8Array(t.count);
  for (const i of t.order) {
    const p = t.parent[i];
    if (p !== -1 && onPath[p] && (atomic[p] || inside[p])) {
      inside[i] = 1;
      onPath[i] = 1;
    }
  }
}
