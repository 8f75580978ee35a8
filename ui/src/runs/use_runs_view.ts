// What is looked at in the list: the active row, the row peeked into, the drawer; and everything one can do about it.

import { useCallback, useState, type RefObject } from "react";
import { open, replace } from "../lib/router.ts";
import { formatRunsUrl, type FacetKey, type RunsQuery } from "../lib/url.ts";
import { useRuns } from "./use_runs.ts";

export function useRunsView(query: RunsQuery, view: RefObject<HTMLElement | null>) {
  const { state, loadMore, showNew, reload, atTop, stale } = useRuns(query);
  const [activeId, setActiveId] = useState<string | null>(null);
  const [focusSerial, setFocusSerial] = useState(0);
  const [drawer, setDrawer] = useState(false);
  const { rows, waiting } = state;
  const active = activeId === null ? -1 : rows.findIndex((r) => r.trace_id === activeId);
  const peeked = query.peek ? (rows.find((r) => r.trace_id === query.peek) ?? null) : null;
  const change = (part: Partial<RunsQuery>) => replace(formatRunsUrl({ ...query, ...part }));
  const toggleLive = () => change(query.live ? { live: false } : { live: true, to: null });
  const toTop = () => {
    showNew();
    view.current?.querySelector(".runs-scroll")?.scrollTo({ top: 0 });
  };
  const move = (to: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (!row) return;
    setActiveId(row.trace_id);
    setFocusSerial((n) => n + 1);
    if (query.peek) change({ peek: row.trace_id });
  };
  const activate = useCallback((index: number) => setActiveId(rows[index]?.trace_id ?? null), [rows]);
  const openFacets = () => {
    setDrawer(true);
    requestAnimationFrame(() => view.current?.querySelector<HTMLElement>(".facet input, .facet button")?.focus());
  };
  return {
    query,
    state,
    stale,
    active,
    focusSerial,
    drawer,
    peeked,
    change,
    toggleLive,
    toTop,
    move,
    activate,
    openFacets,
    loadMore,
    reload: () => void reload(),
    setAtTop: (top: boolean) => {
      atTop.current = top;
    },
    closeFacets: () => setDrawer(false),
    openActive: () => rows[active] && open(`/run/${rows[active].trace_id}`),
    openPeeked: () => peeked && open(`/run/${peeked.trace_id}`),
    closePeek: () => change({ peek: null }),
    peekActive: () =>
      rows[active] && change({ peek: query.peek === rows[active].trace_id ? null : rows[active].trace_id }),
    showNewOrToggleLive: () => (waiting.length ? toTop() : toggleLive()),
    toggle: (key: FacetKey, value: string) => {
      const chosen = query[key];
      change({ [key]: chosen.includes(value) ? chosen.filter((v) => v !== value) : [...chosen, value] });
    },
  };
}

export type RunsView = ReturnType<typeof useRunsView>;
