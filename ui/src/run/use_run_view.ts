// What is looked at in a run: the active row, the opened step, search, errors, zoom; and everything one can do about it. The
// address holds what another reader should see; the rest lives here.

import { useCallback, useEffect, useMemo, useState } from "react";
import { useNow } from "../lib/clock.ts";
import { nanoToMs } from "../lib/format.ts";
import { replace } from "../lib/router.ts";
import { isError, MODEL, searchSteps, visibleRows, type StepTable } from "../lib/step_table.ts";
import { formatRunUrl, type RunQuery } from "../lib/url.ts";
import { shownState } from "../runs/run_text.ts";
import { useFolding } from "./use_folding.ts";

const ZOOM_MARGIN = 0.08; // of a step's length, kept on either side when zooming to it
const ZOOM_MIN = 1e-5; // of the run

/** The axis of a running run ends now. */
function useEnd(table: StepTable): { endNs: number; running: boolean } {
  const nowMs = useNow();
  const run = table.summary;
  const running = shownState(run, nowMs) === "running";
  const elapsed = (nowMs - nanoToMs(run.start_unix_nano)) * 1e6;
  return { endNs: running ? Math.max(table.totalNs, elapsed) : table.totalNs, running };
}

/** The next of `list` after (or before) the place `here` in tree order, around the end. */
export function nextAmong(table: StepTable, list: number[], here: number, step: 1 | -1): number | null {
  if (list.length === 0) return null;
  const ranks = list.map((i) => table.rank[i]);
  const at = step === 1 ? ranks.findIndex((r) => r > here) : ranks.findLastIndex((r) => r < here);
  return list[at === -1 ? (step === 1 ? 0 : list.length - 1) : at];
}

/** The stretch that shows one step with a little around it; null: that is the whole run. */
export function zoomOf(table: StepTable, step: number, endNs: number): [number, number] | null {
  const known = table.duration[step];
  const length = Number.isNaN(known) ? endNs - table.start[step] : Math.max(known, endNs * ZOOM_MIN);
  const from = Math.max(0, table.start[step] - length * ZOOM_MARGIN);
  const to = Math.min(endNs, table.start[step] + length * (1 + ZOOM_MARGIN));
  return from <= 0 && to >= endNs ? null : [from, to];
}

const sameZoom = (a: [number, number] | null, b: [number, number] | null) =>
  a !== null && b !== null && Math.abs(a[0] - b[0]) < 1 && Math.abs(a[1] - b[1]) < 1;

/** What search, errors and the address say about the steps. */
function useFindings(table: StepTable, query: RunQuery) {
  const selected = useMemo(() => (query.step ? table.id.indexOf(query.step) : -1), [table, query.step]);
  const found = useMemo(() => searchSteps(table, query.q), [table, query.q]);
  const hits = useMemo(() => (query.q.trim() ? new Set(found) : null), [found, query.q]);
  const errors = useMemo(() => Array.from(table.order).filter((i) => isError(table, i)), [table]);
  return { selected, found, hits, errors };
}

type Put = (part: Partial<RunQuery>) => void;

/** The active row: where it is, and how it moves. An open panel follows it. */
function useCursor(table: StepTable, rows: Int32Array, query: RunQuery, put: Put, reveal: (step: number) => void) {
  const [activeStep, setActiveStep] = useState(0);
  const [focusSerial, setFocusSerial] = useState(0); // grows when the row should take the focus
  const active = Math.max(0, rows.indexOf(activeStep));
  const follows = query.step !== null;
  const goTo = useCallback(
    (step: number) => {
      reveal(step);
      setActiveStep(step);
      setFocusSerial((n) => n + 1);
      if (follows) put({ step: table.id[step] });
    },
    [reveal, follows, put, table],
  );
  const move = useCallback(
    (by: number) => goTo(rows[Math.max(0, Math.min(rows.length - 1, active + by))]),
    [rows, active, goTo],
  );
  const pick = useCallback(
    (row: number) => {
      setActiveStep(rows[row]);
      put({ step: table.id[rows[row]] });
    },
    [rows, table, put],
  );
  const focusRow = useCallback((row: number) => setActiveStep(rows[row]), [rows]);
  const refocus = () => setFocusSerial((n) => n + 1);
  return { active, here: rows[active] ?? 0, focusSerial, goTo, move, pick, focusRow, refocus };
}

export function useRunView(table: StepTable, query: RunQuery, traceId: string) {
  const { folded, fold, reveal } = useFolding(table);
  const rows = useMemo(() => visibleRows(table, folded), [table, folded]);
  const [showPath, setShowPath] = useState(true);
  const [wide, setWide] = useState(false);
  const findings = useFindings(table, query);
  const { endNs, running } = useEnd(table);
  const put: Put = useCallback((part) => replace(formatRunUrl(traceId, { ...query, ...part })), [traceId, query]);
  const cursor = useCursor(table, rows, query, put, reveal);
  const { here, goTo, refocus } = cursor;
  // An address that names a step leads to it; only once for each, not with each renewal of the table.
  const { selected } = findings;
  useEffect(() => {
    if (selected >= 0 && selected !== here) goTo(selected);
  }, [query.step]);
  const foldRow = useCallback((step: number) => fold(step), [fold]);
  const among = (list: number[], step: 1 | -1) => {
    const next = nextAmong(table, list, table.rank[here] ?? 0, step);
    if (next !== null) goTo(next);
  };
  const zoomHere = () => {
    const zoom = zoomOf(table, here, endNs);
    put({ zoom: sameZoom(zoom, query.zoom) ? null : zoom });
  };
  const modelCall = (step: 1 | -1) =>
    among(
      Array.from(table.order).filter((i) => table.kind[i] === MODEL),
      step,
    );
  const close = () => {
    put({ step: null });
    refocus();
  };
  const togglePath = () => setShowPath(!showPath);
  const toggleWide = () => setWide(!wide);
  const actions = { put, fold, foldRow, among, zoomHere, modelCall, close, togglePath, toggleWide };
  return { ...findings, ...cursor, ...actions, rows, folded, endNs, running, showPath, wide };
}

export type RunView = ReturnType<typeof useRunView>;
