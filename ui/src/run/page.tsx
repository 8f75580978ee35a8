// One run: what happened? Tree and bars, the step in focus in a panel at the side, all of it in the address.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { KeyBar, Problems } from "../frame/frame.tsx";
import { useNow } from "../lib/clock.ts";
import { count, nanoToMs } from "../lib/format.ts";
import { useMedia } from "../lib/media.ts";
import { open, replace, usePlace } from "../lib/router.ts";
import { isError, searchSteps, visibleRows, type StepTable } from "../lib/step_table.ts";
import { copy } from "../lib/toast.ts";
import { formatRunUrl, parseRunUrl, type RunQuery } from "../lib/url.ts";
import { FailedPanel, PartialStrip } from "../runs/panels.tsx";
import { shownState } from "../runs/run_text.ts";
import { RunHeader } from "./header.tsx";
import { StepPanel } from "./panel/panel.tsx";
import { Timeline } from "./timeline.tsx";
import { RunTools } from "./tools.tsx";
import { useRunKeys } from "./use_run_keys.ts";
import { useRun } from "./use_run.ts";

const ZOOM_MARGIN = 0.08; // of a step's length, kept on either side when zooming to it

function goBack(): void {
  // History leads back to the list as it was; a run opened by its link has none.
  if (window.history.length > 1 && document.referrer === "") window.history.back();
  else open("/runs");
}

function RunSkeleton() {
  return (
    <div aria-hidden="true">
      <div className="run-head"><div className="run-title"><span className="skeleton w-half" /></div><p className="run-numbers"><span className="skeleton w120" /><span className="skeleton w120" /></p></div>
      <div className="run-tabs" />
      {Array.from({ length: 18 }, (_, i) => <div className="ghost-step" key={i}><span className="skeleton" style={{ marginLeft: (i % 4) * 16 }} /></div>)}
    </div>
  );
}

/** Folding is kept by span id, so that it survives a renewal of the table. */
function useFolding(table: StepTable) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const folded = useMemo(() => {
    const set = new Set<number>();
    if (ids.size) for (let i = 0; i < table.count; i++) if (ids.has(table.id[i])) set.add(i);
    return set;
  }, [ids, table]);
  const fold = useCallback((step: number, want?: boolean) => {
    setIds((old) => {
      const next = new Set(old);
      const id = table.id[step];
      if (want ?? !next.has(id)) next.add(id);
      else next.delete(id);
      return next;
    });
  }, [table]);
  const reveal = useCallback((step: number) => {
    setIds((old) => {
      const next = new Set(old);
      for (let i = table.parent[step]; i !== -1; i = table.parent[i]) next.delete(table.id[i]);
      return next.size === old.size ? old : next;
    });
  }, [table]);
  return { folded, fold, reveal };
}

function useEnd(table: StepTable): { endNs: number; running: boolean } {
  const nowMs = useNow();
  const run = table.summary;
  const running = shownState(run, nowMs) === "running";
  const elapsed = (nowMs - nanoToMs(run.start_unix_nano)) * 1e6;
  return { endNs: running ? Math.max(table.totalNs, elapsed) : table.totalNs, running };
}

