// The head of a run: what it was asked, how it stands, its numbers; below, the row of tabs with the view's tools.

import type { RunSummary } from "../api/types.ts";
import { Icon, KindIcon, StateIcon } from "../frame/icons.tsx";
import { useNow } from "../lib/clock.ts";
import { ago, clip, clock, count, exactTime, nanoToMs, plural, shortId } from "../lib/format.ts";
import { followLink } from "../lib/router.ts";
import { kindCounts, type StepTable } from "../lib/step_table.ts";
import { copy } from "../lib/toast.ts";
import { defaultRunsQuery, formatRunsUrl } from "../lib/url.ts";
import { agentOf, durationText, shownState, tagOf, taskOf } from "../runs/run_text.ts";

/** How the run stands; errors it recovered from are named as such. */
function StateTags({ run, nowMs }: { run: RunSummary; nowMs: number }) {
  const state = shownState(run, nowMs);
  const tag = tagOf(run, nowMs);
  const errors = plural(run.error_count, "error");
  return (
    <>
      {state === "ok" && (
        <span className="tag strong ok">
          <Icon name="ok" size={13} />
          Ok
        </span>
      )}
      {state === "error" && (
        <span className="tag strong error">
          <StateIcon state="error" size={12} />
          Error
        </span>
      )}
      {state === "running" && (
        <span className="tag strong run">
          <StateIcon state="running" />
          Running
        </span>
      )}
      {state === "silent" && (
        <span className="tag strong warning">
          <StateIcon state="silent" />
          {tag?.text}
        </span>
      )}
      {run.error_count > 0 && (
        <span className="tag strong error">
          <Icon name="error" size={13} />
          {state === "ok" ? `${errors}, recovered` : errors}
        </span>
      )}
    </>
  );
}

/** The run in one line of numbers. */
function Numbers({ run, table, nowMs }: { run: RunSummary; table: StepTable; nowMs: number }) {
  const startMs = nanoToMs(run.start_unix_nano);
  const kinds = kindCounts(table);
  const t = run.tokens;
  const parts = [
    kinds.model ? plural(kinds.model, "model call") : "",
    kinds.tool ? plural(kinds.tool, "tool") : "",
    kinds.agents ? plural(kinds.agents, "agent") : "",
  ].filter(Boolean);
  return (
    <p className="run-numbers num">
      <span>
        <KindIcon kind="agent" />
        <strong>{agentOf(run)}</strong>
      </span>
      <strong className={run.state === "running" ? "live" : ""}>{durationText(run, nowMs)}</strong>
      {t && (
        <span>
          <strong>{count(t.input)}</strong> in <strong>{count(t.output)}</strong> out{" "}
          {t.cached_input > 0 && <span className="dim">{count(t.cached_input)} cached</span>}
        </span>
      )}
      <span>
        <strong>{count(table.count)}</strong> {table.count === 1 ? "step" : "steps"}{" "}
        <span className="muted">{parts.join(", ")}</span>
      </span>
      <span title={exactTime(startMs, nowMs)}>
        started <strong className="plain">{clock(startMs)}</strong> <span className="dim">{ago(startMs, nowMs)}</span>
      </span>
      {run.service && (
        <span className="secondary">
          service{" "}
          <a
            className="plain"
            href={formatRunsUrl({ ...defaultRunsQuery(), from: "now-24h", service: [run.service] })}
            onClick={followLink}
          >
            {clip(run.service)}
          </a>
        </span>
      )}
      {run.environment && (
        <span className="secondary">
          in <span className="plain">{clip(run.environment)}</span>
        </span>
      )}
      {run.conversation_id && (
        <span className="cut secondary" title={clip(run.conversation_id)}>
          session <span className="plain">{clip(run.conversation_id)}</span>
        </span>
      )}
      <button className="mono dim" title={`${run.trace_id}. Copy`} onClick={() => void copy(run.trace_id, "Trace id")}>
        {shortId(run.trace_id)}
      </button>
    </p>
  );
}

export function RunHeader({
  table,
  onCopyLink,
  onBack,
}: {
  table: StepTable;
  onCopyLink: () => void;
  onBack: () => void;
}) {
  const nowMs = useNow();
  const run = table.summary;
  return (
    <header className="run-head">
      <div className="run-title">
        <button className="iconbutton back-narrow" aria-label="Back to runs" onClick={onBack}>
          <Icon name="back" size={18} />
        </button>
        <a
          className="crumb"
          href="/runs"
          onClick={(e) => {
            e.preventDefault();
            onBack();
          }}
        >
          Runs
        </a>
        <span className="dim slash">/</span>
        <h1 className="cut" title={taskOf(run)}>
          {taskOf(run)}
        </h1>
        <StateTags run={run} nowMs={nowMs} />
        <span className="grow" />
        <span className="run-actions">
          <button className="button" onClick={onCopyLink} title="Copy link (y)">
            <Icon name="link" size={14} />
            Copy link
          </button>
          <button className="button" onClick={() => void copy(run.trace_id, "Trace id")}>
            <Icon name="copy" size={14} />
            Copy id
          </button>
          <a
            className="button"
            href={`/api/traces/${run.trace_id}?format=otlp`}
            download={`${run.trace_id}.otlp.json`}
            title="Download as OTLP/JSON"
          >
            <Icon name="download" size={14} />
            OTLP
          </a>
        </span>
      </div>
      <Numbers run={run} table={table} nowMs={nowMs} />
    </header>
  );
}
