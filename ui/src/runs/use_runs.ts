// What the runs list shows and how it follows the server: first page and overview for a query, further pages on demand,
// and, while live, what is new. New rows wait unless the list is at its top; rows already shown change in place.

import { useCallback, useEffect, useRef, useState } from "react";
import { failureText, getJson, isAbort } from "../api/client.ts";
import type { Overview, RunList, RunSummary } from "../api/types.ts";
import { connection, useConnection } from "../lib/status.ts";
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
  key: "",
  rows: [],
  waiting: [],
  cursor: null,
  partial: [],
  overview: null,
  loading: true,
  error: null,
  overviewError: null,
  pageError: null,
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

type Change = (state: RunsState) => RunsState;
type SetRuns = (change: Change) => void;

const listUrl = (key: string, cursor = "") =>
  `/api/traces?${key}&limit=${PAGE_ROWS}&sort=newest${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;

const currentVersion = () => connection.get().status?.data_version ?? -1;

/** Asks for the overview; its time is kept, so that a busy server is not asked with every span. */
function useOverview(key: string, set: SetRuns) {
  const at = useRef(0);
  const load = useCallback(
    async (signal: AbortSignal) => {
      at.current = Date.now();
      try {
        const overview = await getJson<Overview>(`/api/traces/overview?${key}&steps=${CHART_STEPS}`, signal);
        set((s) => ({ ...s, overview, overviewError: null }));
      } catch (error) {
        if (!isAbort(error)) set((s) => ({ ...s, overviewError: failureText(error) }));
      }
    },
    [key, set],
  );
  const loadIfDue = useCallback(
    (news: boolean, signal: AbortSignal) => {
      const since = Date.now() - at.current;
      if ((news && since > OVERVIEW_EVERY_MS) || since > OVERVIEW_IDLE_MS) void load(signal);
    },
    [load],
  );
  return { load, loadIfDue };
}

/** Further pages, one at a time. */
function useMore(key: string, cursor: string | null, loading: boolean, signal: () => AbortSignal, set: SetRuns) {
  const busy = useRef(false);
  return useCallback(async () => {
    if (!cursor || busy.current || loading) return;
    busy.current = true;
    try {
      const page = await getJson<RunList>(listUrl(key, cursor), signal());
      set((s) => {
        const shown = new Set(s.rows.map((r) => r.trace_id));
        const more = page.traces.filter((r) => !shown.has(r.trace_id));
        return { ...s, rows: [...s.rows, ...more], cursor: page.next_cursor, pageError: null };
      });
    } catch (error) {
      if (!isAbort(error)) set((s) => ({ ...s, pageError: failureText(error) }));
    }
    busy.current = false;
  }, [key, cursor, loading, signal, set]);
}

/** The list for one query. Changing the query abandons what is on its way. */
export function useRuns(query: RunsQuery) {
  const key = apiParams(query).toString();
  const [state, set] = useState<RunsState>(EMPTY);
  const atTop = useRef(true);
  const abort = useRef(new AbortController());
  const signal = useCallback(() => abort.current.signal, []);
  const seen = useRef(-1); // version of the data that the rows' head was read at, or before
  const { status } = useConnection();
  const version = status?.data_version ?? -1;
  const overview = useOverview(key, set);
  const { load: loadOverview, loadIfDue } = overview;

  const loadFirst = useCallback(async () => {
    abort.current.abort();
    const mine = (abort.current = new AbortController());
    seen.current = currentVersion();
    set((s) => ({ ...s, loading: true, pageError: null }));
    void loadOverview(mine.signal);
    try {
      const page = await getJson<RunList>(listUrl(key), mine.signal);
      const first = { rows: page.traces, cursor: page.next_cursor, partial: reasons(page), error: null };
      set((s) => ({ ...s, ...first, key, waiting: [], loading: false }));
    } catch (error) {
      if (!isAbort(error)) set((s) => ({ ...s, key, rows: [], waiting: [], cursor: null, loading: false, error }));
    }
  }, [key, loadOverview]);

  useEffect(() => {
    void loadFirst();
    return () => abort.current.abort();
  }, [loadFirst]);

  useEffect(() => {
    if (!query.live || state.loading || state.key !== key || version === -1) return;
    const news = version !== seen.current;
    loadIfDue(news, signal());
    if (!news) return;
    seen.current = version;
    getJson<RunList>(listUrl(key), signal())
      .then((head) => set((s) => (s.key === key ? mergeHead(s, head, atTop.current) : s)))
      .catch(() => undefined); // Why silent: the status poll says that the server is gone, and the next one tries again
  }, [version, status, query.live, key, state.loading, state.key, loadIfDue, signal]);

  const loadMore = useMore(key, state.cursor, state.loading, signal, set);
  const showNew = useCallback(() => {
    set((s) => ({ ...s, rows: [...s.waiting, ...s.rows].sort(newest), waiting: [] }));
  }, []);
  return { state, loadMore, showNew, reload: loadFirst, atTop, stale: state.key !== key };
}
