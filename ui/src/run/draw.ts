// Draws bars, critical path and minimap. Canvas is decoration here: everything it shows is also in the rows' labels.

import type { StepKind } from "../api/types.ts";
import { CANVAS_FONT, niceTimeStep, type Size } from "../lib/canvas.ts";
import { axisTime, duration } from "../lib/format.ts";
import { endOf, isError, kindOf, type StepTable } from "../lib/step_table.ts";
import { colours, type ColourName, type Palette } from "../lib/theme.ts";

export const PLOT_LEFT = 9;
export const PLOT_RIGHT = 56; // room for a duration after the last bar
const BAR = 12;
const MIN_BAR = 2; // px: an instant is still seen
const MINIMAP_ROWS_MAX = 3000; // more bars than that cannot be told apart in 40 px

const KIND_COLOUR: Record<StepKind, ColourName> = {
  agent: "kind-agent",
  workflow: "kind-agent",
  model: "kind-model",
  embeddings: "kind-retrieval",
  tool: "kind-tool",
  retrieval: "kind-retrieval",
  handoff: "kind-handoff",
  guard: "kind-guard",
  other: "kind-other",
};

/** Time to pixels. */
export interface Scale {
  from: number; // ns at the left edge of the plot
  to: number;
  width: number; // px of the whole canvas
}

export const xOf = (scale: Scale, ns: number): number =>
  PLOT_LEFT + ((ns - scale.from) / (scale.to - scale.from)) * (scale.width - PLOT_LEFT - PLOT_RIGHT);

export const nsAt = (scale: Scale, x: number): number =>
  scale.from + ((x - PLOT_LEFT) / Math.max(1, scale.width - PLOT_LEFT - PLOT_RIGHT)) * (scale.to - scale.from);

/** Round times, about every 84 pixels. */
export function ticks(scale: Scale): { ns: number; x: number; text: string }[] {
  const plot = scale.width - PLOT_LEFT - PLOT_RIGHT;
  const step = niceTimeStep(scale.to - scale.from, Math.max(2, Math.floor(plot / 84)));
  const out = [];
  for (let ns = Math.ceil(scale.from / step) * step; ns <= scale.to + step * 1e-6; ns += step) {
    out.push({ ns, x: xOf(scale, ns), text: axisTime(Math.round(ns)) });
  }
  return out;
}

/** All that a picture of some rows depends on. */
export interface RowsPicture {
  table: StepTable;
  rows: Int32Array; // visible steps
  first: number; // rows first … last are drawn
  last: number;
  rowHeight: number;
  scale: Scale;
  running: boolean; // a step without an end may still be going on
  endNs: number; // where the axis ends now
  showPath: boolean;
  rowOfStep: (step: number) => number; // row of a step or of what folds it away
}

/** Grid first, bars above it, the path on top. */
export function drawRows(g: CanvasRenderingContext2D, p: RowsPicture): void {
  const palette = colours();
  const height = (p.last - p.first + 1) * p.rowHeight;
  g.fillStyle = palette.border;
  for (const tick of ticks(p.scale)) g.fillRect(Math.round(tick.x), 0, 1, height);
  g.font = `11.5px ${CANVAS_FONT}`;
  g.textBaseline = "middle";
  for (let row = p.first; row <= p.last; row++) drawStep(g, p, palette, p.rows[row], (row - p.first) * p.rowHeight);
  if (p.showPath) drawPath(g, p, palette);
}

/** What stands after a bar: its duration, or that it is not known. */
export function stepTime(
  p: Pick<RowsPicture, "table" | "running" | "endNs">,
  i: number,
): { text: string; tone: ColourName } {
  const d = p.table.duration[i];
  if (!Number.isNaN(d)) return { text: duration(d), tone: isError(p.table, i) ? "error" : "text2" };
  if (p.running) return { text: `${duration(p.endNs - p.table.start[i])} …`, tone: "accent" };
  return { text: "no end", tone: "text3" };
}

