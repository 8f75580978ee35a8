// A real server for tests and measurements of the page: one to be started, or one that runs already; and filling it.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ServerStatus } from "../../ui/src/api/types.ts";
import { sendRun } from "../../ui/mock/otlp.ts";
import type { MockRun } from "../../ui/mock/run_builder.ts";

const LOOPBACK = "127.0.0.1:0";

/** Starts the server on free ports with a data directory of its own. Ends with its words when it does not get ready. */
export async function startServer(binary: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const data = mkdtempSync(join(tmpdir(), "sextant-page-data-"));
  const flags = ["--listen", LOOPBACK, "--otlp-grpc-listen", LOOPBACK, "--otlp-http-listen", LOOPBACK];
  const child = spawn(binary, ["serve", "--data-dir", data, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const stop = async () => {
    await ended(child);
    rmSync(data, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("ready ")) continue;
    const { http } = JSON.parse(line.slice("ready ".length)) as { http: string };
    return { url: `http://${http}`, stop };
  }
  await stop();
  throw new Error(`${binary} ended before it was ready`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await exit;
}

/** Stores a run, unless the server has it already. */
export async function give(base: string, run: MockRun): Promise<void> {
  const known = await fetch(`${base}/api/traces/${run.summary.trace_id}/steps`);
  await known.body?.cancel();
  if (known.ok) return;
  const status = (await (await fetch(`${base}/api/status`)).json()) as ServerStatus;
  await sendRun(status.addresses.otlp_http, run);
}
