// The server's own state, asked for once a second while the page is in sight. Everything that updates by itself hangs
// on `data_version`: unchanged means there is nothing new to fetch.

import { getJson } from "../api/client.ts";
import type { ServerStatus } from "../api/types.ts";
import { nanoToMs } from "./format.ts";
import { createStore, useStore } from "./store.ts";

const POLL_MS = 1000;
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];

export interface Connection {
  status: ServerStatus | null;
  lost: boolean;
  retryAtMs: number; // local clock; only while lost
  skewMs: number; // the server's clock minus this machine's
}

export const connection = createStore<Connection>({ status: null, lost: false, retryAtMs: 0, skewMs: 0 });

let timer = 0;
let failures = 0;
let busy = false;

/** One request at a time; a failure makes the next wait longer. */
async function poll(): Promise<void> {
  if (busy) return;
  busy = true;
  window.clearTimeout(timer);
  let wait = POLL_MS;
  try {
    const status = await getJson<ServerStatus>("/api/status");
    failures = 0;
    connection.set({ status, lost: false, retryAtMs: 0, skewMs: nanoToMs(status.now_unix_nano) - Date.now() });
  } catch {
    wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
    failures++;
    connection.set({ ...connection.get(), lost: true, retryAtMs: Date.now() + wait });
  }
  busy = false;
  if (!document.hidden) timer = window.setTimeout(poll, wait);
}

export function startPolling(): void {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void poll();
  });
  void poll();
}

export function retryNow(): void {
  void poll();
}

export function useConnection(): Connection {
  return useStore(connection);
}

/** The server's clock, so that "3 s ago" is true even where this machine's clock is wrong. */
export function serverNow(): number {
  return Date.now() + connection.get().skewMs;
}