/** One bar and the words after it; words go before the bar where there is no room behind. */
function drawStep(g: CanvasRenderingContext2D, p: RowsPicture, palette: Palette, i: number, top: number): void {
  const t = p.table;
  const open = Number.isNaN(t.duration[i]);
  const end = open ? p.endNs : endOf(t, i);
  const x0 = xOf(p.scale, t.start[i]);
  const x1 = Math.max(xOf(p.scale, end), x0 + MIN_BAR);
  const right = p.scale.width;
  if (x1 < 0 || x0 > right) return drawBeyond(g, palette, x1 < 0, top + p.rowHeight / 2, right);
  const y = top + (p.rowHeight - BAR) / 2;
  g.globalAlpha = p.showPath && !t.path.onPath[i] ? 0.5 : 1;
  g.save();
  g.beginPath();
  g.rect(0, top, right, p.rowHeight);
  g.clip();
  drawBar(g, palette, t, i, x0, x1, y, open);
  g.restore();
  const said = stepTime(p, i);
  const width = g.measureText(said.text).width;
  g.fillStyle = palette[said.tone];
  const after = x1 + 6;
  if (after + width <= right) g.fillText(said.text, Math.max(after, 4), y + BAR / 2 + 0.5);
  else if (x0 - 6 - width > 0) g.fillText(said.text, x0 - 6 - width, y + BAR / 2 + 0.5);
  g.globalAlpha = 1;
}

/** A step outside the zoom leaves a small arrow at the side where it is. */
function drawBeyond(g: CanvasRenderingContext2D, palette: Palette, left: boolean, y: number, right: number): void {
  g.fillStyle = palette.text3;
  const x = left ? 3 : right - 3;
  const d = left ? 4 : -4;
  g.beginPath();
  g.moveTo(x, y);
  g.lineTo(x + d, y - 3.5);
  g.lineTo(x + d, y + 3.5);
  g.fill();
}

/** The shape says the kind, the colour repeats it: line with caps, solid, outline, pale start. */
function drawBar(
  g: CanvasRenderingContext2D,
  palette: Palette,
  t: StepTable,
  i: number,
  x0: number,
  x1: number,
  y: number,
  open: boolean,
): void {
  const kind = kindOf(t, i);
  const colour = palette[KIND_COLOUR[kind]];
  if (isError(t, i)) return drawHatch(g, palette["bar-error"], x0, x1, y);
  if (open) return drawOpen(g, colour, x0, x1, y);
  g.fillStyle = colour;
  if (kind === "agent" || kind === "workflow") {
    g.fillRect(x0, y + BAR / 2 - 1.5, x1 - x0, 3);
    g.fillRect(x0, y, 1.5, BAR);
    g.fillRect(x1 - 1.5, y, 1.5, BAR);
    return;
  }
  if (kind === "other") {
    g.strokeStyle = colour;
    g.lineWidth = 1;
    g.strokeRect(x0 + 0.5, y + 1.5, Math.max(1, x1 - x0 - 1), BAR - 3);
    return;
  }
  const first = t.firstToken[i];
  const share = Number.isNaN(first) ? 0 : Math.min(1, first / Math.max(1, t.duration[i]));
  const xFirst = x0 + (x1 - x0) * share;
  const alpha = g.globalAlpha;
  if (share > 0) {
    g.globalAlpha = alpha * 0.42;
    g.fillRect(x0, y, xFirst - x0, BAR);
    g.globalAlpha = alpha;
  }
  g.fillRect(xFirst, y, x1 - xFirst, BAR);
}

/** An error is hatched whatever its kind, so that it needs no colour to be seen. */
function drawHatch(g: CanvasRenderingContext2D, colour: string, x0: number, x1: number, y: number): void {
  const alpha = g.globalAlpha;
  g.save();
  g.beginPath();
  g.rect(x0, y, x1 - x0, BAR);
  g.clip();
  g.fillStyle = colour;
  g.globalAlpha = alpha * 0.25;
  g.fillRect(x0, y, x1 - x0, BAR);
  g.globalAlpha = alpha;
  g.strokeStyle = colour;
  g.lineWidth = 2;
  g.beginPath();
  const from = Math.max(x0, -BAR) - BAR;
  const to = Math.min(x1, 10_000);
  for (let x = from - (from % 6); x < to; x += 6) {
    g.moveTo(x, y + BAR);
    g.lineTo(x + BAR, y);
  }
  g.stroke();
  g.restore();
  g.strokeStyle = colour;
  g.lineWidth = 1;
  g.strokeRect(x0 + 0.5, y + 0.5, Math.max(1, x1 - x0 - 1), BAR - 1);
}

