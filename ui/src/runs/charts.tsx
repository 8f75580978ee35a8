// The strip above the list: runs per step of time, tokens, and durations as a heat map. A stretch drawn with the pointer
// becomes filters. The canvases are decoration; "as table" gives the same numbers to everybody.

import { useRef, useState, type ReactNode } from "react";
import type { Overview } from "../api/types.ts";
import { Icon } from "../frame/icons.tsx";
import { CANVAS_FONT, niceStep, useDrawing, useSize, type Size } from "../lib/canvas.ts";
import { axisCount, count, percent, plural } from "../lib/format.ts";
import { useKeys } from "../lib/keys.ts";
import { serverNow } from "../lib/status.ts";
import { colours, type ColourName } from "../lib/theme.ts";
import {
  axisLabels,
  boundText,
  brushText,
  heatLevel,
  heatMax,
  perStep,
  runSeries,
  stackMax,
  stepTexts,
  timeAxis,
  tokenSeries,
  type Brush,
  type Series,
  type TimeAxis,
} from "./chart_model.ts";

const LEFT = 34; // room for the labels of the value axis
const HEAT_LEFT = 40;
const AXIS = 18; // room for the labels of the time axis
const TOP = 5;

interface ChartProps {
  overview: Overview;
  brush: Brush | null;
  onBrush: (brush: Brush | null) => void;
}

function drawTimeLabels(g: CanvasRenderingContext2D, size: Size, left: number, axis: TimeAxis): void {
  const palette = colours();
  g.font = `11px ${CANVAS_FONT}`;
  g.fillStyle = palette.text3;
  g.textBaseline = "alphabetic";
  const width = size.width - left;
  for (const { at, text } of axisLabels(axis, serverNow(), Math.floor(width / 78))) {
    const w = g.measureText(text).width;
    g.fillText(text, Math.min(Math.max(left, left + at * width - w / 2), size.width - w), size.height - 3);
  }
}

/** Bars over a grid of round values. */
function drawStack(g: CanvasRenderingContext2D, size: Size, series: Series[], axis: TimeAxis): void {
  const palette = colours();
  const max = Math.max(1, stackMax(series));
  const step = Math.max(1, niceStep(max, 3));
  const top = Math.ceil(max / step) * step;
  const plot = size.height - AXIS - TOP;
  const y = (v: number) => TOP + plot - (v / top) * plot;
  g.font = `11px ${CANVAS_FONT}`;
  g.textBaseline = "middle";
  for (let v = 0; v <= top; v += step) {
    g.fillStyle = palette.border;
    g.fillRect(LEFT, Math.round(y(v)), size.width - LEFT, 1);
    g.fillStyle = palette.text3;
    const text = axisCount(v);
    g.fillText(text, LEFT - 6 - g.measureText(text).width, y(v));
  }
  const pitch = (size.width - LEFT) / axis.steps;
  const gap = pitch >= 4 ? 1 : 0;
  for (let i = 0; i < axis.steps; i++) {
    let below = 0;
    for (const s of series) {
      const value = s.values[i];
      if (value <= 0) continue;
      // A single error among thousands is still drawn two pixels high: it is what one looks for.
      const height = Math.max(y(below) - y(below + value), s.colour === "bar-error" ? 2 : 1);
      g.fillStyle = palette[s.colour];
      g.fillRect(LEFT + i * pitch, y(below) - height, pitch - gap, height);
      below += value;
    }
  }
  drawTimeLabels(g, size, LEFT, axis);
}

/** One cell a step and band; nothing drawn where nothing was. */
function drawHeat(g: CanvasRenderingContext2D, size: Size, overview: Overview): void {
  const palette = colours();
  const { counts, duration_bounds_ns: bounds } = overview.heatmap;
  const axis = timeAxis(overview);
  const plot = size.height - AXIS - TOP;
  const rowHeight = plot / Math.max(1, counts.length);
  const pitch = (size.width - HEAT_LEFT) / axis.steps;
  const max = heatMax(overview);
  counts.forEach((row, r) => {
    const y = TOP + plot - (r + 1) * rowHeight;
    row.forEach((n, i) => {
      const level = heatLevel(n, max);
      if (level === 0) return;
      g.fillStyle = palette[`heat-${level}` as ColourName];
      g.fillRect(HEAT_LEFT + i * pitch, y, pitch - 1, rowHeight - 1);
    });
  });
  g.fillStyle = palette.border;
  g.fillRect(HEAT_LEFT, TOP + plot, size.width - HEAT_LEFT, 1);
  g.font = `11px ${CANVAS_FONT}`;
  g.fillStyle = palette.text3;
  g.textBaseline = "middle";
  const every = Math.max(1, Math.ceil(15 / rowHeight));
  for (let r = 0; r < bounds.length; r += every) {
    const text = boundText(bounds[r]);
    g.fillText(text, HEAT_LEFT - 6 - g.measureText(text).width, Math.max(7, TOP + plot - r * rowHeight));
  }
  drawTimeLabels(g, size, HEAT_LEFT, axis);
}

