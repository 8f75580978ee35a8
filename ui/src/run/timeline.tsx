// Tree and time axis as one table: each step's words and its bar share a row. Rows are virtual; the bars of the rows in
// sight lie on one canvas that scrolls with them.

import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { KIND_NAME, KindIcon } from "../frame/icons.tsx";
import { prepare, useSize } from "../lib/canvas.ts";
import { axisTime, duration } from "../lib/format.ts";
import { saveNumber, savedNumber, usePainted } from "../lib/theme.ts";
import type { StepKind } from "../api/types.ts";
import type { StepTable } from "../lib/step_table.ts";
import { drawRows, nsAt, ticks, type Scale } from "./draw.ts";
import { Minimap } from "./minimap.tsx";
import { INDENT, StepRow } from "./step_row.tsx";

const ROW = 26;
const ROW_TOUCH = 44;
const OVERSCAN = 8;
const TREE_WIDTH = 331;
const WORDS_MIN = 210; // px of a row kept for its icon, words and tokens
const DRAG_MIN = 5; // px: less is a click
const LEGEND: StepKind[] = ["agent", "model", "tool", "retrieval", "handoff", "guard"];

export interface TimelineProps {
  table: StepTable;
  rows: Int32Array;
  folded: ReadonlySet<number>;
  active: number; // row with the tab stop
  selected: number; // step of the panel, -1: none
  hits: ReadonlySet<number> | null; // steps that the search found
  zoom: [number, number] | null;
  endNs: number;
  running: boolean;
  showPath: boolean;
  narrow: boolean;
  focusSerial: number;
  onPick: (row: number) => void;
  onFocusRow: (row: number) => void;
  onFold: (step: number) => void;
  onZoom: (zoom: [number, number] | null) => void;
}

/** The row of each step, or of the fold that hides it. Built when the rows change, asked for while drawing. */
function useRowOfStep(table: StepTable, rows: Int32Array): (step: number) => number {
  return useMemo(() => {
    const at = new Int32Array(table.count).fill(-1);
    for (let r = 0; r < rows.length; r++) at[rows[r]] = r;
    return (step: number) => {
      let i = step;
      while (i !== -1 && at[i] === -1) i = table.parent[i];
      return i === -1 ? 0 : at[i];
    };
  }, [table, rows]);
}

function Legend() {
  return (
    <div className="legend-kinds" aria-hidden="true">
      {LEGEND.map((k) => <span key={k}><KindIcon kind={k} />{KIND_NAME[k]}</span>)}
    </div>
  );
}

function Axis({ scale, flag }: { scale: Scale; flag: { x: number; text: string } | null }) {
  return (
    <div className="axis num" aria-hidden="true">
      {ticks(scale).map((t) => <span key={t.ns} style={{ left: t.x }}>{t.text}</span>)}
      {flag && <b style={{ left: Math.max(24, Math.min(scale.width - 24, flag.x)) }}>{flag.text}</b>}
    </div>
  );
}

/** The divider between tree and bars. Drag it, or move it with the arrow keys. */
function Divider({ width, max, onWidth }: { width: number; max: number; onWidth: (w: number) => void }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const set = (w: number) => {
    const next = Math.round(Math.max(160, Math.min(max, w)));
    onWidth(next);
    saveNumber("tree", next);
  };
  return (
    <div className="divider" role="separator" aria-orientation="vertical" aria-label="Width of the tree" tabIndex={0} style={{ left: width - 4 }}
      aria-valuenow={Math.round(width)} aria-valuemin={160} aria-valuemax={Math.max(160, Math.round(max))}
      onPointerDown={(e) => { from.current = { x: e.clientX, width }; e.currentTarget.setPointerCapture(e.pointerId); }}
      onPointerMove={(e) => from.current && set(from.current.width + e.clientX - from.current.x)}
      onPointerUp={() => { from.current = null; }}
      onKeyDown={(e) => {
        const step = e.key === "ArrowLeft" ? -16 : e.key === "ArrowRight" ? 16 : 0;
        if (step) set(width + step), e.preventDefault(), e.stopPropagation();
      }} />
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
  return { x, drag, handlers };
}

/** Ctrl and wheel zoom around the pointer, Shift and wheel move. */
function useWheel(
  box: React.RefObject<HTMLDivElement | null>, scale: Scale, treeWidth: number, endNs: number,
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
      const moved = e.ctrlKey ? at - (at - now.scale.from) * (next / length) : now.scale.from + ((e.deltaX || e.deltaY) / 1000) * length;
      const from = Math.max(0, Math.min(now.endNs - next, moved));
      now.onZoom(next >= now.endNs ? null : [from, from + next]);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [box]);
}

