// The optional columns of the list: one small function each.

import type { ReactNode } from "react";
import type { RunSummary, TokenCounts } from "../api/types.ts";
import { ago, clip, count, exactTime, nanoToMs, UNKNOWN } from "../lib/format.ts";
import type { Column } from "../lib/url.ts";
import { durationNs, durationText, shownState } from "./run_text.ts";

interface CellProps {
  run: RunSummary;
  nowMs: number;
  p95: number | null;
}

const exact = (n: number) => n.toLocaleString("en-US");

/** Linear to the 95th percentile of the result; what is longer ends in a small arrow. */
export function DurationBar({ run, nowMs, p95 }: CellProps) {
  const ns = durationNs(run, nowMs);
  const share = p95 ? Math.min(1, ns / p95) : 0;
  return (
    <span className={`durbar ${shownState(run, nowMs)}`} aria-hidden="true">
      <i style={{ width: `${Math.max(2, share * 100)}%` }} />
      {p95 !== null && ns > p95 * 1.0001 && <b>›</b>}
    </span>
  );
}

function tokensTitle(tokens: TokenCounts | null, say: (t: TokenCounts) => string): string {
  return tokens ? say(tokens) : "no model call reported tokens";
}

interface CellView {
  className: string;
  title?: string;
  content: ReactNode;
}

const CELLS: Record<Column, (p: CellProps) => CellView> = {
  models: ({ run }) => ({
    className: "models",
    title: clip(run.models.join(", ")),
    content: (
      <>
        <span className="cut">{clip(run.models[0] ?? UNKNOWN)}</span>
        {run.models.length > 1 && <span className="tag num">+{run.models.length - 1}</span>}
      </>
    ),
  }),
  duration: (p) => ({
    className: "duration num",
    title: `${exact(p.run.duration_ns)} ns seen`,
    content: (
      <>
        <span className={p.run.state === "running" ? "dur live" : "dur"}>{durationText(p.run, p.nowMs)}</span>
        <DurationBar {...p} />
      </>
    ),
  }),
  input: ({ run }) => ({
    className: "right num",
    title: tokensTitle(run.tokens, (t) => `${exact(t.input)} in, ${exact(t.cached_input)} of them cached`),
    content: count(run.tokens?.input),
  }),
  output: ({ run }) => ({
    className: "right num muted",
    title: tokensTitle(run.tokens, (t) => `${exact(t.output)} out, ${exact(t.reasoning)} of them reasoning`),
    content: count(run.tokens?.output),
  }),
  errors: ({ run }) => ({
    className: run.error_count ? "right num errs" : "right dim",
    title: `${run.error_count} steps in error`,
    content: run.error_count ? count(run.error_count) : UNKNOWN,
  }),
  steps: ({ run }) => ({ className: "right num", content: count(run.span_count) }),
  service: ({ run }) => ({
    className: "cut muted",
    title: clip(run.services.join(", ")),
    content: clip(run.service) || UNKNOWN,
  }),
  started: ({ run, nowMs }) => {
    const startMs = nanoToMs(run.start_unix_nano);
    const running = run.state === "running";
    return {
      className: running ? "right num live" : "right num muted",
      title: exactTime(startMs, nowMs),
      content: running ? "running" : ago(startMs, nowMs),
    };
  },
};

export function Cell({ column, ...p }: CellProps & { column: Column }) {
  const { className, title, content } = CELLS[column](p);
  return (
    <span role="gridcell" className={className} title={title}>
      {content}
    </span>
  );
}
