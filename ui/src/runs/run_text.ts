// How one run is put into words: its state now, its duration, why it failed. Used by rows, cards and the run's header.

import type { RunSummary } from "../api/types.ts";
import { clip, duration, nanoToMs } from "../lib/format.ts";

const SILENT_AFTER_MS = 60_000;

export type ShownState = RunSummary["state"] | "silent";

/** A run that should go on but sends nothing for a minute is silent: it may have died without an end. */
export function shownState(run: RunSummary, nowMs: number): ShownState {
  if (run.state !== "running") return run.state;
  return nowMs - nanoToMs(run.last_arrival_unix_nano) > SILENT_AFTER_MS ? "silent" : "running";
}

/** Elapsed while running; at least what was seen when silent; else what was measured. */
export function durationNs(run: RunSummary, nowMs: number): number {
  if (shownState(run, nowMs) !== "running") return run.duration_ns;
  return Math.max(run.duration_ns, (nowMs - nanoToMs(run.start_unix_nano)) * 1e6);
}

/** A silent run took at least what was seen of it. */
export function durationText(run: RunSummary, nowMs: number): string {
  const text = duration(durationNs(run, nowMs));
  return shownState(run, nowMs) === "silent" ? `> ${text}` : text;
}

export interface RunTag {
  text: string;
  tone: "run" | "error" | "warning";
}

/** The word beside the task: the step it is at, the silence, the reason of an error. */
export function tagOf(run: RunSummary, nowMs: number): RunTag | null {
  const state = shownState(run, nowMs);
  if (state === "silent") {
    const quiet = (nowMs - nanoToMs(run.last_arrival_unix_nano)) * 1e6;
    return {
      text: `silent for ${duration(Math.floor(quiet / 60e9) * 60e9).replace(/\u00a000\u00a0s$/, "")}`,
      tone: "warning",
    };
  }
  if (state === "running") {
    return run.current_step ? { text: `step ${run.span_count} · ${clip(run.current_step)}`, tone: "run" } : null;
  }
  if (state === "error" && run.error) {
    const { message, step } = run.error;
    return { text: message ? `${clip(message)} in ${clip(step)}` : `error in ${clip(step)}`, tone: "error" };
  }
  return null;
}

export const taskOf = (run: RunSummary): string => clip(run.task ?? run.name);
export const agentOf = (run: RunSummary): string => clip(run.agent ?? run.service);

const STATE_WORD: Record<ShownState, string> = {
  running: "running",
  ok: "ok",
  error: "error",
  silent: "running, silent",
};

export const stateWord = (run: RunSummary, nowMs: number): string => STATE_WORD[shownState(run, nowMs)];
