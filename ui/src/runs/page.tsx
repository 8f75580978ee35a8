// The runs view: which run? Facets, charts and the list around one query, all of it in the address.

import { useEffect, useMemo, useRef, useState } from "react";
import { ApiFailure } from "../api/client.ts";
import type { Overview } from "../api/types.ts";
import { KeyBar, Problems } from "../frame/frame.tsx";
import { Icon } from "../frame/icons.tsx";
import { count } from "../lib/format.ts";
import { pressKey, useKeys } from "../lib/keys.ts";
import { useMedia } from "../lib/media.ts";
import { usePlace } from "../lib/router.ts";
import { serverNow, useConnection } from "../lib/status.ts";
import { copy } from "../lib/toast.ts";
import { FACET_KEYS, parseRunsUrl, permanentRunsUrl, type Filters } from "../lib/url.ts";
import { brushFilters, type Brush } from "./chart_model.ts";
import { Charts, ChartsSkeleton } from "./charts.tsx";
import { ColumnsButton } from "./columns.tsx";
import { EmptyPanel, FailedPanel, PageFailed, PartialStrip } from "./panels.tsx";
import { Facets } from "./facets.tsx";
import { FilterBox } from "./filter_box.tsx";
import { RunsGrid, RunsSkeleton } from "./list.tsx";
import { Peek } from "./peek.tsx";
import { TimeRange } from "./time_range.tsx";
import { useRunsView, type RunsView } from "./use_runs_view.ts";

const ANNOUNCE_EVERY_MS = 10_000;
const SCREEN = 18; // rows that Page Up and Page Down move
const SKELETON_AFTER_MS = 300; // old content stays this long before it is replaced by its outline

