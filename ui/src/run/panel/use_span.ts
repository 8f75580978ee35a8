// One span in full, fetched when its step is looked at and kept for a while.

import { useEffect, useState } from "react";
import { getJson, isAbort } from "../../api/client.ts";
import type { Span, SpanCopies } from "../../api/types.ts";

const KEPT_MAX = 60;
const kept = new Map<string, Promise<Span[]>>();

/** `stamp` tells apart states of a span that may still change. */
export function fetchSpan(traceId: string, spanId: string, stamp: string): Promise<Span[]> {
  const key = `${traceId}/${spanId}/${stamp}`;
  let wanted = kept.get(key);
  if (wanted) return wanted;
  wanted = getJson<SpanCopies>(`/api/traces/${traceId}/spans/${spanId}`).then((c) => c.spans);
  kept.set(key, wanted);
  wanted.catch(() => kept.delete(key));
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value as string);
  return wanted;
}

export interface SpanState {
  spans: Span[]; // more than one: differing copies
  spanId: string; // what `spans` are of
  error: unknown;
}

/** `attempt` grows when the reader asks to try again. */
export function useSpan(traceId: string, spanId: string, stamp: string, attempt: number): SpanState {
  const [state, setState] = useState<SpanState>({ spans: [], spanId: "", error: null });
  useEffect(() => {
    let current = true;
    fetchSpan(traceId, spanId, stamp).then(
      (spans) => current && setState({ spans, spanId, error: null }),
      (error) => current && !isAbort(error) && setState({ spans: [], spanId, error }),
    );
    return () => {
      current = false;
    };
  }, [traceId, spanId, stamp, attempt]);
  return state;
}