interface PlotProps extends ChartProps {
  left: number;
  rows: number; // 0: the brush chooses time only
  label: string;
  draw: (g: CanvasRenderingContext2D, size: Size) => void;
  onHover: (step: number | null) => void;
}

/** The canvas with the pointer's work on it: hovering a step, drawing a brush. */
function Plot({ overview, brush, onBrush, left, rows, label, draw, onHover }: PlotProps) {
  const [box, size] = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const from = useRef<{ step: number; row: number } | null>(null);
  const axis = timeAxis(overview);
  useDrawing(canvas, size, (g) => draw(g, size), [overview]);
  const plot = size.height - AXIS - TOP;
  const cell = (event: React.PointerEvent) => {
    const rect = event.currentTarget.getBoundingClientRect();
    const step = Math.floor(((event.clientX - rect.left - left) / (size.width - left)) * axis.steps);
    const row = Math.floor(((TOP + plot - (event.clientY - rect.top)) / plot) * rows);
    return { step: Math.max(0, Math.min(axis.steps - 1, step)), row: Math.max(0, Math.min(rows - 1, row)) };
  };
  const stretch = (a: { step: number; row: number }, b: { step: number; row: number }): Brush => ({
    fromStep: Math.min(a.step, b.step),
    toStep: Math.max(a.step, b.step),
    fromRow: rows ? Math.min(a.row, b.row) : -1,
    toRow: rows ? Math.max(a.row, b.row) : -1,
  });
  const onMove = (event: React.PointerEvent) => {
    const at = cell(event);
    onHover(at.step);
    if (from.current) onBrush(stretch(from.current, at));
  };
  const pitch = (size.width - left) / axis.steps;
  const mine = brush && (brush.fromRow === -1) === (rows === 0);
  return (
    <div
      className="plot"
      ref={box}
      onPointerDown={(e) => {
        from.current = cell(e);
        e.currentTarget.setPointerCapture(e.pointerId);
        onBrush(null);
      }}
      onPointerMove={onMove}
      onPointerUp={() => {
        from.current = null;
      }}
      onPointerLeave={() => onHover(null)}
    >
      <canvas ref={canvas} role="img" aria-label={label} />
      {mine && (
        <div
          className="brush"
          style={{
            left: left + brush.fromStep * pitch,
            width: (brush.toStep - brush.fromStep + 1) * pitch,
            top: rows ? TOP + plot - ((brush.toRow + 1) / rows) * plot : TOP,
            height: rows ? ((brush.toRow - brush.fromRow + 1) / rows) * plot : plot,
          }}
        />
      )}
    </div>
  );
}

function Legend({ series }: { series: Series[] }) {
  return (
    <span className="legend">
      {[...series].reverse().map((s) => (
        <span key={s.name}>
          <i className={`swatch ${s.colour}`} />
          {s.name}
        </span>
      ))}
    </span>
  );
}

interface CardProps {
  title: string;
  aside: ReactNode;
  table: () => { head: string[]; rows: string[][] };
  children: ReactNode;
}

/** One chart with its heading, and its numbers as a table on demand. */
function Card({ title, aside, table, children }: CardProps) {
  const [asTable, setAsTable] = useState(false);
  return (
    <section className="chart" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside}
        <button
          className="iconbutton tiny astable"
          aria-pressed={asTable}
          aria-label={`${title}: as table`}
          title="as table"
          onClick={() => setAsTable(!asTable)}
        >
          <Icon name="table" size={13} />
        </button>
      </header>
      {asTable ? <NumberTable {...table()} /> : children}
    </section>
  );
}

