// A shared tick, so that relative times across the page change together and cost one timer.

import { useSyncExternalStore } from "react";
import { serverNow } from "./status.ts";

const listeners = new Set<() => void>();
let now = serverNow();
let timer = 0;

function tick(): void {
  now = serverNow();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = serverNow();
    timer = window.setInterval(() => !document.hidden && tick(), 1000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.clearInterval(timer);
  };
}

/** Unix milliseconds of the server, renewed once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
