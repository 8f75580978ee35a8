// The runs view: which run? Facets, charts and the list around one query, all of it in the address.

import { useEffect, useMemo, useRef, useState } from "react";
import { ApiFailure } from "../api/client.ts";
import type { Overview } from "../api/types.ts";
import { KeyBar, Problems } from "../frame/frame.tsx";
import { Icon } from "../frame/icons.tsx";
import { useMedia } from "../lib/media.ts";
import { count } from "../lib/format.ts";
import { useKeys } from "../lib/keys.ts";
import { open, replace, usePlace } from "../lib/router.ts";
import { serverNow, useConnection } from "../lib/status.ts";
import { copy } from "../lib/toast.ts";
import {
  FACET_KEYS, formatRunsUrl, parseRunsUrl, permanentRunsUrl, type FacetKey, type Filters, type RunsQuery,
} from "../lib/url.ts";
import { brushFilters, type Brush } from "./chart_model.ts";
import { Charts, ChartsSkeleton } from "./charts.tsx";
import { ColumnsButton } from "./columns.tsx";
import { EmptyPanel, FailedPanel, PageFailed, PartialStrip } from "./panels.tsx";
import { Facets } from "./facets.tsx";
import { FilterBox } from "./filter_box.tsx";
import { RunsGrid, RunsSkeleton } from "./list.tsx";
import { TimeRange } from "./time_range.tsx";
import { useRuns } from "./use_runs.ts";

const SKELETON_AFTER_MS = 300; // old content stays this long before it is replaced by its outline

function Totals({ overview, narrow }: { overview: Overview; narrow: boolean }) {
  const t = overview.tokens;
  return (
    <p className="totals num" role="status">
      <strong>{count(overview.total)} {overview.total === 1 ? "run" : "runs"}</strong>
      {!narrow && <span>{count(overview.running)} running</span>}
      <span className={overview.errors ? "bad" : ""}>{count(overview.errors)} {narrow ? "errors" : "with errors"}</span>
      {narrow && <span>{count(overview.running)} running</span>}
      {t && <span>{narrow ? `${count(t.input + t.output)} tokens` : `${count(t.input)} tokens in, ${count(t.output)} out`}</span>}
    </p>
  );
}

/** True once `waiting` has lasted so long that its outline should be shown. */
function useLate(waiting: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!waiting) return undefined;
    const timer = window.setTimeout(() => setLate(true), SKELETON_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [waiting]);
  return late;
}

function QueryBar({ query, overview, serverError, change, onFacets, narrow }: {
  query: RunsQuery; overview: Overview | null; serverError: string | null; narrow: boolean;
  change: (part: Partial<RunsQuery>) => void; onFacets: () => void;
}) {
  const chosen = FACET_KEYS.reduce((n, k) => n + query[k].length, 0);
  const copyLink = () => void copy(window.location.origin + permanentRunsUrl(query, serverNow()), "Link");
  useKeys([{ keys: ["y"], label: "copy link", group: "Everywhere", run: copyLink }]);
  return (
    <div className="querybar">
      <TimeRange query={query} onChange={change} />
      <button className={chosen ? "button facets-button on" : "button facets-button"} onClick={onFacets} aria-controls="facets">
        <Icon name="filters" size={14} />Filters{chosen > 0 && <span className="num">{chosen}</span>}
      </button>
      <FilterBox query={query} overview={overview} serverError={serverError} onFilters={(f: Filters) => change(f)} />
      {!narrow && <button className="button" onClick={copyLink} title="Copy link (y)"><Icon name="link" size={14} />Copy link</button>}
      <button className={query.live ? "button live-button on" : "button live-button"} role="switch" aria-checked={query.live}
        title="New runs come in by themselves (.)" onClick={() => change(query.live ? { live: false } : { live: true, to: null })}>
        <span className="live-dot" />Live<span className="switch" aria-hidden="true" />
      </button>
    </div>
  );
}

/** Keys of the list: moving, opening, facets, new rows. */
function useListKeys(rows: { trace_id: string }[], active: number, move: (to: number) => void, more: {
  facets: () => void; fresh: () => void;
}) {
  const at = Math.max(0, active);
  useKeys([
    { keys: ["j", "ArrowDown"], label: "next run", group: "Runs", run: () => move(active < 0 ? 0 : at + 1) },
    { keys: ["k", "ArrowUp"], label: "previous run", group: "Runs", run: () => move(at - 1) },
    { keys: ["Home"], label: "first run", group: "Runs", run: () => move(0) },
    { keys: ["End"], label: "last loaded run", group: "Runs", run: () => move(rows.length - 1) },
    { keys: ["PageDown"], label: "a screen down", group: "Runs", run: () => move(at + 18) },
    { keys: ["PageUp"], label: "a screen up", group: "Runs", run: () => move(at - 18) },
    { keys: ["Enter"], label: "open run", group: "Runs", run: () => rows[active] && open(`/run/${rows[active].trace_id}`) },
    { keys: ["f"], label: "facets", group: "Runs", run: more.facets },
    { keys: ["."], label: "new rows, or live on and off", group: "Everywhere", run: more.fresh },
  ]);
}