/** Focusable, so that it can be scrolled by keys. */
function NumberTable({ head, rows }: { head: string[]; rows: string[][] }) {
  return (
    <div className="numbers" tabIndex={0} role="region" aria-label={head.join(", ")}>
      <table className="num">
        <thead>
          <tr>
            {head.map((h) => (
              <th key={h} scope="col">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r[0]}>
              {r.map((c, i) => (
                <td key={i}>{c}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function seriesTable(series: Series[], axis: TimeAxis) {
  const shown = [...series].reverse();
  const rows = Array.from({ length: axis.steps }, (_, i) => [
    axisLabels({ ...axis, startMs: axis.startMs + i * axis.stepMs }, serverNow(), 2)[0].text,
    ...shown.map((s) => count(s.values[i])),
  ]);
  return { head: ["from", ...shown.map((s) => s.name)], rows };
}

function StackChart(props: ChartProps & { title: string; series: Series[] }) {
  const { overview, title, series, brush } = props;
  const [hover, setHover] = useState<number | null>(null);
  const axis = timeAxis(overview);
  const aside =
    hover !== null && hover < axis.steps && !brush ? (
      <span className="reading num">{stepTexts(series, axis, hover)}</span>
    ) : (
      <Legend series={series} />
    );
  return (
    <Card title={title} aside={aside} table={() => seriesTable(series, axis)}>
      <Plot
        {...props}
        left={LEFT}
        rows={0}
        label={`${title}, bars over time`}
        onHover={setHover}
        draw={(g, size) => drawStack(g, size, series, axis)}
      />
    </Card>
  );
}

function heatTable(overview: Overview) {
  const axis = timeAxis(overview);
  const bounds = overview.heatmap.duration_bounds_ns;
  const head = ["from", ...overview.heatmap.counts.map((_, r) => `≥ ${boundText(bounds[r])}`)];
  const rows = Array.from({ length: axis.steps }, (_, i) => [
    axisLabels({ ...axis, startMs: axis.startMs + i * axis.stepMs }, serverNow(), 2)[0].text,
    ...overview.heatmap.counts.map((row) => count(row[i])),
  ]);
  return { head, rows };
}

function HeatChart(props: ChartProps & { onApply: () => void }) {
  const { overview, brush, onApply } = props;
  const max = heatMax(overview);
  const scale = (
    <span className="legend scale num">
      1
      {[1, 2, 3, 4, 5, 6].map((n) => (
        <i key={n} className={`heat h${n}`} />
      ))}
      {plural(Math.max(1, max), "run")}
    </span>
  );
  const chosen = brush && (
    <button className="linkish num brushed" onClick={onApply}>
      {brushText(overview, brush)} <kbd>Enter</kbd>
    </button>
  );
  return (
    <Card
      title="Duration"
      aside={
        <>
          {scale}
          {chosen}
        </>
      }
      table={() => heatTable(overview)}
    >
      <Plot
        {...props}
        left={HEAT_LEFT}
        rows={overview.heatmap.counts.length}
        label="Durations of runs over time, heat map"
        onHover={() => undefined}
        draw={(g, size) => drawHeat(g, size, overview)}
      />
    </Card>
  );
}

export function Charts(props: ChartProps & { onApply: () => void }) {
  const { overview, brush, onBrush, onApply } = props;
  useKeys(
    brush
      ? [
          { keys: ["Enter"], label: "take the marked part of a chart", group: "Charts", run: onApply },
          { keys: ["Escape"], label: "drop the mark", group: "Charts", run: () => onBrush(null) },
        ]
      : [],
  );
  const tokens = overview.tokens;
  const title =
    tokens && tokens.input > 0
      ? `Tokens${tokens.cached_input > 0 ? `, ${percent(tokens.cached_input / tokens.input)} cached` : ""}`
      : "Tokens";
  return (
    <div className="charts">
      <StackChart {...props} title={`Runs per ${perStep(overview.series.step_ns)}`} series={runSeries(overview)} />
      <StackChart {...props} title={title} series={tokenSeries(overview)} />
      <HeatChart {...props} />
    </div>
  );
}

/** The strip in its final shape while numbers are on their way. */
export function ChartsSkeleton() {
  return (
    <div className="charts" aria-hidden="true">
      {[0, 1, 2].map((i) => (
        <div className="chart" key={i}>
          <header>
            <span className="skeleton w120" />
          </header>
          <div className="plot" />
        </div>
      ))}
    </div>
  );
}
