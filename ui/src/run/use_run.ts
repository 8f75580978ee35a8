// One run's steps, renewed while the run grows. Large runs are asked for less often: each load may cost at most a tenth of
// the time between two.

import { useCallback, useEffect, useRef, useState } from "react";
import { isAbort } from "../api/client.ts";
import { loadRun } from "../api/load_run.ts";
import { nanoToMs } from "../lib/format.ts";
import type { StepTable } from "../lib/step_table.ts";
import { connection, serverNow, useConnection } from "../lib/status.ts";

const EVERY_MS = 1000;
const PAUSE_PER_LOAD = 10;
const STILL_ARRIVING_MS = 60_000; // spans may follow the root's end: exporters send in batches

export interface RunState {
  table: StepTable | null;
  error: unknown;
  loading: boolean;
}

/** Whether spans may still come; an old run is not asked for again. */
function grows(table: StepTable): boolean {
  const last = nanoToMs(table.summary.last_arrival_unix_nano);
  return table.summary.state === "running" || serverNow() - last < STILL_ARRIVING_MS;
}

export function useRun(traceId: string) {
  const [state, setState] = useState<RunState>({ table: null, error: null, loading: true });
  const { status } = useConnection();
  const version = status?.data_version ?? -1;
  const seen = useRef(-1); // version of the data that the table was made from
  const busy = useRef(false);
  const nextAt = useRef(0);
  const abort = useRef<AbortController | null>(null);

  const load = useCallback(async () => {
    abort.current?.abort();
    const mine = (abort.current = new AbortController());
    busy.current = true;
    const began = performance.now();
    const version = connection.get().status?.data_version ?? -1;
    try {
      const table = await loadRun(traceId, mine.signal);
      if (!mine.signal.aborted) setState({ table, error: null, loading: false });
    } catch (error) {
      // What is shown stays when a renewal fails; the next one tries again.
      if (!isAbort(error) && !mine.signal.aborted)
        setState((s) => ({ ...s, error: s.table ? null : error, loading: false }));
    }
    if (abort.current !== mine) return;
    const took = performance.now() - began;
    nextAt.current = performance.now() + Math.max(EVERY_MS - 100, took * PAUSE_PER_LOAD);
    busy.current = false;
    seen.current = version;
  }, [traceId]);

  useEffect(() => {
    void load();
    return () => abort.current?.abort();
  }, [load]);

  useEffect(() => {
    if (version === seen.current || busy.current || performance.now() < nextAt.current) return;
    if (state.table && grows(state.table)) void load();
  }, [version, status, state.table, load]);

  const retry = useCallback(() => {
    setState((s) => ({ ...s, loading: true, error: null }));
    void load();
  }, [load]);

  return { ...state, retry };
}
