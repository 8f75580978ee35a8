// A look into a run without leaving the list: its numbers and the outline of its steps.

import { useEffect, useState } from "react";
import { failureText, isAbort } from "../api/client.ts";
import { loadRun } from "../api/load_run.ts";
import type { RunSummary } from "../api/types.ts";
import { Icon, KindIcon, StateIcon } from "../frame/icons.tsx";
import { useNow } from "../lib/clock.ts";
import { ago, count, duration, nanoToMs, plural, UNKNOWN } from "../lib/format.ts";
import { isError, kindOf, text, type StepTable } from "../lib/step_table.ts";
import { agentOf, durationText, shownState, stateWord, tagOf, taskOf } from "./run_text.ts";

const STEPS_SHOWN = 40;
const INDENT = 12;
const DEPTH_MAX = 8;

/** The first steps of the tree, as many as one looks at. */
function Outline({ table }: { table: StepTable }) {
  const shown = Array.from(table.order.subarray(0, STEPS_SHOWN));
  return (
    <ol className="outline">
      {shown.map((i) => (
        <li key={i} style={{ paddingLeft: Math.min(table.depth[i], DEPTH_MAX) * INDENT }}>
          <KindIcon kind={kindOf(table, i)} />
          <span className={isError(table, i) ? "cut bad" : "cut"}>{text(table, table.title[i])}</span>
          <span className="cut dim grow">{text(table, table.detail[i])}</span>
          <span className="num muted">{duration(table.duration[i])}</span>
        </li>
      ))}
      {table.count > shown.length && <li className="dim">{plural(table.count - shown.length, "more step")}</li>}
    </ol>
  );
}

/** The steps of one run; `stamp` changes when the run has grown. */
function useSteps(traceId: string, stamp: string) {
  const [state, setState] = useState<{ table: StepTable | null; error: string | null }>({ table: null, error: null });
  useEffect(() => {
    const abort = new AbortController();
    loadRun(traceId, abort.signal).then(
      (table) => setState({ table, error: null }),
      (error) => !isAbort(error) && setState({ table: null, error: failureText(error) }),
    );
    return () => abort.abort();
  }, [traceId, stamp]);
  return state.table?.traceId === traceId || state.error ? state : { table: null, error: null };
}

export function Peek({ run, onOpen, onClose }: { run: RunSummary; onOpen: () => void; onClose: () => void }) {
  const nowMs = useNow();
  const { table, error } = useSteps(run.trace_id, run.last_arrival_unix_nano);
  const tag = tagOf(run, nowMs);
  const facts: [string, string][] = [
    ["Duration", durationText(run, nowMs)],
    ["Tokens in", count(run.tokens?.input)],
    ["out", count(run.tokens?.output)],
    ["Steps", count(run.span_count)],
    ["Started", ago(nanoToMs(run.start_unix_nano), nowMs)],
  ];
  return (
    <aside className="peek" aria-label="Peek">
      <header>
        <StateIcon state={shownState(run, nowMs)} />
        <span className="offscreen">{stateWord(run, nowMs)}</span>
        <strong className="cut grow">{agentOf(run) || UNKNOWN}</strong>
        <button className="button small" onClick={onOpen}>
          Open <kbd>Enter</kbd>
        </button>
        <button className="iconbutton" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          <Icon name="x" />
        </button>
      </header>
      <div className="peek-scroll">
        <p className="said">{taskOf(run)}</p>
        {tag && <p className={`tag block ${tag.tone}`}>{tag.text}</p>}
        <dl className="stats num">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {error && <p className="bad">{error}</p>}
        {table && <Outline table={table} />}
      </div>
    </aside>
  );
}