export function Timeline(p: TimelineProps) {
  const { table, rows, narrow } = p;
  const [box, size] = useSize<HTMLDivElement>();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [savedTree, setTree] = useState(() => savedNumber("tree", TREE_WIDTH, 160, 1200));
  const painted = usePainted();
  const rowHeight = narrow ? ROW_TOUCH : ROW;
  const treeWidth = Math.min(savedTree, Math.max(140, size.width * (narrow ? 0.62 : 0.65)));
  const plotWidth = Math.max(60, size.width - treeWidth);
  const scale: Scale = { from: p.zoom?.[0] ?? 0, to: p.zoom?.[1] ?? p.endNs, width: plotWidth };
  const rowOfStep = useRowOfStep(table, rows);
  const indentMax = Math.max(2, Math.floor((treeWidth - WORDS_MIN) / INDENT));
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    getItemKey: (r) => rows[r],
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      return p.active >= 0 && p.active < rows.length && !seen.includes(p.active) ? [...seen, p.active] : seen;
    },
  });
  useEffect(() => virtual.measure(), [rowHeight, virtual]);
  useEffect(() => {
    if (p.focusSerial === 0) return;
    virtual.scrollToIndex(p.active, { align: "auto" });
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-row="${p.active}"]`)?.focus({ preventScroll: true });
    });
  }, [p.focusSerial, p.active, virtual]);
  const items = virtual.getVirtualItems();
  const inView = virtual.range;
  const first = Math.max(0, (inView?.startIndex ?? 0) - OVERSCAN);
  const last = Math.min(rows.length - 1, (inView?.endIndex ?? 0) + OVERSCAN);
  useEffect(() => {
    if (!canvas.current || last < first || size.width === 0) return;
    const g = prepare(canvas.current, { width: plotWidth, height: (last - first + 1) * rowHeight });
    if (!g) return;
    drawRows(g, {
      table, rows, first, last, rowHeight, scale, running: p.running, endNs: p.endNs, showPath: p.showPath, rowOfStep,
    });
    // Everything the picture depends on; `scale` is made of zoom, endNs and plotWidth.
  }, [table, rows, first, last, rowHeight, plotWidth, p.zoom, p.endNs, p.running, p.showPath, rowOfStep, painted, size.width]);
  const pointer = usePointer(scale, treeWidth, p.onZoom);
  useWheel(box, scale, treeWidth, p.endNs, p.onZoom);
  const inside = pointer.x !== null && pointer.x <= plotWidth;
  const flagNs = inside ? nsAt(scale, pointer.x as number) : 0;
  const flag = inside && flagNs >= scale.from && flagNs <= scale.to ? { x: pointer.x as number, text: axisTimeAt(flagNs, scale) } : null;
  return (
    <div className="timeline" ref={box} style={{ "--tree": `${treeWidth}px` } as React.CSSProperties}>
      <div className="minimap-row"><Legend /><Minimap table={table} endNs={p.endNs} zoom={p.zoom} onZoom={p.onZoom} /></div>
      <div className="steps-holder">
      <div className="steps" role="treegrid" aria-label="Steps" aria-rowcount={table.count + 1} aria-colcount={2}>
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className="steps-head">
            <span role="columnheader" className="step-head">Step</span>
            <span role="columnheader" className="tokens-head">Tokens</span>
            <Axis scale={scale} flag={flag} />
          </div>
        </div>
        <div className="steps-scroll" ref={scroller} role="presentation" {...pointer.handlers}>
          <div role="rowgroup" className="steps-body" style={{ height: virtual.getTotalSize() }}>
            <canvas ref={canvas} className="bars" aria-hidden="true" style={{
              top: first * rowHeight, left: treeWidth, width: plotWidth, height: Math.max(0, last - first + 1) * rowHeight,
            }} />
            {items.map((item) => {
              const step = rows[item.index];
              return (
                <StepRow key={item.key} table={table} step={step} row={item.index} top={item.start} folded={p.folded.has(step)}
                  active={item.index === p.active} selected={step === p.selected} hit={p.hits?.has(step) ?? false}
                  dimmed={p.hits !== null && !p.hits.has(step)} running={p.running} indentMax={indentMax}
                  onPick={p.onPick} onFocusRow={p.onFocusRow} onFold={p.onFold} />
              );
            })}
          </div>
        </div>
      </div>
        {flag && <i className="cursor" style={{ left: treeWidth + flag.x }} />}
        {pointer.drag && <i className="stretch" style={{ left: treeWidth + pointer.drag[0], width: pointer.drag[1] - pointer.drag[0] }} />}
        <Divider width={treeWidth} max={size.width * 0.65} onWidth={setTree} />
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

