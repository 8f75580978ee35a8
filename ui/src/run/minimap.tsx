// The minimap: the whole run above the bars, with a window that can be dragged, resized or drawn anew.

import { useRef } from "react";
import { useDrawing, useSize } from "../lib/canvas.ts";
import type { StepTable } from "../lib/step_table.ts";
import { drawMinimap, nsAt, xOf, type Scale } from "./draw.ts";

const GRIP = 8; // px around an edge that take hold of it
const NARROWEST = 1e-4; // of the run

type Grip = { mode: "left" | "right" | "move" | "new"; at: number; zoom: [number, number] };

interface Props {
  table: StepTable;
  endNs: number;
  zoom: [number, number] | null;
  onZoom: (zoom: [number, number] | null) => void;
}

export function Minimap({ table, endNs, zoom, onZoom }: Props) {
  const [box, size] = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const grip = useRef<Grip | null>(null);
  const scale: Scale = { from: 0, to: endNs, width: size.width };
  useDrawing(canvas, size, (g) => drawMinimap(g, size, table, endNs), [table, endNs]);
  const shown = zoom ?? [0, endNs];
  const left = xOf(scale, shown[0]);
  const right = xOf(scale, shown[1]);
  const xIn = (e: React.PointerEvent) => e.clientX - e.currentTarget.getBoundingClientRect().left;
  const clamp = (ns: number) => Math.max(0, Math.min(endNs, ns));
  const set = (a: number, b: number) => {
    const [from, to] = [clamp(Math.min(a, b)), clamp(Math.max(a, b))];
    if (to - from < endNs * NARROWEST) return;
    onZoom(from <= 0 && to >= endNs ? null : [from, to]);
  };
  const onDown = (e: React.PointerEvent<HTMLDivElement>) => {
    const x = xIn(e);
    e.currentTarget.setPointerCapture(e.pointerId);
    const mode =
      Math.abs(x - left) < GRIP
        ? "left"
        : Math.abs(x - right) < GRIP
          ? "right"
          : zoom && x > left && x < right
            ? "move"
            : "new";
    grip.current = { mode, at: nsAt(scale, x), zoom: [...shown] as [number, number] };
  };
  const onMove = (e: React.PointerEvent<HTMLDivElement>) => {
    const held = grip.current;
    if (!held) return;
    const ns = nsAt(scale, xIn(e));
    if (held.mode === "left") set(ns, held.zoom[1]);
    else if (held.mode === "right") set(held.zoom[0], ns);
    else if (held.mode === "new") set(held.at, ns);
    else {
      const length = held.zoom[1] - held.zoom[0];
      const from = Math.max(0, Math.min(endNs - length, held.zoom[0] + ns - held.at));
      set(from, from + length);
    }
  };
  return (
    <div
      className="minimap"
      ref={box}
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={() => {
        grip.current = null;
      }}
      onDoubleClick={() => onZoom(null)}
      title="Drag to zoom, double-click for the whole run"
    >
      <canvas ref={canvas} role="img" aria-label="The whole run, small" />
      {zoom && <i className="veil" style={{ left: 0, width: Math.max(0, left) }} />}
      {zoom && <i className="veil" style={{ left: right, right: 0 }} />}
      <i className="window" style={{ left, width: Math.max(2, right - left) }} />
      <i className="handle" style={{ left: left - 3 }} />
      <i className="handle" style={{ left: right - 3 }} />
    </div>
  );
}
