// One row of the tree: indent, fold, kind, words, tokens. The bar to its right is on the canvas behind.

import { memo } from "react";
import { Icon, KIND_NAME, KindIcon } from "../frame/icons.tsx";
import { count, duration, plural } from "../lib/format.ts";
import { hasChildren, isError, kindOf, text, type StepTable } from "../lib/step_table.ts";

export const INDENT = 16;

/** Everything the bar shows, in words. */
export function rowLabel(t: StepTable, i: number, running: boolean): string {
  const open = Number.isNaN(t.duration[i]);
  const parts = [
    `${KIND_NAME[kindOf(t, i)]} ${text(t, t.title[i])}`,
    text(t, t.detail[i]),
    `starts at ${duration(t.start[i])}`,
    open ? (running ? "running" : "no end received") : duration(t.duration[i]),
    isError(t, i) ? `error ${text(t, t.message[i])}` : "",
    t.missing[i] ? `parent ${text(t, t.missing[i])} not received` : "",
    t.path.onPath[i] ? "on critical path" : "",
  ];
  return parts.filter(Boolean).join(", ");
}

const shortParent = (id: string) => `${id.slice(0, 4)}…${id.slice(-2)}`;

interface Props {
  table: StepTable;
  step: number;
  row: number;
  top: number;
  folded: boolean;
  active: boolean;
  selected: boolean;
  hit: boolean;
  dimmed: boolean;
  running: boolean;
  indentMax: number; // levels; deeper ones are told by a number, the words must stay in sight
  onPick: (row: number) => void;
  onFocusRow: (row: number) => void;
  onFold: (step: number) => void;
}

function Fold({ folded, onFold }: { folded: boolean; onFold: () => void }) {
  const click = (event: React.MouseEvent) => {
    event.stopPropagation();
    onFold();
  };
  return (
    <button className="fold" tabIndex={-1} aria-label={folded ? "Unfold" : "Fold"} onClick={click}>
      <Icon name={folded ? "chevronRight" : "chevronDown"} size={13} />
    </button>
  );
}

/** What follows the title, dimmed; a parent that never came goes before everything else. */
function Detail({ table: t, step: i, running }: Pick<Props, "table" | "step" | "running">) {
  // In a running run the parent is simply not there yet; the header says so once.
  if (t.missing[i] > 0 && !running) {
    return <span className="step-detail cut">parent {shortParent(text(t, t.missing[i]))} not received</span>;
  }
  return t.detail[i] > 0 ? <span className="step-detail cut">{text(t, t.detail[i])}</span> : null;
}

function Words(p: Props) {
  const { table: t, step: i } = p;
  const kind = kindOf(t, i);
  const depth = t.depth[i];
  const strong = kind === "agent" || kind === "workflow";
  return (
    <div role="gridcell" className="step-cell">
      <span className="indent" style={{ width: Math.min(depth, p.indentMax) * INDENT }} />
      {hasChildren(t, i) ? <Fold folded={p.folded} onFold={() => p.onFold(i)} /> : <span className="fold" />}
      {depth > p.indentMax && (
        <span className="tag num" title={`level ${depth + 1}`}>
          {depth + 1}
        </span>
      )}
      <KindIcon kind={kind} />
      <span className={strong ? "step-title strong" : "step-title"}>{text(t, t.title[i])}</span>
      {p.folded && <span className="tag num">{plural(t.size[i] - 1, "step")}</span>}
      <Detail table={t} step={i} running={p.running} />
      <span className="grow" />
      {t.conflicting[i] === 1 && (
        <span className="tag warning" title="Copies of this span with different content were received">
          copies differ
        </span>
      )}
      {isError(t, i) && <Icon name="error" size={14} className="bad" />}
    </div>
  );
}

export const StepRow = memo(function StepRow(p: Props) {
  const { table: t, step: i } = p;
  const marks = [
    "step-row",
    p.active && "active",
    p.selected && "selected",
    p.hit && "hit",
    p.dimmed && "dimmed",
    isError(t, i) && "bad-step",
  ];
  return (
    <div
      role="row"
      aria-level={t.depth[i] + 1}
      aria-rowindex={p.row + 2}
      aria-expanded={hasChildren(t, i) ? !p.folded : undefined}
      aria-selected={p.selected}
      aria-label={rowLabel(t, i, p.running)}
      tabIndex={p.active ? 0 : -1}
      data-row={p.row}
      className={marks.filter(Boolean).join(" ")}
      style={{ transform: `translateY(${p.top}px)` }}
      onFocus={() => p.onFocusRow(p.row)}
      onClick={() => p.onPick(p.row)}
    >
      <Words {...p} />
      <div role="gridcell" className="tokens-cell num">
        {Number.isNaN(t.tokens[i]) ? "" : count(t.tokens[i])}
      </div>
    </div>
  );
});
