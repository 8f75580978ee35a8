// The list itself: virtual rows of a fixed height, one tab stop, the pointer and the keys doing the same things. Under 800
// pixels each row is a card.

import { useVirtualizer, defaultRangeExtractor } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";
import type { RunSummary } from "../api/types.ts";
import { Icon, StateIcon } from "../frame/icons.tsx";
import { useNow } from "../lib/clock.ts";
import { agoShort, count, nanoToMs, UNKNOWN } from "../lib/format.ts";
import { open } from "../lib/router.ts";
import { copy } from "../lib/toast.ts";
import type { Column } from "../lib/url.ts";
import { Cell, DurationBar } from "./cells.tsx";
import { agentOf, durationText, shownState, stateWord, tagOf, taskOf } from "./run_text.ts";

const ROW = 30;
const CARD = 84; // about; cards are measured
const OVERSCAN = 8;
const NEAR_END = 30; // rows from the end at which the next page is asked for

export const HEADS: Record<Column, { label: string; width: string; right: boolean }> = {
  models: { label: "Models", width: "150px", right: false },
  duration: { label: "Duration", width: "150px", right: false },
  input: { label: "Tokens in", width: "72px", right: true },
  output: { label: "out", width: "48px", right: true },
  errors: { label: "Errors", width: "58px", right: true },
  steps: { label: "Steps", width: "58px", right: true },
  service: { label: "Service", width: "130px", right: false },
  started: { label: "Started", width: "92px", right: true },
};

export const gridColumns = (cols: Column[]): string =>
  `24px minmax(84px, 112px) minmax(140px, 1fr) ${cols.map((c) => HEADS[c].width).join(" ")}`;

export function HeadRow({ cols }: { cols: Column[] }) {
  return (
    <div role="row" aria-rowindex={1} className="runs-head" style={{ gridTemplateColumns: gridColumns(cols) }}>
      <span role="columnheader">
        <span className="offscreen">State</span>
      </span>
      <span role="columnheader">Agent</span>
      <span role="columnheader">Task</span>
      {cols.map((c) => (
        <span
          key={c}
          role="columnheader"
          className={HEADS[c].right ? "right" : c === "duration" ? "duration-head" : ""}
        >
          {HEADS[c].label}
        </span>
      ))}
    </div>
  );
}

interface RowProps {
  run: RunSummary;
  index: number;
  active: boolean;
  tabStop: boolean;
  top: number;
  cols: Column[];
  nowMs: number;
  p95: number | null;
  onActivate: (index: number) => void;
  measure?: (element: HTMLElement | null) => void; // cards differ in height
}

const Row = memo(function Row({ run, index, active, tabStop, top, cols, nowMs, p95, onActivate }: RowProps) {
  const tag = tagOf(run, nowMs);
  const task = taskOf(run);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={active}
      tabIndex={tabStop ? 0 : -1}
      data-index={index}
      className={active ? "run-row active" : "run-row"}
      style={{ transform: `translateY(${top}px)`, gridTemplateColumns: gridColumns(cols) }}
      onFocus={() => onActivate(index)}
      onClick={(e) => !e.defaultPrevented && open(`/run/${run.trace_id}`)}
    >
      <span role="gridcell" className="state">
        <StateIcon state={shownState(run, nowMs)} />
        <span className="offscreen">{stateWord(run, nowMs)}</span>
      </span>
      <span role="gridcell" className="cut" title={agentOf(run)}>
        {agentOf(run) || UNKNOWN}
      </span>
      <span role="gridcell" className="task">
        <a
          className="cut"
          href={`/run/${run.trace_id}`}
          tabIndex={-1}
          title={task}
          onClick={(e) => {
            if (e.metaKey || e.ctrlKey || e.shiftKey || e.button !== 0) e.stopPropagation();
            else (e.preventDefault(), open(`/run/${run.trace_id}`));
          }}
        >
          {task}
        </a>
        {tag && (
          <span className={`tag ${tag.tone}`} title={tag.text}>
            <span className="cut">{tag.text}</span>
          </span>
        )}
        <button
          className="iconbutton tiny rowlink"
          tabIndex={-1}
          aria-label="Copy link to this run"
          title="Copy link"
          onClick={(e) => {
            e.preventDefault();
            e.stopPropagation();
            void copy(`${window.location.origin}/run/${run.trace_id}`, "Link");
          }}
        >
          <Icon name="link" size={13} />
        </button>
      </span>
      {cols.map((c) => (
        <Cell key={c} column={c} run={run} nowMs={nowMs} p95={p95} />
      ))}
    </div>
  );
});

