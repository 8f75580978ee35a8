// What the list says when it has no rows: nothing found, failed, incomplete. In the place of the rows; the rest works.

import { ApiFailure, failureText } from "../api/client.ts";
import type { Overview } from "../api/types.ts";
import { Icon } from "../frame/icons.tsx";
import { count } from "../lib/format.ts";
import { useKeys } from "../lib/keys.ts";
import { serverNow } from "../lib/status.ts";
import { copy } from "../lib/toast.ts";
import { nearest } from "../lib/typed_filter.ts";
import { emptyFilters, FACET_KEYS, type RunsQuery } from "../lib/url.ts";
import { chipsOf } from "./filter_box.tsx";
import { rangeLabel, widerRange } from "./time_range.tsx";

/** Says the reason in the place that is concerned; the rest of the page works. */
export function FailedPanel({ what, error, onRetry }: { what: string; error: unknown; onRetry: () => void }) {
  useKeys([{ keys: ["r"], label: "try again", group: "Everywhere", run: onRetry }]);
  const details =
    error instanceof ApiFailure ? `${error.code} (${error.status}): ${error.message}` : failureText(error);
  return (
    <div className="panel-place">
      <section className="panel failed" role="alert">
        <h2>
          <Icon name="error" size={16} />
          Could not load {what}
        </h2>
        <p>{failureText(error)}</p>
        <div className="actions">
          <button className="button small" onClick={onRetry}>
            Try again <kbd>r</kbd>
          </button>
          <button className="button small" onClick={() => void copy(details, "Details")}>
            Copy details
          </button>
        </div>
      </section>
    </div>
  );
}

/** A value close to one that was asked for, where a facet knows one. */
function nearValue(query: RunsQuery, overview: Overview | null) {
  if (!overview) return null;
  for (const key of FACET_KEYS) {
    for (const asked of query[key]) {
      const values = overview.facets[key].filter((f) => f.value !== asked && f.count > 0);
      const near = nearest(
        asked,
        values.map((v) => v.value),
      );
      const found = values.find((v) => v.value === near);
      if (found) return { key, asked, value: found.value, count: found.count };
    }
  }
  return null;
}

/** Nothing found: what was asked, the nearest value, a wider range. */
export function EmptyPanel({
  query,
  overview,
  change,
}: {
  query: RunsQuery;
  overview: Overview | null;
  change: (part: Partial<RunsQuery>) => void;
}) {
  const chips = chipsOf(query);
  const wider = widerRange(query, serverNow());
  const near = nearValue(query, overview);
  const range = rangeLabel(query, serverNow()).toLowerCase();
  const period = range.startsWith("last") ? `in the ${range.replace("last 1 ", "last ")}` : "in these times";
  return (
    <div className="panel-place">
      <section className="panel" role="status">
        <h2>Nothing found</h2>
        <p>
          No run {period}
          {chips.length > 0 && (
            <>
              {" "}
              has <code>{chips.map((c) => c.text).join(" and ")}</code>
            </>
          )}
          .
        </p>
        <div className="actions">
          {near && (
            <button
              className="button small"
              onClick={() => change({ [near.key]: query[near.key].map((v) => (v === near.asked ? near.value : v)) })}
            >
              {near.value}, {count(near.count)} {near.count === 1 ? "run" : "runs"}
            </button>
          )}
          {wider && (
            <button className="button small" onClick={() => change({ from: wider.from, to: null, live: true })}>
              {wider.label}
            </button>
          )}
          {chips.length > 0 && (
            <button className="button small" onClick={() => change(emptyFilters())}>
              Clear query
            </button>
          )}
        </div>
      </section>
    </div>
  );
}

export function PageFailed({ from, error, onRetry }: { from: number; error: string; onRetry: () => void }) {
  useKeys([{ keys: ["r"], label: "try again", group: "Everywhere", run: onRetry }]);
  return (
    <div className="page-failed" role="alert">
      <Icon name="error" size={14} />
      <span className="grow">
        Rows from {count(from + 1)}: {error}
      </span>
      <button className="linkish" onClick={onRetry}>
        Try again <kbd>r</kbd>
      </button>
    </div>
  );
}

export function PartialStrip({ reasons }: { reasons: string[] }) {
  if (reasons.length === 0) return null;
  return (
    <div className="partial-strip" role="status">
      <Icon name="warning" size={14} />
      <span>
        <strong>Not everything is shown.</strong> {reasons.join(" ")}
      </span>
    </div>
  );
}