function Loaded({ table, query, traceId }: { table: StepTable; query: RunQuery; traceId: string }) {
  const { folded, fold, reveal } = useFolding(table);
  const rows = useMemo(() => visibleRows(table, folded), [table, folded]);
  const [activeStep, setActiveStep] = useState(0);
  const [focusSerial, setFocusSerial] = useState(0);
  const [showPath, setShowPath] = useState(true);
  const [wide, setWide] = useState(false);
  const narrow = useMedia("(max-width: 799px)");
  const { endNs, running } = useEnd(table);
  const selected = useMemo(() => (query.step ? table.id.indexOf(query.step) : -1), [table, query.step]);
  const found = useMemo(() => searchSteps(table, query.q), [table, query.q]);
  const errors = useMemo(() => Array.from(table.order).filter((i) => isError(table, i)), [table]);
  const hits = useMemo(() => (query.q.trim() ? new Set(found) : null), [found, query.q]);
  const active = Math.max(0, rows.indexOf(activeStep));
  const put = useCallback((part: Partial<RunQuery>) => replace(formatRunUrl(traceId, { ...query, ...part })), [traceId, query]);
  useEffect(() => {
    if (selected >= 0) reveal(selected), setActiveStep(selected), setFocusSerial((n) => n || 1);
    // Only when the address names another step, not with each renewal of the table.
  }, [query.step]);

  const goTo = useCallback((step: number) => {
    reveal(step);
    setActiveStep(step);
    setFocusSerial((n) => n + 1);
    if (query.step) put({ step: table.id[step] });
  }, [reveal, query.step, put, table]);
  const move = useCallback((by: number) => {
    const row = Math.max(0, Math.min(rows.length - 1, active + by));
    goTo(rows[row]);
  }, [rows, active, goTo]);
  const pick = useCallback((row: number) => {
    setActiveStep(rows[row]);
    put({ step: table.id[rows[row]] });
  }, [rows, table, put]);
  const among = (list: number[], step: 1 | -1) => {
    if (list.length === 0) return;
    const here = table.rank[activeStep] ?? 0;
    const ranks = list.map((i) => table.rank[i]);
    const at = step === 1 ? ranks.findIndex((r) => r > here) : ranks.findLastIndex((r) => r < here);
    goTo(list[at === -1 ? (step === 1 ? 0 : list.length - 1) : at]);
  };
  const zoomTo = (step: number) => {
    const length = Number.isNaN(table.duration[step]) ? endNs - table.start[step] : Math.max(table.duration[step], endNs * 1e-5);
    const from = Math.max(0, table.start[step] - length * ZOOM_MARGIN);
    const to = Math.min(endNs, table.start[step] + length * (1 + ZOOM_MARGIN));
    const same = query.zoom && Math.abs(query.zoom[0] - from) < 1 && Math.abs(query.zoom[1] - to) < 1;
    put({ zoom: same || (from <= 0 && to >= endNs) ? null : [from, to] });
  };
  const copyLink = () => void copy(window.location.href, "Link");
  useRunKeys({
    table, rows, active, activeStep: rows[active] ?? 0, folded, panelOpen: selected >= 0, move, goTo, fold, among,
    errors, found, open: () => pick(active), close: () => put({ step: null }), back: goBack, copyLink,
    zoom: () => zoomTo(rows[active] ?? 0), path: () => setShowPath(!showPath), wide: () => setWide(!wide),
  });
  const foldRow = useCallback((step: number) => fold(step), [fold]);
  const focusRow = useCallback((row: number) => setActiveStep(rows[row]), [rows]);
  return (
    <>
      <RunHeader table={table} onCopyLink={copyLink} onBack={goBack} />
      <RunTools query={query.q} hits={found.length} hitAt={found.indexOf(rows[active])} errors={errors.length}
        errorAt={errors.indexOf(rows[active])} showPath={showPath} zoomed={query.zoom !== null}
        onQuery={(q) => put({ q })} onHit={(s) => among(found, s)} onError={(s) => among(errors, s)}
        onPath={() => setShowPath(!showPath)} onResetZoom={() => put({ zoom: null })} />
      <PartialStrip reasons={table.partial} />
      {query.step && selected === -1 && <Problems problems={[`step ${query.step} is not in this run`]} />}
      <div className={wide && selected >= 0 ? "run-body wide" : "run-body"}>
        <main className="run-main" id="run-timeline" role="tabpanel" aria-labelledby="tab-timeline">
          <Timeline table={table} rows={rows} folded={folded} active={active} selected={selected} hits={hits} zoom={query.zoom}
            endNs={endNs} running={running} showPath={showPath} narrow={narrow} focusSerial={focusSerial} onPick={pick}
            onFocusRow={focusRow} onFold={foldRow} onZoom={(zoom) => put({ zoom })} />
        </main>
        {selected >= 0 && (
          <StepPanel table={table} step={selected} running={running} wide={wide} narrow={narrow} onWide={() => setWide(!wide)}
            onGoTo={goTo} onClose={() => { put({ step: null }); setFocusSerial((n) => n + 1); }} onMove={move} />
        )}
      </div>
      <KeyBar hints={[
        { keys: ["j", "k"], label: "step", run: () => move(1) },
        { keys: ["h", "l"], label: "fold", run: () => fold(rows[active] ?? 0) },
        { keys: ["Enter"], label: "open", run: () => pick(active) },
        { keys: ["e"], label: "next error", run: () => among(errors, 1) },
        { keys: ["[", "]"], label: "previous, next model call", run: () => document.dispatchEvent(new KeyboardEvent("keydown", { key: "]" })) },
        { keys: ["z"], label: "zoom to step", run: () => zoomTo(rows[active] ?? 0) },
        { keys: ["p"], label: "critical path", run: () => setShowPath(!showPath) },
        { keys: ["?"], label: "all keys", run: () => document.dispatchEvent(new KeyboardEvent("keydown", { key: "?" })) },
      ]}>
        <span>{count(table.count)} steps, {count(rows.length)} shown</span>
      </KeyBar>
    </>
  );
}

export function RunPage({ traceId }: { traceId: string }) {
  const { search } = usePlace();
  const { query, problems } = useMemo(() => parseRunUrl(search), [search]);
  const { table, error, retry } = useRun(traceId);
  const shownAt = useRef(false);
  useEffect(() => {
    if (!table || shownAt.current) return;
    shownAt.current = true;
    performance.mark("sextant-run-shown");
  }, [table]);
  useEffect(() => {
    const title = table ? table.summary.task ?? table.summary.name : "";
    document.title = title ? `${title.slice(0, 80)} · Sextant` : "Sextant";
    return () => { document.title = "Sextant"; };
  }, [table]);
  return (
    <div className="run-view">
      <Problems problems={problems} />
      {error ? <FailedPanel what="this run" error={error} onRetry={retry} /> : null}
      {!error && !table && <RunSkeleton />}
      {table && <Loaded table={table} query={query} traceId={traceId} />}
    </div>
  );
}