/** Sums over all runs of the query, loaded or not. */
function Totals({ overview, narrow }: { overview: Overview; narrow: boolean }) {
  const t = overview.tokens;
  return (
    <p className="totals num">
      <strong>
        {count(overview.total)} {overview.total === 1 ? "run" : "runs"}
      </strong>
      {!narrow && <span>{count(overview.running)} running</span>}
      <span className={overview.errors ? "bad" : ""}>
        {count(overview.errors)} {narrow ? "errors" : "with errors"}
      </span>
      {narrow && <span>{count(overview.running)} running</span>}
      {t && (
        <span>
          {narrow ? `${count(t.input + t.output)} tokens` : `${count(t.input)} tokens in, ${count(t.output)} out`}
        </span>
      )}
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

function LiveButton({ v }: { v: RunsView }) {
  return (
    <button
      className={v.query.live ? "button live-button on" : "button live-button"}
      role="switch"
      aria-checked={v.query.live}
      title="New runs come in by themselves (.)"
      onClick={v.toggleLive}
    >
      <span className="live-dot" />
      Live
      <span className="switch" aria-hidden="true" />
    </button>
  );
}

function QueryBar({ v, serverError, narrow }: { v: RunsView; serverError: string | null; narrow: boolean }) {
  const { query } = v;
  const slow = useLate(v.state.loading);
  const chosen = FACET_KEYS.reduce((n, k) => n + query[k].length, 0);
  const copyLink = () => void copy(window.location.origin + permanentRunsUrl(query, serverNow()), "Link");
  useKeys([{ keys: ["y"], label: "copy link", group: "Everywhere", run: copyLink }]);
  return (
    <div className={slow ? "querybar slow" : "querybar"}>
      <TimeRange query={query} onChange={v.change} />
      <button
        className={chosen ? "button facets-button on" : "button facets-button"}
        aria-controls="facets"
        onClick={v.drawer ? v.closeFacets : v.openFacets}
      >
        <Icon name="filters" size={14} />
        Filters{chosen > 0 && <span className="num">{chosen}</span>}
      </button>
      <FilterBox
        query={query}
        overview={v.state.overview}
        serverError={serverError}
        onFilters={(f: Filters) => v.change(f)}
      />
      {!narrow && (
        <button className="button" onClick={copyLink} title="Copy link (y)">
          <Icon name="link" size={14} />
          Copy link
        </button>
      )}
      <LiveButton v={v} />
    </div>
  );
}

/** Keys of the list: moving, opening, facets, new rows. */
function useListKeys(v: RunsView) {
  const at = Math.max(0, v.active);
  useKeys([
    { keys: ["j", "ArrowDown"], label: "next run", group: "Runs", run: () => v.move(v.active < 0 ? 0 : at + 1) },
    { keys: ["k", "ArrowUp"], label: "previous run", group: "Runs", run: () => v.move(at - 1) },
    { keys: ["Home"], label: "first run", group: "Runs", run: () => v.move(0) },
    { keys: ["End"], label: "last loaded run", group: "Runs", run: () => v.move(Infinity) },
    { keys: ["PageDown"], label: "a screen down", group: "Runs", run: () => v.move(at + SCREEN) },
    { keys: ["PageUp"], label: "a screen up", group: "Runs", run: () => v.move(at - SCREEN) },
    { keys: ["Enter"], label: "open run", group: "Runs", run: v.openActive },
    { keys: ["Space"], label: "peek into run", group: "Runs", run: v.peekActive },
    { keys: ["f"], label: "facets", group: "Runs", run: v.openFacets },
    { keys: ["."], label: "new rows, or live on and off", group: "Everywhere", run: v.showNewOrToggleLive },
  ]);
  useKeys(v.peeked ? [{ keys: ["Escape"], label: "close the peek", group: "Runs", run: v.closePeek }] : []);
  useKeys(v.drawer ? [{ keys: ["Escape"], label: "close facets", group: "Runs", run: v.closeFacets }] : []);
}

function newRuns(n: number): string {
  return `${n} new ${n === 1 ? "run" : "runs"}`;
}

/** Says to who listens how many runs wait: politely, and never more often than every ten seconds. */
function Announcement({ n }: { n: number }) {
  const [said, setSaid] = useState("");
  const last = useRef(0);
  useEffect(() => {
    const next = n > 0 ? newRuns(n) : "";
    const wait = Math.max(0, last.current + ANNOUNCE_EVERY_MS - Date.now());
    const timer = window.setTimeout(() => {
      last.current = Date.now();
      setSaid(next);
    }, wait);
    return () => window.clearTimeout(timer);
  }, [n]);
  return (
    <span className="offscreen" role="status" aria-live="polite">
      {said}
    </span>
  );
}

/** The line between charts and rows. */
function Summary({ v, narrow }: { v: RunsView; narrow: boolean }) {
  const { overview, waiting } = v.state;
  return (
    <div className="runs-summary">
      {overview ? <Totals overview={overview} narrow={narrow} /> : <span className="skeleton w120" />}
      <span className="grow" />
      <Announcement n={waiting.length} />
      {waiting.length > 0 && (
        <button className="button primary small new-runs" onClick={v.toTop}>
          <Icon name="arrowUp" size={13} />
          {newRuns(waiting.length)} <kbd>.</kbd>
        </button>
      )}
      {!narrow && <ColumnsButton cols={v.query.cols} onChange={(cols) => v.change({ cols })} />}
    </div>
  );
}

/** A mark drawn on a chart is dropped when the query changes. */
function ChartStrip({ v }: { v: RunsView }) {
  const [brush, setBrush] = useState<Brush | null>(null);
  const { overview, overviewError } = v.state;
  useEffect(() => setBrush(null), [v.query]);
  if (!overview) return overviewError ? <p className="charts-failed bad">{overviewError}</p> : <ChartsSkeleton />;
  const apply = () => brush && v.change(brushFilters(overview, brush));
  return <Charts overview={overview} brush={brush} onBrush={setBrush} onApply={apply} />;
}

/** The rows, or what is said in their place. */
function Rows({ v, narrow }: { v: RunsView; narrow: boolean }) {
  const { state, query } = v;
  const late = useLate(state.loading && v.stale);
  if (late || (state.key === "" && state.loading)) return <RunsSkeleton cols={query.cols} narrow={narrow} />;
  if (state.error) return <FailedPanel what="the runs" error={state.error} onRetry={v.reload} />;
  if (!state.loading && state.rows.length === 0) {
    return <EmptyPanel query={query} overview={state.overview} change={v.change} />;
  }
  const failed = state.pageError && (
    <PageFailed from={state.rows.length} error={state.pageError} onRetry={() => void v.loadMore()} />
  );
  return (
    <RunsGrid
      rows={state.rows}
      total={state.overview?.total ?? null}
      cols={query.cols}
      p95={state.overview?.duration_p95_ns ?? null}
      narrow={narrow}
      active={v.active}
      focusSerial={v.focusSerial}
      onActivate={v.activate}
      onNearEnd={() => void (state.pageError ?? v.loadMore())}
      onTop={v.setAtTop}
      footer={failed}
    />
  );
}

function RunsKeyBar({ v }: { v: RunsView }) {
  const { status } = useConnection();
  const { rows, overview, waiting } = v.state;
  const hints = [
    { keys: ["j", "k"], label: "move", run: () => v.move(v.active + 1) },
    { keys: ["Enter"], label: "open", run: v.openActive },
    { keys: ["Space"], label: "peek", run: v.peekActive },
    { keys: ["/"], label: "query", run: () => pressKey("/") },
    { keys: ["f"], label: "facets", run: v.openFacets },
    { keys: ["?"], label: "all keys", run: () => pressKey("?") },
  ];
  return (
    <KeyBar hints={hints}>
      <span>
        Loaded {count(rows.length)} of {count(overview?.total)}
      </span>
      {waiting.length > 0 && (
        <button className="linkish" onClick={v.toTop}>
          {newRuns(waiting.length)} above
        </button>
      )}
      {status && <span>Sextant {status.version}</span>}
    </KeyBar>
  );
}

export function RunsPage() {
  const { search } = usePlace();
  const { query, problems } = useMemo(() => parseRunsUrl(search), [search]);
  const view = useRef<HTMLDivElement>(null);
  const v = useRunsView(query, view);
  const narrow = useMedia("(max-width: 799px)");
  useListKeys(v);
  const { state } = v;
  const wrongFilter = state.error instanceof ApiFailure && state.error.parameter !== null ? state.error.message : null;
  const partial = new Set([...state.partial, ...(state.overview?.partial.map((p) => p.reason) ?? [])]);
  return (
    <>
      <Problems problems={problems} />
      <div className="runs-view" ref={view}>
        <QueryBar v={v} serverError={wrongFilter} narrow={narrow} />
        <div className="runs-columns">
          <Facets
            overview={state.overview}
            query={query}
            onToggle={v.toggle}
            onClear={(k) => v.change({ [k]: [] })}
            open={v.drawer}
            onClose={v.closeFacets}
          />
          <main className="runs-main" aria-label="Runs" aria-busy={state.loading}>
            <ChartStrip v={v} />
            <Summary v={v} narrow={narrow} />
            <PartialStrip reasons={[...partial]} />
            <Rows v={v} narrow={narrow} />
          </main>
          {v.peeked && <Peek run={v.peeked} onOpen={v.openPeeked} onClose={v.closePeek} />}
        </div>
        <RunsKeyBar v={v} />
      </div>
    </>
  );
}
