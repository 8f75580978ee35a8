// What the runs list shows and how it follows the server: first page and overview for a query, further pages on demand,
// and, while live, what is new. New rows wait unless the list is at its top; rows already shown change in place.

import { useCallback, useEffect, useRef, useState } from "react";
import { failureText, getJson, isAbort } from "../api/client.ts";
import type { Overview, RunList, RunSummary } from "../api/types.ts";
import { useConnection } from "../lib/status.ts";
import { apiParams, type RunsQuery } from "../lib/url.ts";

const PAGE_ROWS = 100;
const CHART_STEPS = 60;
const OVERVIEW_EVERY_MS = 2000; // it reads every run of the range: not with each arriving span
const OVERVIEW_IDLE_MS = 30_000; // time passes even when nothing arrives

export interface RunsState {
  key: string; // the query that `rows` answer
  rows: RunSummary[];
  waiting: RunSummary[]; // newer than the rows, not shown yet
  cursor: string | null;
  partial: string[];
  overview: Overview | null;
  loading: boolean;
  error: unknown; // the first page failed
  overviewError: string | null;
  pageError: string | null; // a later page failed
}

const EMPTY: RunsState = {
  key: "", rows: [], waiting: [], cursor: null, partial: [], overview: null, loading: true, error: null,
  overviewError: null, pageError: null,
};

const reasons = (list: { partial: { reason: string }[] }) => list.partial.map((p) => p.reason);

const newest = (a: RunSummary, b: RunSummary) => {
  const d = BigInt(b.start_unix_nano) - BigInt(a.start_unix_nano);
  return d > 0n ? 1 : d < 0n ? -1 : a.trace_id < b.trace_id ? -1 : 1;
};

/** The head of the list as it is now, merged into what is shown. */
export function mergeHead(state: RunsState, head: RunList, atTop: boolean): RunsState {
  const fresh = new Map(head.traces.map((r) => [r.trace_id, r]));
  const shown = new Set(state.rows.map((r) => r.trace_id));
  const rows = state.rows.map((r) => fresh.get(r.trace_id) ?? r);
  const unseen = head.traces.filter((r) => !shown.has(r.trace_id));
  const partial = [...new Set([...state.partial, ...reasons(head)])];
  const cursor = state.rows.length === 0 ? head.next_cursor : state.cursor;
  if (atTop || state.rows.length === 0) {
    return { ...state, rows: [...unseen, ...rows].sort(newest), waiting: [], partial, cursor };
  }
  return { ...state, rows, waiting: unseen, partial };
}

export function useRuns(query: RunsQuery) {
  const key = apiParams(query).toString();
  const [state, setState] = useState<RunsState>(EMPTY);
  const atTop = useRef(true);
  const abort = useRef(new AbortController());
  const paging = useRef(false);
  const overviewAt = useRef(0);
  const { status } = useConnection();
  const version = status?.data_version ?? -1;
  const seen = useRef(-1);

  const loadOverview = useCallback(async (signal: AbortSignal) => {
    overviewAt.current = Date.now();
    try {
      const overview = await getJson<Overview>(`/api/traces/overview?${key}&steps=${CHART_STEPS}`, signal);
      setState((s) => ({ ...s, overview, overviewError: null }));
    } catch (error) {
      if (!isAbort(error)) setState((s) => ({ ...s, overviewError: failureText(error) }));
    }
  }, [key]);

  const loadFirst = useCallback(async () => {
    abort.current.abort();
    const mine = (abort.current = new AbortController());
    setState((s) => ({ ...s, loading: true, pageError: null }));
    void loadOverview(mine.signal);
    try {
      const page = await getJson<RunList>(`/api/traces?${key}&limit=${PAGE_ROWS}&sort=newest`, mine.signal);
      setState((s) => ({
        ...s, key, rows: page.traces, waiting: [], cursor: page.next_cursor, partial: reasons(page), loading: false,
        error: null,
      }));
    } catch (error) {
      if (!isAbort(error)) setState((s) => ({ ...s, key, rows: [], waiting: [], cursor: null, loading: false, error }));
    }
  }, [key, loadOverview]);

  useEffect(() => {
    seen.current = -1;
    void loadFirst();
    return () => abort.current.abort();
  }, [loadFirst]);

  useEffect(() => {
    if (!query.live || state.loading || state.key !== key) return;
    const news = version !== -1 && version !== seen.current;
    const first = seen.current === -1;
    seen.current = version;
    const since = Date.now() - overviewAt.current;
    if ((news && since > OVERVIEW_EVERY_MS) || since > OVERVIEW_IDLE_MS) void loadOverview(abort.current.signal);
    if (!news || first) return;
    getJson<RunList>(`/api/traces?${key}&limit=${PAGE_ROWS}&sort=newest`, abort.current.signal)
      .then((head) => setState((s) => (s.key === key ? mergeHead(s, head, atTop.current) : s)))
      .catch(() => undefined); // Why silent: the status poll says that the server is gone, and the next one tries again
  }, [version, status, query.live, key, state.loading, state.key, loadOverview]);

  const loadMore = useCallback(async () => {
    if (!state.cursor || paging.current || state.loading) return;
    paging.current = true;
    try {
      const cursor = encodeURIComponent(state.cursor);
      const path = `/api/traces?${key}&limit=${PAGE_ROWS}&sort=newest&cursor=${cursor}`;
      const page = await getJson<RunList>(path, abort.current.signal);
      setState((s) => {
        const shown = new Set(s.rows.map((r) => r.trace_id));
        const more = page.traces.filter((r) => !shown.has(r.trace_id));
        return { ...s, rows: [...s.rows, ...more], cursor: page.next_cursor, pageError: null };
      });
    } catch (error) {
      if (!isAbort(error)) setState((s) => ({ ...s, pageError: failureText(error) }));
    }
    paging.current = false;
  }, [key, state.cursor, state.loading]);

  const showNew = useCallback(() => {
    setState((s) => ({ ...s, rows: [...s.waiting, ...s.rows].sort(newest), waiting: [] }));
  }, []);

  return { state, loadMore, showNew, reload: loadFirst, atTop, stale: state.key !== key };
}
