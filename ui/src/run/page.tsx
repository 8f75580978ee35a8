// One run: what happened? Tree and bars, the step in focus in a panel at the side, all of it in the address.

import { useEffect, useMemo } from "react";
import { KeyBar, Problems } from "../frame/frame.tsx";
import { count } from "../lib/format.ts";
import { pressKey } from "../lib/keys.ts";
import { useMedia } from "../lib/media.ts";
import { open, usePlace } from "../lib/router.ts";
import type { StepTable } from "../lib/step_table.ts";
import { copy } from "../lib/toast.ts";
import { parseRunUrl, type RunQuery } from "../lib/url.ts";
import { FailedPanel, PartialStrip } from "../runs/panels.tsx";
import { RunHeader } from "./header.tsx";
import { StepPanel } from "./panel/panel.tsx";
import { Timeline } from "./timeline.tsx";
import { RunTools } from "./tools.tsx";
import { useRun } from "./use_run.ts";
import { useRunKeys } from "./use_run_keys.ts";
import { useRunView, type RunView } from "./use_run_view.ts";

const TITLE_CHARACTERS_MAX = 80;

/** History leads back to the list as it was; a run opened by its link has none. */
function goBack(): void {
  if (window.history.length > 1 && document.referrer === "") window.history.back();
  else open("/runs");
}

function RunSkeleton() {
  return (
    <div aria-hidden="true">
      <div className="run-head">
        <div className="run-title">
          <span className="skeleton w-half" />
        </div>
        <p className="run-numbers">
          <span className="skeleton w120" />
          <span className="skeleton w120" />
        </p>
      </div>
      <div className="run-tabs" />
      {Array.from({ length: 18 }, (_, i) => (
        <div className="ghost-step" key={i}>
          <span className="skeleton" style={{ marginLeft: (i % 4) * 16 }} />
        </div>
      ))}
    </div>
  );
}

function RunKeyBar({ table, v }: { table: StepTable; v: RunView }) {
  const hints = [
    { keys: ["j", "k"], label: "step", run: () => v.move(1) },
    { keys: ["h", "l"], label: "fold", run: () => v.fold(v.here) },
    { keys: ["Enter"], label: "open", run: () => v.pick(v.active) },
    { keys: ["e"], label: "next error", run: () => v.among(v.errors, 1) },
    { keys: ["[", "]"], label: "previous, next model call", run: () => v.modelCall(1) },
    { keys: ["z"], label: "zoom to step", run: v.zoomHere },
    { keys: ["p"], label: "critical path", run: v.togglePath },
    { keys: ["?"], label: "all keys", run: () => pressKey("?") },
  ];
  return (
    <KeyBar hints={hints}>
      <span>
        {count(table.count)} steps, {count(v.rows.length)} shown
      </span>
    </KeyBar>
  );
}

/** The tree with its bars and, when a step is opened, the panel beside it. */
function RunBody({ table, query, v }: { table: StepTable; query: RunQuery; v: RunView }) {
  const narrow = useMedia("(max-width: 799px)");
  return (
    <div className={v.wide && v.selected >= 0 ? "run-body wide" : "run-body"}>
      <main className="run-main" id="run-timeline" role="tabpanel" aria-labelledby="tab-timeline">
        <Timeline table={table} view={v} zoom={query.zoom} narrow={narrow} onZoom={(zoom) => v.put({ zoom })} />
      </main>
      {v.selected >= 0 && (
        <StepPanel
          table={table}
          step={v.selected}
          running={v.running}
          wide={v.wide}
          narrow={narrow}
          onWide={v.toggleWide}
          onGoTo={v.goTo}
          onClose={v.close}
          onMove={v.move}
        />
      )}
    </div>
  );
}

/** The run is here: everything below works on its table. */
function Loaded({ table, query, traceId }: { table: StepTable; query: RunQuery; traceId: string }) {
  const v = useRunView(table, query, traceId);
  const copyLink = () => void copy(window.location.href, "Link");
  useRunKeys(table, v, copyLink, goBack);
  return (
    <>
      <RunHeader table={table} onCopyLink={copyLink} onBack={goBack} />
      <RunTools
        query={query.q}
        hits={v.found.length}
        hitAt={v.found.indexOf(v.here)}
        errors={v.errors.length}
        errorAt={v.errors.indexOf(v.here)}
        showPath={v.showPath}
        zoomed={query.zoom !== null}
        onQuery={(q) => v.put({ q })}
        onHit={(s) => v.among(v.found, s)}
        onError={(s) => v.among(v.errors, s)}
        onPath={v.togglePath}
        onResetZoom={() => v.put({ zoom: null })}
      />
      <PartialStrip reasons={table.partial} />
      {query.step && v.selected === -1 && <Problems problems={[`step ${query.step} is not in this run`]} />}
      <RunBody table={table} query={query} v={v} />
      <RunKeyBar table={table} v={v} />
    </>
  );
}

export function RunPage({ traceId }: { traceId: string }) {
  const { search } = usePlace();
  const { query, problems } = useMemo(() => parseRunUrl(search), [search]);
  const { table, error, retry } = useRun(traceId);
  const title = table ? (table.summary.task ?? table.summary.name) : "";
  useEffect(() => {
    document.title = title ? `${title.slice(0, TITLE_CHARACTERS_MAX)} · Sextant` : "Sextant";
    return () => {
      document.title = "Sextant";
    };
  }, [title]);
  return (
    <div className="run-view">
      <Problems problems={problems} />
      {error ? <FailedPanel what="this run" error={error} onRetry={retry} /> : null}
      {!error && !table && <RunSkeleton />}
      {table && <Loaded table={table} query={query} traceId={traceId} />}
    </div>
  );
}
