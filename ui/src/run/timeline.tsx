// Tree and time axis as one table: each step's words and its bar share a row. Rows are virtual; the bars of the rows in
// sight lie on one canvas that scrolls with them.

import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import type { StepKind } from "../api/types.ts";
import { KIND_NAME, KindIcon } from "../frame/icons.tsx";
import { useSize } from "../lib/canvas.ts";
import { axisTime, duration } from "../lib/format.ts";
import { saveNumber, savedNumber } from "../lib/theme.ts";
import type { StepTable } from "../lib/step_table.ts";
import { Bars } from "./bars.tsx";
import { nsAt, ticks, type Scale } from "./draw.ts";
import { Minimap } from "./minimap.tsx";
import { INDENT, StepRow } from "./step_row.tsx";
import type { RunView } from "./use_run_view.ts";

const ROW = 26;
const ROW_TOUCH = 44;
const OVERSCAN = 8;
const TREE_WIDTH = 331;
const TREE_MIN = 160;
const TREE_SHARE_MAX = 0.65; // of the table: the bars keep the rest
const TREE_SHARE_NARROW = 0.62;
const WORDS_MIN = 210; // px of a row kept for its icon, words and tokens
const DRAG_MIN = 5; // px: less is a click
const LEGEND: StepKind[] = ["agent", "model", "tool", "retrieval", "handoff", "guard"];

export interface TimelineProps {
  table: StepTable;
  view: RunView;
  zoom: [number, number] | null;
  narrow: boolean;
  onZoom: (zoom: [number, number] | null) => void;
}

function Legend() {
  return (
    <div className="legend-kinds" aria-hidden="true">
      {LEGEND.map((k) => (
        <span key={k}>
          <KindIcon kind={k} />
          {KIND_NAME[k]}
        </span>
      ))}
    </div>
  );
}

/** Labels of the axis, and the time under the pointer. */
function Axis({ scale, flag }: { scale: Scale; flag: { x: number; text: string } | null }) {
  return (
    <div className="axis num" aria-hidden="true">
      {ticks(scale).map((t) => (
        <span key={t.ns} style={{ left: t.x }}>
          {t.text}
        </span>
      ))}
      {flag && <b style={{ left: Math.max(24, Math.min(scale.width - 24, flag.x)) }}>{flag.text}</b>}
    </div>
  );
}

/** The divider between tree and bars. Drag it, or move it with the arrow keys. */
function Divider({ width, max, onWidth }: { width: number; max: number; onWidth: (w: number) => void }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const set = (w: number) => {
    const next = Math.round(Math.max(TREE_MIN, Math.min(max, w)));
    onWidth(next);
    saveNumber("tree", next);
  };
  return (
    <div
      className="divider"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the tree"
      tabIndex={0}
      style={{ left: width - 4 }}
      aria-valuenow={Math.round(width)}
      aria-valuemin={TREE_MIN}
      aria-valuemax={Math.max(TREE_MIN, Math.round(max))}
      onPointerDown={(e) => {
        from.current = { x: e.clientX, width };
        e.currentTarget.setPointerCapture(e.pointerId);
      }}
      onPointerMove={(e) => from.current && set(from.current.width + e.clientX - from.current.x)}
      onPointerUp={() => {
        from.current = null;
      }}
      onKeyDown={(e) => {
        const step = e.key === "ArrowLeft" ? -16 : e.key === "ArrowRight" ? 16 : 0;
        if (step) (set(width + step), e.preventDefault(), e.stopPropagation());
      }}
    />
  );
}

/** The pointer over the bars: a line at its time, and, dragged, a stretch to zoom to. */
function usePointer(scale: Scale, treeWidth: number, onZoom: (z: [number, number]) => void) {
  const [x, setX] = useState<number | null>(null);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const from = useRef<number | null>(null);
  const dragged = useRef(false);
  const at = (e: React.PointerEvent) => e.clientX - e.currentTarget.getBoundingClientRect().left - treeWidth;
  const handlers = {
    onPointerDown: (e: React.PointerEvent) => {
      dragged.current = false;
      from.current = e.button === 0 && e.pointerType === "mouse" && at(e) > 4 ? at(e) : null;
    },
    onPointerMove: (e: React.PointerEvent) => {
      const now = at(e);
      setX(now >= 0 ? now : null);
      if (from.current === null || Math.abs(now - from.current) < DRAG_MIN) return;
      dragged.current = true;
      setDrag([Math.min(from.current, now), Math.max(from.current, now)]);
    },
    onPointerUp: () => {
      if (drag) onZoom([Math.max(0, nsAt(scale, drag[0])), nsAt(scale, drag[1])]);
      from.current = null;
      setDrag(null);
    },
    onPointerLeave: () => setX(null),
    // A drag ends in a click on some row, which was not meant.
    onClickCapture: (e: React.MouseEvent) => dragged.current && e.stopPropagation(),
  };
  const ns = x === null ? -1 : nsAt(scale, x);
  const inside = x !== null && x <= scale.width && ns >= scale.from && ns <= scale.to;
  return { flag: inside ? { x, text: axisTimeAt(ns, scale) } : null, drag, handlers };
}

