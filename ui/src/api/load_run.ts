// Fetches a run's steps as a StepTable. Answers over 1 MB are read in a worker, so that the page never stands still.

import { buildStepTable, type StepTable } from "../lib/step_table.ts";
import { ApiFailure, request } from "./client.ts";
import type { WorkerAnswer } from "./run_worker.ts";
import type { StepList } from "./types.ts";

const WORKER_BYTES_MIN = 1_000_000;

let worker: Worker | null = null;
let tickets = 0;
const waiting = new Map<number, { resolve: (t: StepTable) => void; reject: (e: Error) => void }>();

/** Started with the first large run; most readers never need it. */
function theWorker(): Worker {
  if (worker) return worker;
  worker = new Worker(new URL("./run_worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = (message: MessageEvent<WorkerAnswer>) => {
    const { ticket, table, error } = message.data;
    const waiter = waiting.get(ticket);
    waiting.delete(ticket);
    if (table) waiter?.resolve(table);
    else waiter?.reject(unreadable(error ?? ""));
  };
  worker.onerror = () => {
    for (const waiter of waiting.values()) waiter.reject(unreadable("the reader could not start"));
    waiting.clear();
    worker = null;
  };
  return worker;
}

function unreadable(detail: string): ApiFailure {
  return new ApiFailure(`The answer could not be read: ${detail}`, "unreadable", 200, null, null);
}

/** The bytes move to the worker and the finished arrays back: neither is copied. */
function inWorker(bytes: ArrayBuffer): Promise<StepTable> {
  const ticket = ++tickets;
  return new Promise((resolve, reject) => {
    waiting.set(ticket, { resolve, reject });
    theWorker().postMessage({ ticket, bytes }, [bytes]);
  });
}

export async function loadRun(traceId: string, signal: AbortSignal): Promise<StepTable> {
  const response = await request(`/api/traces/${traceId}/steps`, { signal });
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength > WORKER_BYTES_MIN) return inWorker(bytes);
  return buildStepTable(JSON.parse(new TextDecoder().decode(bytes)) as StepList);
}
