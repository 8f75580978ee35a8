// Builds one invented run: spans as the API gives them, and the rows of its tree. Used by the page's own tests only.

import type {
  AnyValue,
  KeyValue,
  Message,
  RunSummary,
  Span,
  SpanEvent,
  SpanLink,
  Step,
  StepKind,
  StepView,
  TokenCounts,
} from "../src/api/types.ts";

export interface MockRun {
  summary: RunSummary;
  spans: Span[];
  steps: Step[];
}

export interface SpanSpec {
  name: string;
  kind: StepKind;
  at: number; // seconds after the run's start
  takes: number | null; // seconds; null: no end received
  parent?: string | null;
  title?: string;
  detail?: string | null;
  agent?: string | null;
  model?: string | null;
  tokens?: TokenCounts | null;
  firstToken?: number | null; // seconds
  error?: string | null;
  input?: Message[];
  output?: Message[];
  args?: string | null;
  result?: string | null;
  callId?: string | null;
  finish?: string[];
  attributes?: KeyValue[];
  events?: SpanEvent[];
  links?: SpanLink[];
  scope?: string;
  id?: string;
  conflicting?: boolean;
}

export interface RunSpec {
  traceId: string;
  startNano: bigint;
  service: string;
  environment: string | null;
  task: string | null;
  conversation?: string | null;
  resource?: KeyValue[];
  lastArrivalNano?: bigint;
}

export const tokens = (input: number, output: number, cached = 0, reasoning = 0): TokenCounts => ({
  input,
  output,
  cached_input: cached,
  reasoning,
});
export const say = (role: string, text: string): Message => ({
  role,
  parts: [{ type: "text", text, id: null, name: null, arguments: null }],
});
export const str = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } });
const int = (key: string, n: number): KeyValue => ({ key, value: { intValue: String(n) } });
const strings = (key: string, list: string[]): KeyValue => ({
  key,
  value: { arrayValue: { values: list.map((stringValue): AnyValue => ({ stringValue })) } },
});

const ns = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9));

export class RunBuilder {
  private readonly spec: RunSpec;
  readonly spans: Span[] = [];
  readonly steps: Step[] = [];
  private serial = 0;

  constructor(spec: RunSpec) {
    this.spec = spec;
  }

  /** Adds a span and returns its id, for its children. */
  add(s: SpanSpec): string {
    const id = s.id ?? this.spec.traceId.slice(0, 8) + (++this.serial).toString(16).padStart(8, "0");
    this.spans.push(this.span(id, s));
    this.steps.push(stepOf(id, s, this.spec.service));
    return id;
  }

  private span(id: string, s: SpanSpec): Span {
    const start = this.spec.startNano + ns(s.at);
    const end = s.takes === null ? null : start + ns(s.takes);
    const view = viewOf(s, this.spec.conversation ?? null);
    return {
      trace_id: this.spec.traceId,
      span_id: id,
      parent_span_id: s.parent ?? null,
      name: s.name,
      kind: s.kind === "model" || s.kind === "other" ? "client" : "internal",
      start_time: iso(start),
      end_time: end === null ? null : iso(end),
      start_unix_nano: String(start),
      end_unix_nano: end === null ? null : String(end),
      duration_ns: s.takes === null ? null : Number(ns(s.takes)),
      duration_ms: s.takes === null ? null : s.takes * 1e3,
      status: s.takes === null ? "in_progress" : s.error ? "error" : "unset",
      status_message: s.error ?? "",
      trace_state: "",
      flags: 257,
      service: this.spec.service,
      attributes: [...genAiAttributes(s), ...(s.attributes ?? [])],
      events: s.events ?? [],
      links: s.links ?? [],
      dropped_attributes_count: 0,
      dropped_events_count: 0,
      dropped_links_count: 0,
      resource: {
        attributes: [
          str("service.name", this.spec.service),
          ...(this.spec.environment ? [str("deployment.environment.name", this.spec.environment)] : []),
          str("telemetry.sdk.language", "nodejs"),
          str("service.version", "2.4.1"),
          ...(this.spec.resource ?? []),
        ],
        dropped_attributes_count: 0,
        schema_url: "https://opentelemetry.io/schemas/1.37.0",
      },
      scope: {
        name: s.scope ?? "opentelemetry.instrumentation.agents",
        version: "0.3.0",
        attributes: [],
        dropped_attributes_count: 0,
        schema_url: "",
      },
      conflicting: s.conflicting ?? false,
      gen_ai: s.kind === "other" ? null : view,
    };
  }

  build(): MockRun {
    this.steps.sort((a, b) => a.start_offset_ns - b.start_offset_ns || (a.span_id < b.span_id ? -1 : 1));
    return { summary: this.summary(), spans: this.spans, steps: this.steps };
  }