/** Ctrl and wheel zoom around the pointer, Shift and wheel move. */
function useWheel(
  box: React.RefObject<HTMLDivElement | null>,
  scale: Scale,
  treeWidth: number,
  endNs: number,
  onZoom: (z: [number, number] | null) => void,
) {
  const latest = useRef({ scale, treeWidth, endNs, onZoom });
  latest.current = { scale, treeWidth, endNs, onZoom };
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const onWheel = (e: WheelEvent) => {
      if (!e.ctrlKey && !e.shiftKey) return;
      const now = latest.current;
      const length = now.scale.to - now.scale.from;
      e.preventDefault();
      const at = nsAt(now.scale, e.clientX - element.getBoundingClientRect().left - now.treeWidth);
      const factor = e.ctrlKey ? Math.exp(e.deltaY / 300) : 1;
      const next = Math.min(now.endNs, Math.max(length * factor, now.endNs * 1e-5));
      const moved = e.ctrlKey
        ? at - (at - now.scale.from) * (next / length)
        : now.scale.from + ((e.deltaX || e.deltaY) / 1000) * length;
      const from = Math.max(0, Math.min(now.endNs - next, moved));
      now.onZoom(next >= now.endNs ? null : [from, from + next]);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [box]);
}

/** The rows in sight. The one with the tab stop stays in the document even when scrolled away. */
function useRows(scroller: React.RefObject<HTMLDivElement | null>, view: RunView, rowHeight: number) {
  const { rows, active, focusSerial } = view;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    getItemKey: (r) => rows[r],
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      return active < rows.length && !seen.includes(active) ? [...seen, active] : seen;
    },
  });
  useEffect(() => virtual.measure(), [rowHeight, virtual]);
  useEffect(() => {
    if (focusSerial === 0) return;
    virtual.scrollToIndex(active, { align: "auto" });
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-row="${active}"]`)?.focus({ preventScroll: true });
    });
  }, [focusSerial, active, virtual, scroller]);
  const inView = virtual.range;
  return {
    items: virtual.getVirtualItems(),
    height: virtual.getTotalSize(),
    first: Math.max(0, (inView?.startIndex ?? 0) - OVERSCAN),
    last: Math.min(rows.length - 1, (inView?.endIndex ?? 0) + OVERSCAN),
  };
}

interface Geometry {
  scale: Scale;
  treeWidth: number;
  rowHeight: number;
}

/** Head, rows and bars: the table proper. */
function StepTree(p: TimelineProps & Geometry & { pointer: ReturnType<typeof usePointer> }) {
  const { table, view, scale, treeWidth, rowHeight } = p;
  const scroller = useRef<HTMLDivElement>(null);
  const { items, height, first, last } = useRows(scroller, view, rowHeight);
  const indentMax = Math.max(2, Math.floor((treeWidth - WORDS_MIN) / INDENT));
  return (
    <div className="steps" role="treegrid" aria-label="Steps" aria-rowcount={table.count + 1} aria-colcount={2}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="steps-head">
          <span role="columnheader" className="step-head">
            Step
          </span>
          <span role="columnheader" className="tokens-head">
            Tokens
          </span>
          <Axis scale={scale} flag={p.pointer.flag} />
        </div>
      </div>
      <div className="steps-scroll" ref={scroller} role="presentation" {...p.pointer.handlers}>
        <div role="rowgroup" className="steps-body" style={{ height }}>
          <Bars
            table={table}
            view={view}
            scale={scale}
            left={treeWidth}
            first={first}
            last={last}
            rowHeight={rowHeight}
          />
          {items.map((item) => {
            const step = view.rows[item.index];
            return (
              <StepRow
                key={item.key}
                table={table}
                step={step}
                row={item.index}
                top={item.start}
                folded={view.folded.has(step)}
                active={item.index === view.active}
                selected={step === view.selected}
                hit={view.hits?.has(step) ?? false}
                dimmed={view.hits !== null && !view.hits.has(step)}
                running={view.running}
                indentMax={indentMax}
                onPick={view.pick}
                onFocusRow={view.focusRow}
                onFold={view.foldRow}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

export function Timeline(p: TimelineProps) {
  const { table, zoom, narrow } = p;
  const { endNs } = p.view;
  const [box, size] = useSize<HTMLDivElement>();
  const [savedTree, setTree] = useState(() => savedNumber("tree", TREE_WIDTH, TREE_MIN, 1200));
  const treeWidth = Math.min(savedTree, Math.max(140, size.width * (narrow ? TREE_SHARE_NARROW : TREE_SHARE_MAX)));
  const width = Math.max(60, size.width - treeWidth);
  const from = zoom?.[0] ?? 0;
  const to = zoom?.[1] ?? endNs;
  const scale = useMemo((): Scale => ({ from, to, width }), [from, to, width]);
  const pointer = usePointer(scale, treeWidth, p.onZoom);
  useWheel(box, scale, treeWidth, endNs, p.onZoom);
  const drag = pointer.drag;
  return (
    <div className="timeline" ref={box} style={{ "--tree": `${treeWidth}px` } as React.CSSProperties}>
      <div className="minimap-row">
        <Legend />
        <Minimap table={table} endNs={endNs} zoom={zoom} onZoom={p.onZoom} />
      </div>
      <div className="steps-holder">
        {size.width > 0 && (
          <StepTree {...p} scale={scale} treeWidth={treeWidth} rowHeight={narrow ? ROW_TOUCH : ROW} pointer={pointer} />
        )}
        {pointer.flag && <i className="cursor" style={{ left: treeWidth + pointer.flag.x }} />}
        {drag && <i className="stretch" style={{ left: treeWidth + drag[0], width: drag[1] - drag[0] }} />}
        <Divider width={treeWidth} max={size.width * TREE_SHARE_MAX} onWidth={setTree} />
      </div>
    </div>
  );
}

/** A time under the pointer, as fine as a pixel is. */
function axisTimeAt(ns: number, scale: Scale): string {
  const perPixel = (scale.to - scale.from) / Math.max(1, scale.width);
  const grain = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, perPixel))));
  const rounded = Math.round(ns / grain) * grain;
  return rounded >= 60e9 ? duration(rounded) : axisTime(rounded);
}