const Card = memo(function Card({ run, index, active, tabStop, top, nowMs, p95, onActivate, measure }: RowProps) {
  const tag = tagOf(run, nowMs);
  const running = run.state === "running";
  const startMs = nanoToMs(run.start_unix_nano);
  return (
    <div
      ref={measure}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={active}
      tabIndex={tabStop ? 0 : -1}
      data-index={index}
      className={active ? "run-card active" : "run-card"}
      style={{ transform: `translateY(${top}px)` }}
      onFocus={() => onActivate(index)}
      onClick={() => open(`/run/${run.trace_id}`)}
    >
      <div role="gridcell" className="card-grid">
        <StateIcon state={shownState(run, nowMs)} />
        <span className="offscreen">{stateWord(run, nowMs)}</span>
        <div className="card-main">
          <p className="card-task">{taskOf(run)}</p>
          {tag && (
            <span className={`tag ${tag.tone}`}>
              <span className="cut">{tag.text}</span>
            </span>
          )}
          <p className="card-line num">
            <span className="cut card-agent">{agentOf(run) || UNKNOWN}</span>
            <DurationBar run={run} nowMs={nowMs} p95={p95} />
            <span className={running ? "live" : "muted"}>{durationText(run, nowMs)}</span>
            <span className="muted">{run.tokens ? count(run.tokens.input + run.tokens.output) : UNKNOWN}</span>
            <span className={running ? "live end" : "muted end"}>{running ? "running" : agoShort(startMs, nowMs)}</span>
          </p>
        </div>
      </div>
    </div>
  );
});

interface ListProps {
  rows: RunSummary[];
  total: number | null;
  cols: Column[];
  p95: number | null;
  narrow: boolean;
  active: number;
  focusSerial: number; // grows when the keys moved the active row
  onActivate: (index: number) => void;
  onNearEnd: () => void;
  onTop: (atTop: boolean) => void;
  footer: React.ReactNode;
}

/** The rows in sight. The active row stays in the document even when scrolled away: it holds the tab stop. */
function useRows(scroller: React.RefObject<HTMLDivElement | null>, p: ListProps) {
  const { rows, narrow, active, focusSerial } = p;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? CARD : ROW),
    overscan: OVERSCAN,
    getItemKey: (i) => rows[i].trace_id,
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      const away = active >= 0 && active < rows.length && !seen.includes(active);
      return away ? [...seen, active].sort((a, b) => a - b) : seen;
    },
  });
  useEffect(() => virtual.measure(), [narrow, virtual]);
  useEffect(() => {
    if (focusSerial === 0) return;
    virtual.scrollToIndex(active, { align: "auto" });
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-index="${active}"]`)?.focus({ preventScroll: true });
    });
  }, [focusSerial, active, virtual, scroller]);
  return virtual;
}

export function RunsGrid(props: ListProps) {
  const { rows, cols, narrow, active, onActivate, onNearEnd, onTop } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const nowMs = useNow();
  const virtual = useRows(scroller, props);
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - NEAR_END) onNearEnd();
  }, [last, rows.length, onNearEnd]);
  const Item = narrow ? Card : Row;
  return (
    <div
      className="runs-grid"
      role="grid"
      aria-label="Runs"
      aria-rowcount={(props.total ?? rows.length) + 1}
      aria-colcount={cols.length + 3}
    >
      <div
        className="runs-scroll"
        ref={scroller}
        role="presentation"
        onScroll={(e) => onTop(e.currentTarget.scrollTop < ROW / 2)}
      >
        {!narrow && (
          <div className="head-holder" role="rowgroup">
            <HeadRow cols={cols} />
          </div>
        )}
        <div className="runs-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => (
            <Item
              key={item.key}
              run={rows[item.index]}
              index={item.index}
              active={item.index === active}
              top={item.start}
              tabStop={item.index === Math.min(active, rows.length - 1) || (active < 0 && item.index === 0)}
              cols={cols}
              nowMs={nowMs}
              p95={props.p95}
              onActivate={onActivate}
              measure={narrow ? virtual.measureElement : undefined}
            />
          ))}
        </div>
        {props.footer}
      </div>
    </div>
  );
}

/** The rows' outline, in their final geometry. */
export function RunsSkeleton({ cols, narrow }: { cols: Column[]; narrow: boolean }) {
  return (
    <div className="runs-grid" aria-hidden="true">
      {!narrow && <div className="runs-head ghost" style={{ gridTemplateColumns: gridColumns(cols) }} />}
      {Array.from({ length: narrow ? 8 : 20 }, (_, i) => (
        <div
          key={i}
          className={narrow ? "run-card ghost" : "run-row ghost"}
          style={{ gridTemplateColumns: gridColumns(cols) }}
        >
          <span className="skeleton round" />
          <span className="skeleton" />
          <span className="skeleton" />
        </div>
      ))}
    </div>
  );
}