  private summary(): RunSummary {
    const steps = this.steps;
    const known = new Set(steps.map((s) => s.span_id));
    const root = steps.find((s) => s.parent_span_id === null);
    const first = root ?? steps[0];
    const distinct = (f: (s: Step) => string | null) => [...new Set(steps.map(f).filter((v): v is string => !!v))];
    const endNs = Math.max(...steps.map((s) => s.start_offset_ns + (s.duration_ns ?? 0)));
    const failed = steps.find((s) => s.status === "error");
    const running = !root || root.duration_ns === null || !known.has(root.span_id);
    const spent = steps.filter((s) => s.tokens);
    const sum = (f: (t: TokenCounts) => number) => spent.reduce((n, s) => n + f(s.tokens as TokenCounts), 0);
    const start = this.spec.startNano;
    const latest = steps.reduce((a, b) => (b.start_offset_ns >= a.start_offset_ns ? b : a), steps[0]);
    return {
      trace_id: this.spec.traceId,
      name: first.name,
      service: this.spec.service,
      agent: first.agent,
      task: this.spec.task,
      state: running ? "running" : first.status === "error" ? "error" : "ok",
      start_unix_nano: String(start),
      end_unix_nano: String(start + BigInt(Math.round(endNs))),
      duration_ns: endNs,
      duration_ms: endNs / 1e6,
      last_arrival_unix_nano: String(this.spec.lastArrivalNano ?? start + BigInt(Math.round(endNs)) + 1_000_000_000n),
      current_step: running ? latest.title : null,
      error: failed ? { message: failed.status_message, step: failed.title } : null,
      services: [this.spec.service],
      agents: distinct((s) => s.agent),
      models: distinct((s) => s.model),
      tools: [...new Set(steps.filter((s) => s.kind === "tool").map((s) => s.title))],
      environment: this.spec.environment,
      conversation_id: this.spec.conversation ?? null,
      span_count: steps.length,
      error_count: steps.filter((s) => s.status === "error").length,
      tokens: spent.length
        ? tokens(
            sum((t) => t.input),
            sum((t) => t.output),
            sum((t) => t.cached_input),
            sum((t) => t.reasoning),
          )
        : null,
    };
  }
}

function iso(nano: bigint): string {
  const ms = nano / 1_000_000n;
  const rest = String(nano % 1_000_000_000n).padStart(9, "0");
  return new Date(Number(ms)).toISOString().slice(0, 19) + "." + rest + "Z";
}

function stepOf(id: string, s: SpanSpec, service: string): Step {
  return {
    span_id: id,
    parent_span_id: s.parent ?? null,
    name: s.name,
    title: s.title ?? s.name,
    detail: s.detail ?? null,
    kind: s.kind,
    span_kind: s.kind === "model" || s.kind === "other" ? "client" : "internal",
    service,
    start_offset_ns: Math.round(s.at * 1e9),
    duration_ns: s.takes === null ? null : Math.round(s.takes * 1e9),
    status: s.error ? "error" : "unset",
    status_message: s.error ?? "",
    agent: s.agent ?? null,
    model: s.model ?? null,
    tokens: s.tokens ?? null,
    first_token_ns: s.firstToken == null ? null : Math.round(s.firstToken * 1e9),
    event_count: s.events?.length ?? 0,
    link_count: s.links?.length ?? 0,
    conflicting: s.conflicting ?? false,
  };
}

function viewOf(s: SpanSpec, conversation: string | null): StepView {
  return {
    kind: s.kind,
    dialect: "otel",
    operation:
      s.kind === "model" ? "chat" : s.kind === "tool" ? "execute_tool" : s.kind === "agent" ? "invoke_agent" : null,
    agent: s.agent ?? null,
    tool: s.kind === "tool" ? (s.title ?? s.name) : null,
    tool_call_id: s.callId ?? null,
    provider: s.model
      ? s.model.startsWith("claude")
        ? "anthropic"
        : s.model.startsWith("gemini")
          ? "gcp.gemini"
          : "openai"
      : null,
    request_model: s.model ?? null,
    response_model: s.model ?? null,
    conversation_id: conversation,
    finish_reasons: s.finish ?? [],
    tokens: s.tokens ?? null,
    first_token_ns: s.firstToken == null ? null : Math.round(s.firstToken * 1e9),
    input_messages: s.input ?? [],
    output_messages: s.output ?? [],
    arguments: s.args ?? null,
    result: s.result ?? null,
  };
}

function genAiAttributes(s: SpanSpec): KeyValue[] {
  const out: KeyValue[] = [];
  if (s.agent) out.push(str("gen_ai.agent.name", s.agent));
  if (s.kind === "model" && s.model) {
    out.push(
      str("gen_ai.operation.name", "chat"),
      str("gen_ai.request.model", s.model),
      str("gen_ai.response.model", s.model),
    );
    out.push(
      { key: "gen_ai.request.temperature", value: { doubleValue: 0.2 } },
      { key: "gen_ai.request.stream", value: { boolValue: true } },
    );
  }
  if (s.tokens) {
    out.push(int("gen_ai.usage.input_tokens", s.tokens.input), int("gen_ai.usage.output_tokens", s.tokens.output));
    if (s.tokens.cached_input) out.push(int("gen_ai.usage.cache_read.input_tokens", s.tokens.cached_input));
  }
  if (s.finish?.length) out.push(strings("gen_ai.response.finish_reasons", s.finish));
  if (s.kind === "tool") {
    out.push(str("gen_ai.operation.name", "execute_tool"), str("gen_ai.tool.name", s.title ?? s.name));
    if (s.callId) out.push(str("gen_ai.tool.call.id", s.callId));
    if (s.args) out.push(str("gen_ai.tool.call.arguments", s.args));
  }
  return out;
}