/** No end received: solid where it begins, then stripes that promise nothing. */
function drawOpen(g: CanvasRenderingContext2D, colour: string, x0: number, x1: number, y: number): void {
  const alpha = g.globalAlpha;
  g.fillStyle = colour;
  g.fillRect(x0, y, 2, BAR);
  g.globalAlpha = alpha * 0.45;
  for (let x = Math.max(x0 + 4, -6); x < Math.min(x1, 10_000); x += 6)
    g.fillRect(x, y + 2, Math.min(3, x1 - x), BAR - 4);
  g.globalAlpha = alpha;
}

/** The white line: along the foot of each step of the path, then down to the next. */
function drawPath(g: CanvasRenderingContext2D, p: RowsPicture, palette: Palette): void {
  const { path } = p.table;
  const foot = (step: number) => (p.rowOfStep(step) - p.first) * p.rowHeight + (p.rowHeight + BAR) / 2 + 2.5;
  const low = -2 * p.rowHeight;
  const high = (p.last - p.first + 3) * p.rowHeight;
  g.strokeStyle = palette.text;
  g.lineWidth = 1.25;
  g.beginPath();
  let pen = false;
  for (let k = 0; k < path.step.length; k++) {
    const y = foot(path.step[k]);
    const next = k + 1 < path.step.length ? foot(path.step[k + 1]) : y;
    const touches = Math.max(y, next) >= low && Math.min(y, next) <= high;
    const xa = xOf(p.scale, path.from[k]);
    const xb = Math.max(xOf(p.scale, path.to[k]), xa + 1);
    if (!touches) {
      pen = false;
      continue;
    }
    if (!pen) g.moveTo(xa, y);
    else g.lineTo(xa, y);
    g.lineTo(xb, y);
    g.lineTo(xb, Math.max(low, Math.min(high, next)));
    pen = next >= low && next <= high;
  }
  g.stroke();
}

/** The whole run in 40 pixels: each row a hair, errors on top so that they are never covered. */
export function drawMinimap(g: CanvasRenderingContext2D, size: Size, table: StepTable, endNs: number): void {
  const palette = colours();
  const scale: Scale = { from: 0, to: endNs, width: size.width };
  const n = table.count;
  const pitch = (size.height - 8) / Math.max(n, 12);
  const height = Math.max(1, Math.min(3, pitch * 0.7));
  const stride = Math.max(1, Math.ceil(n / MINIMAP_ROWS_MAX));
  const errors: number[] = [];
  for (let row = 0; row < n; row++) {
    const i = table.order[row];
    if (isError(table, i)) errors.push(row);
    else if (row % stride === 0)
      hair(g, palette[KIND_COLOUR[kindOf(table, i)]], table, scale, i, 4 + row * pitch, height);
  }
  const errorStride = Math.max(1, Math.ceil(errors.length / MINIMAP_ROWS_MAX));
  for (let e = 0; e < errors.length; e += errorStride) {
    hair(g, palette["bar-error"], table, scale, table.order[errors[e]], 4 + errors[e] * pitch, Math.max(2, height));
  }
}

function hair(
  g: CanvasRenderingContext2D,
  colour: string,
  table: StepTable,
  scale: Scale,
  i: number,
  y: number,
  height: number,
): void {
  const x = xOf(scale, table.start[i]);
  g.fillStyle = colour;
  g.fillRect(x, y, Math.max(1, xOf(scale, Math.min(endOf(table, i), scale.to)) - x), height);
}
