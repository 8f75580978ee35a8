// The mock server: the JSON API over invented runs, and the built page under the same strict policy as the real server.

import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { ApiError, ServerStatus } from "../src/api/types.ts";
import { attributes, attributeValues, BadRequest, list, overview } from "./answers.ts";
import { makeRuns, testRun } from "./data.ts";
import { Random } from "./random.ts";
import type { MockRun } from "./run_builder.ts";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

const nowNano = () => BigInt(Date.now()) * 1_000_000n;

/** State of one mock server. Tests change it through the methods. */
export class Mock {
  // Made once: many mock servers of one test run show the same runs.
  private static made: MockRun[] | null = null;
  runs: MockRun[];
  version = 1;
  refuseApi = false; // answers 503 to everything
  private readonly started = nowNano();
  private readonly random = new Random(7);
  private readonly large = new Map<string, string>(); // answers worth keeping as text
  private http: Server | null = null;
  url = "";

  constructor(options: { empty?: boolean } = {}) {
    this.runs = options.empty ? [] : [...(Mock.made ??= makeRuns(nowNano()))];
  }

  async listen(port = 0): Promise<string> {
    this.http = createServer((request, response) => this.answer(request, response));
    await new Promise<void>((done) => this.http?.listen(port, "127.0.0.1", done));
    const address = this.http.address();
    this.url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : port}`;
    return this.url;
  }

  async close(): Promise<void> {
    this.http?.closeAllConnections();
    await new Promise((done) => this.http?.close(done));
  }

  /** A run arrives now. */
  arrive(): string {
    const id = this.random.hex(32);
    this.runs = [testRun(id, nowNano() - 2_000_000_000n), ...this.runs];
    this.version++;
    return id;
  }

  status(): ServerStatus {
    const spans = this.runs.reduce((n, r) => n + r.steps.length, 0);
    const host = this.url.slice(7);
    return {
      version: "0.1.0",
      started_unix_nano: String(this.started),
      now_unix_nano: String(nowNano()),
      addresses: { http: host, otlp_http: "127.0.0.1:4318", otlp_grpc: "127.0.0.1:4317" },
      durability: "sync",
      data_dir_free_bytes: 48_200_000_000,
      spans_per_second: this.runs.length > 10 ? 412 : 0,
      data_version: this.version,
      received: { requests_accepted: this.runs.length, requests_refused: 0, spans_accepted: spans, spans_refused: 0 },
      first: { span: spans > 0, model_call: spans > 0, message: spans > 0 },
      recent_refusals: [],
    };
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", this.url);
    response.setHeader("content-security-policy", POLICY);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("cache-control", "no-store");
    if (!url.pathname.startsWith("/api/")) return this.file(url.pathname, response);
    response.setHeader("content-type", "application/json");
    try {
      if (this.refuseApi) return void fail(response, 503, "unavailable", "The server is stopping.");
      const body = this.api(request.method ?? "GET", url);
      if (body === null) fail(response, 404, "not_found", `Nothing is known under ${url.pathname}.`);
      else response.end(typeof body === "string" ? body : JSON.stringify(body));
    } catch (error) {
      if (error instanceof BadRequest) fail(response, 400, "invalid_argument", error.message, error.parameter);
      else fail(response, 500, "internal", String(error));
    }
  }

  private api(method: string, url: URL): unknown {
    const p = url.searchParams;
    const now = nowNano();
    if (method === "POST") return url.pathname === "/api/test-trace" ? { trace_id: this.arrive() } : null;
    switch (url.pathname) {
      case "/api/status":
        return this.status();
      case "/api/traces":
        return list(this.runs, p, now);
      case "/api/traces/overview":
        return overview(this.runs, p, now);
      case "/api/services":
        return { services: [...new Set(this.runs.map((r) => r.summary.service))].map((name) => ({ name, spans: 1 })) };
      case "/api/operations":
        return {
          operations: [...new Set(this.runs.flatMap((r) => r.spans.slice(0, 200).map((s) => s.name)))].map((name) => ({
            service: "",
            name,
            kind: "internal",
          })),
        };
      case "/api/attributes":
        return attributes(this.runs, p);
      case "/api/attributes/values":
        return attributeValues(this.runs, p);
    }
    const found = /^\/api\/traces\/([0-9a-f]{32})(\/steps|\/spans\/([0-9a-f]{16}))?$/.exec(url.pathname);
    const run = found && this.runs.find((r) => r.summary.trace_id === found[1]);
    if (!found || !run) return null;
    if (found[2] === "/steps") return this.steps(run);
    if (found[3]) {
      const span = run.spans.find((s) => s.span_id === found[3]);
      return span ? { spans: span.conflicting ? [span, { ...span, status_message: "another copy" }] : [span] } : null;
    }
    return {
      trace_id: run.summary.trace_id,
      duration_ms: run.summary.duration_ms,
      summary: run.summary,
      spans: run.spans,
      partial: [],
    };
  }

  /** The page is measured, not this server: a large answer is made once. */
  private steps(run: MockRun): unknown {
    const id = run.summary.trace_id;
    if (run.steps.length < 5000) return { trace_id: id, summary: run.summary, steps: run.steps, partial: [] };
    const kept =
      this.large.get(id) ?? JSON.stringify({ trace_id: id, summary: run.summary, steps: run.steps, partial: [] });
    this.large.set(id, kept);
    return kept;
  }

  private file(path: string, response: ServerResponse): void {
    const asset = path.startsWith("/assets/") ? normalize(path).replace(/^\/+/, "") : "index.html";
    try {
      const body = readFileSync(join(DIST, asset));
      response.setHeader("content-type", TYPES[extname(asset)] ?? "application/octet-stream");
      response.end(body);
    } catch {
      fail(response, 404, "not_found", "No such file.");
    }
  }
}

function fail(response: ServerResponse, status: number, code: string, message: string, parameter?: string): void {
  const body: ApiError = { error: { code, message, position: parameter ? { parameter, offset: 0 } : null } };
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}