export function RunsPage() {
  const { search } = usePlace();
  const { query, problems } = useMemo(() => parseRunsUrl(search), [search]);
  const { state, loadMore, showNew, reload, atTop, stale } = useRuns(query);
  const { status } = useConnection();
  const narrow = useMedia("(max-width: 799px)");
  const [activeId, setActiveId] = useState<string | null>(null);
  const [focusSerial, setFocusSerial] = useState(0);
  const [brush, setBrush] = useState<Brush | null>(null);
  const [drawer, setDrawer] = useState(false);
  const view = useRef<HTMLDivElement>(null);
  const late = useLate(state.loading && stale);
  const active = activeId === null ? -1 : state.rows.findIndex((r) => r.trace_id === activeId);
  const change = (part: Partial<RunsQuery>) => {
    setBrush(null);
    replace(formatRunsUrl({ ...query, ...part }));
  };
  const toggle = (key: FacetKey, value: string) => {
    const chosen = query[key];
    change({ [key]: chosen.includes(value) ? chosen.filter((v) => v !== value) : [...chosen, value] });
  };
  const move = (to: number) => {
    const row = state.rows[Math.max(0, Math.min(state.rows.length - 1, to))];
    if (!row) return;
    setActiveId(row.trace_id);
    setFocusSerial((n) => n + 1);
  };
  const toTop = () => {
    showNew();
    view.current?.querySelector(".runs-scroll")?.scrollTo({ top: 0 });
  };
  const openFacets = () => {
    setDrawer(true);
    requestAnimationFrame(() => view.current?.querySelector<HTMLElement>(".facet input, .facet button")?.focus());
  };
  const fresh = () => (state.waiting.length ? toTop() : change(query.live ? { live: false } : { live: true, to: null }));
  useListKeys(state.rows, active, move, { facets: openFacets, fresh });
  useKeys(drawer ? [{ keys: ["Escape"], label: "close facets", group: "Runs", run: () => setDrawer(false) }] : []);
  const applyBrush = () => brush && state.overview && change(brushFilters(state.overview, brush));
  const wrongFilter = state.error instanceof ApiFailure && state.error.parameter !== null ? state.error.message : null;
  const p95 = state.overview?.duration_p95_ns ?? null;
  const nothing = !state.loading && !state.error && state.rows.length === 0;
  const body = () => {
    if (late || (state.key === "" && state.loading)) return <RunsSkeleton cols={query.cols} narrow={narrow} />;
    if (state.error) return <FailedPanel what="the runs" error={state.error} onRetry={() => void reload()} />;
    if (nothing) return <EmptyPanel query={query} overview={state.overview} change={change} />;
    return (
      <RunsGrid rows={state.rows} total={state.overview?.total ?? null} cols={query.cols} p95={p95} narrow={narrow} active={active}
        focusSerial={focusSerial} onActivate={(i) => setActiveId(state.rows[i]?.trace_id ?? null)}
        onNearEnd={() => void loadMore()} onTop={(top) => { atTop.current = top; }}
        footer={state.pageError ? <PageFailed from={state.rows.length} error={state.pageError} onRetry={() => void loadMore()} /> : null} />
    );
  };
  return (
    <>
      <Problems problems={problems} />
      <div className="runs-view" ref={view}>
        <QueryBar query={query} overview={state.overview} serverError={wrongFilter} change={change} narrow={narrow}
          onFacets={() => setDrawer(!drawer)} />
        <div className="runs-columns">
          <Facets overview={state.overview} query={query} onToggle={toggle} onClear={(k) => change({ [k]: [] })} open={drawer}
            onClose={() => setDrawer(false)} />
          <main className="runs-main" aria-label="Runs" aria-busy={state.loading}>
            {state.overview
              ? <Charts overview={state.overview} brush={brush} onBrush={setBrush} onApply={applyBrush} />
              : state.overviewError ? <p className="charts-failed bad">{state.overviewError}</p> : <ChartsSkeleton />}
            <div className="runs-summary">
              {state.overview ? <Totals overview={state.overview} narrow={narrow} /> : <span className="skeleton w120" />}
              <span className="grow" />
              {state.waiting.length > 0 && (
                <button className="button primary small new-runs" onClick={toTop}>
                  <Icon name="arrowUp" size={13} />{state.waiting.length} new {state.waiting.length === 1 ? "run" : "runs"} <kbd>.</kbd>
                </button>
              )}
              {!narrow && <ColumnsButton cols={query.cols} onChange={(cols) => change({ cols })} />}
            </div>
            <PartialStrip reasons={[...new Set([...state.partial, ...(state.overview?.partial.map((p) => p.reason) ?? [])])]} />
            {body()}
          </main>
        </div>
        <KeyBar hints={[
          { keys: ["j", "k"], label: "move", run: () => move(active + 1) },
          { keys: ["Enter"], label: "open", run: () => active >= 0 && open(`/run/${state.rows[active].trace_id}`) },
          { keys: ["/"], label: "query", run: () => view.current?.querySelector<HTMLElement>(".filterbox input")?.focus() },
          { keys: ["f"], label: "facets", run: openFacets },
          { keys: ["?"], label: "all keys", run: () => document.dispatchEvent(new KeyboardEvent("keydown", { key: "?" })) },
        ]}>
          <span>Loaded {count(state.rows.length)} of {count(state.overview?.total)}</span>
          {state.waiting.length > 0 && <button className="linkish" onClick={toTop}>{state.waiting.length} new {state.waiting.length === 1 ? "run" : "runs"} above</button>}
          {status && <span>Sextant {status.version}</span>}
        </KeyBar>
      </div>
    </>
  );
}

