// From the overview's numbers to what the three charts draw and say. No pixels here.

import type { Overview } from "../api/types.ts";
import { axisBound, clock, count, dayClock, duration, nanoToMs } from "../lib/format.ts";

export interface Series {
  name: string;
  colour: "bar-ok" | "bar-error" | "accent" | "kind-agent" | "kind-model";
  values: number[];
}

export interface TimeAxis {
  startMs: number;
  stepMs: number;
  steps: number;
}

/** A choice made on a chart: a stretch of time, on the heat map also a band of durations. */
export interface Brush {
  fromStep: number; // first and last step, both included
  toStep: number;
  fromRow: number; // rows of the heat map; -1: all
  toRow: number;
}

export function timeAxis(overview: Overview): TimeAxis {
  return {
    startMs: nanoToMs(overview.series.start_unix_nano),
    stepMs: overview.series.step_ns / 1e6,
    steps: overview.series.ok.length,
  };
}

/** "Runs per minute", or per whatever a step is. */
export function perStep(stepNs: number): string {
  const units: [number, string][] = [
    [86400e9, "day"],
    [3600e9, "hour"],
    [60e9, "minute"],
    [1e9, "second"],
  ];
  const unit = units.find(([ns]) => stepNs >= ns && stepNs % ns === 0);
  if (!unit) return duration(stepNs);
  return stepNs === unit[0] ? unit[1] : `${stepNs / unit[0]} ${unit[1]}s`;
}

/** From the bottom up: errors first, where they are seen best. */
export function runSeries(overview: Overview): Series[] {
  const { ok, error, running } = overview.series;
  const list: Series[] = [
    { name: "error", colour: "bar-error", values: error },
    { name: "ok", colour: "bar-ok", values: ok },
  ];
  if (running.some((n) => n > 0)) list.push({ name: "running", colour: "accent", values: running });
  return list;
}

export function tokenSeries(overview: Overview): Series[] {
  return [
    { name: "out", colour: "kind-model", values: overview.series.output_tokens },
    { name: "in", colour: "kind-agent", values: overview.series.input_tokens },
  ];
}

export function stackMax(series: Series[]): number {
  const steps = series[0]?.values.length ?? 0;
  let max = 0;
  for (let i = 0; i < steps; i++)
    max = Math.max(
      max,
      series.reduce((sum, s) => sum + s.values[i], 0),
    );
  return max;
}

/** Seconds matter only where a step is shorter than a minute. */
export function stepClock(axis: TimeAxis, step: number): string {
  return clock(axis.startMs + step * axis.stepMs, axis.stepMs % 60000 !== 0);
}

export function stepTexts(series: Series[], axis: TimeAxis, step: number): string {
  const said = [...series]
    .reverse()
    .map((s) => `${count(s.values[step])} ${s.name}`)
    .join(", ");
  return `${stepClock(axis, step)} · ${said}`;
}

/** Times under a chart: first, last and as many between as fit. */
export function axisLabels(axis: TimeAxis, nowMs: number, max: number): { at: number; text: string }[] {
  const parts = Math.max(1, Math.min(4, max - 1));
  const endMs = axis.startMs + axis.steps * axis.stepMs;
  const long = endMs - axis.startMs > 20 * 3600e3;
  return Array.from({ length: parts + 1 }, (_, i) => {
    const ms = axis.startMs + ((endMs - axis.startMs) * i) / parts;
    return { at: i / parts, text: long ? dayClock(ms, nowMs) : clock(ms, false) };
  });
}

export function heatMax(overview: Overview): number {
  return Math.max(0, ...overview.heatmap.counts.flat());
}

/** 1 … 6, the step of the colour scale; 0: nothing there. */
export function heatLevel(n: number, max: number): number {
  return n <= 0 ? 0 : Math.max(1, Math.ceil((6 * n) / Math.max(1, max)));
}

/** Short enough for the margin of the heat map. */
export function boundText(ns: number): string {
  return ns === 0 ? "0" : axisBound(ns);
}

export function brushCount(overview: Overview, brush: Brush): number {
  let sum = 0;
  for (let step = brush.fromStep; step <= brush.toStep; step++) {
    if (brush.fromRow === -1) {
      sum += overview.series.ok[step] + overview.series.error[step] + overview.series.running[step];
    } else {
      for (let row = brush.fromRow; row <= brush.toRow; row++) sum += overview.heatmap.counts[row]?.[step] ?? 0;
    }
  }
  return sum;
}

export function brushText(overview: Overview, brush: Brush): string {
  const axis = timeAxis(overview);
  const time = `${stepClock(axis, brush.fromStep)}–${stepClock(axis, brush.toStep + 1)}`;
  if (brush.fromRow === -1) return `${time}: ${count(brushCount(overview, brush))}`;
  const bounds = overview.heatmap.duration_bounds_ns;
  const last = brush.toRow === bounds.length - 2;
  const low = boundText(bounds[brush.fromRow]);
  const band = last ? `≥ ${low}` : `${low}–${boundText(bounds[brush.toRow + 1])}`;
  return `${time}, ${band}: ${count(brushCount(overview, brush))}`;
}

/** The brush as filters: a closed range of time and, from the heat map, bounds of duration. */
export function brushFilters(overview: Overview, brush: Brush) {
  const start = BigInt(overview.series.start_unix_nano);
  const step = BigInt(Math.round(overview.series.step_ns));
  const from = start + step * BigInt(brush.fromStep);
  const to = start + step * BigInt(brush.toStep + 1);
  const time = { from: String(from), to: String(to), live: false };
  if (brush.fromRow === -1) return time;
  const bounds = overview.heatmap.duration_bounds_ns;
  const low = bounds[brush.fromRow];
  const high = brush.toRow >= bounds.length - 2 ? null : bounds[brush.toRow + 1];
  return {
    ...time,
    duration_min: low > 0 ? nanoText(low) : null,
    duration_max: high === null ? null : nanoText(high),
  };
}

/** A bound as the filters write it, in the largest unit that is exact. */
function nanoText(ns: number): string {
  if (ns % 1e9 === 0) return `${ns / 1e9}s`;
  if (ns % 1e6 === 0) return `${ns / 1e6}ms`;
  return `${Math.round(ns)}ns`;
}
