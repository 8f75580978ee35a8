// The shapes of Sextant's own JSON API, as the page sees them. The server's description of the same shapes is
// src/serve/api/openapi.json; a test holds the two together.
//
// Times are decimal strings of Unix nanoseconds (they exceed 2^53). Durations are numbers of nanoseconds.
// null means "not known"; it is never replaced by 0.

/** Sums over the model calls of a run, each call counted once. */
export interface TokenCounts {
  input: number; // all input tokens, cached ones included
  output: number; // all output tokens, reasoning included
  cached_input: number; // part of input
  reasoning: number; // part of output
}

export type RunState = "running" | "ok" | "error";

/** One row of the runs list. */
export interface RunSummary {
  trace_id: string; // 32 lower-case hex digits
  name: string; // the root span's name; the earliest span's while the root is missing
  service: string; // that span's service.name, "" when not set
  agent: string | null; // agent nearest the root
  task: string | null; // first user message, at most 200 characters
  state: RunState; // running: no root span received yet; error: the root span ended in error
  start_unix_nano: string;
  end_unix_nano: string; // latest end seen so far
  duration_ns: number;
  duration_ms: number;
  last_arrival_unix_nano: string; // when the server last received a span of this run
  current_step: string | null; // while running: name of the span that started last
  error: { message: string; step: string } | null; // first span with an error
  services: string[];
  agents: string[];
  models: string[];
  tools: string[];
  environment: string | null; // deployment.environment.name
  conversation_id: string | null;
  span_count: number;
  error_count: number;
  tokens: TokenCounts | null; // null: no model call reported usage
}

/** Something that could not be read; the rest of the answer is complete. */
export interface Partial {
  reason: string; // a sentence: what is missing and why
}

export interface ScanStats {
  segments: number;
  segments_opened: number;
  blocks_read: number;
  rows_read: number;
  elapsed_us: number;
}

/** GET /api/traces */
export interface RunList {
  traces: RunSummary[];
  next_cursor: string | null;
  partial: Partial[];
  stats: ScanStats;
}

export interface FacetValue {
  value: string;
  count: number;
}

/** GET /api/traces/overview: what stands around the list. Same filters as /api/traces. */
export interface Overview {
  total: number;
  running: number;
  errors: number; // runs with at least one span in error
  tokens: TokenCounts | null;
  duration_p95_ns: number | null;
  // Counts of a facet ignore that facet's own choice.
  facets: {
    state: FacetValue[];
    agent: FacetValue[];
    model: FacetValue[];
    tool: FacetValue[];
    service: FacetValue[];
    environment: FacetValue[];
  };
  series: {
    start_unix_nano: string;
    step_ns: number;
    ok: number[]; // runs that started in the step, by state
    error: number[];
    running: number[];
    input_tokens: number[];
    output_tokens: number[];
  };
  heatmap: {
    duration_bounds_ns: number[]; // n+1 ascending bounds of n rows; the last row is open above
    counts: number[][]; // [row][step], steps as in series
  };
  partial: Partial[];
  stats: ScanStats;
}

export type StepKind =
  "agent" | "workflow" | "model" | "embeddings" | "tool" | "retrieval" | "handoff" | "guard" | "other";
export type StatusCode = "unset" | "ok" | "error";
export type SpanKind = "unspecified" | "internal" | "server" | "client" | "producer" | "consumer";

/** One row of a run's tree. */
export interface Step {
  span_id: string; // 16 hex digits
  parent_span_id: string | null;
  name: string; // the span's name
  title: string; // what the row says: "chat gpt-4o", "query_database", "analyzer"
  detail: string | null; // dimmed text after it: a short view of the tool's arguments, …
  kind: StepKind;
  span_kind: SpanKind;
  service: string;
  start_offset_ns: number; // from the run's start
  duration_ns: number | null; // null: no end received
  status: StatusCode;
  status_message: string;
  agent: string | null;
  model: string | null;
  tokens: TokenCounts | null;
  first_token_ns: number | null; // from the step's start
  event_count: number;
  link_count: number;
  conflicting: boolean; // copies of this span with different content were received
}

/** GET /api/traces/{trace_id}/steps */
export interface StepList {
  trace_id: string;
  summary: RunSummary;
  steps: Step[]; // by start, then span id
  partial: Partial[];
}

// Attributes keep their types: OTLP/JSON's AnyValue.
export interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number | "NaN" | "Infinity" | "-Infinity";
  arrayValue?: { values: AnyValue[] };
  kvlistValue?: { values: KeyValue[] };
  bytesValue?: string; // base64
  cutFromBytes?: number; // where value_chars_max cut it: bytes it had
}
export interface KeyValue {
  key: string;
  value: AnyValue;
}

export interface SpanEvent {
  name: string;
  time_unix_nano: string;
  attributes: KeyValue[];
  dropped_attributes_count: number;
}
export interface SpanLink {
  trace_id: string;
  span_id: string;
  trace_state: string;
  flags: number;
  attributes: KeyValue[];
  dropped_attributes_count: number;
}

export interface MessagePart {
  type: "text" | "reasoning" | "tool_call" | "tool_result" | "media" | "other";
  text: string | null; // text, reasoning, result; JSON text of anything else
  id: string | null; // tool call id
  name: string | null; // tool name
  arguments: string | null; // of a tool call, as received
}
export interface Message {
  role: string; // system, user, assistant, tool, …
  parts: MessagePart[];
}

/** What the span means to an agent, read from whichever dialect it came in. */
export interface StepView {
  kind: StepKind;
  dialect: "otel" | "openinference" | "openllmetry" | "vercel" | "other";
  operation: string | null;
  agent: string | null;
  tool: string | null;
  tool_call_id: string | null;
  provider: string | null;
  request_model: string | null;
  response_model: string | null;
  conversation_id: string | null;
  finish_reasons: string[];
  tokens: TokenCounts | null;
  first_token_ns: number | null;
  input_messages: Message[];
  output_messages: Message[];
  arguments: string | null; // of a tool
  result: string | null; // of a tool
}

/** A whole span: an element of GET /api/traces/{id} and of GET /api/traces/{id}/spans/{span_id}. */
export interface Span {
  trace_id: string;
  span_id: string;
  parent_span_id: string | null;
  name: string;
  kind: SpanKind;
  start_time: string; // RFC 3339, nanoseconds
  end_time: string | null;
  start_unix_nano: string;
  end_unix_nano: string | null;
  duration_ns: number | null;
  duration_ms: number | null;
  status: StatusCode | "in_progress";
  status_message: string;
  trace_state: string;
  flags: number;
  service: string;
  attributes: KeyValue[];
  events: SpanEvent[];
  links: SpanLink[];
  dropped_attributes_count: number;
  dropped_events_count: number;
  dropped_links_count: number;
  resource: { attributes: KeyValue[]; dropped_attributes_count: number; schema_url: string };
  scope: {
    name: string;
    version: string;
    attributes: KeyValue[];
    dropped_attributes_count: number;
    schema_url: string;
  };
  conflicting: boolean;
  gen_ai: StepView | null; // null: nothing of an agent's in it
}

export interface TreeNode {
  span_id: string | null; // null only for the node that holds several roots together
  parent_span_id: string | null;
  name: string | null;
  status: Span["status"] | null;
  start_time: string | null;
  duration_ms: number | null;
  parent_missing: boolean; // kept at the root because its parent was not received
  nested_set_parent: number | null; // left of the parent; -1: a root; 0: parent_missing
  nested_set_left: number | null; // those of all spans below lie between left and right
  nested_set_right: number | null;
  children: TreeNode[];
}

/** GET /api/traces/{trace_id}; with ?format=otlp the answer is OTLP/JSON TracesData instead. */
export interface Trace {
  trace_id: string;
  duration_ms: number;
  summary: RunSummary;
  spans: Span[];
  tree: TreeNode;
  partial: Partial[];
}

/** GET /api/traces/{trace_id}/spans/{span_id}; more than one element when differing copies were received. */
export interface SpanCopies {
  spans: Span[];
}

/** GET /api/metrics: the last minutes as one line of numbers. */
export interface LiveMetrics {
  requests_per_minute: number;
  error_rate: number; // percent of runs in error, last five minutes
  avg_latency_ms: number; // mean duration of ended runs, last five minutes
  active_traces: number; // running, with data in the last minute
  tokens_per_hour: number;
}

/** GET /api/services */
export interface ServiceList {
  services: { name: string; spans: number }[];
}
/** GET /api/operations?service= */
export interface OperationList {
  operations: { service: string; name: string; kind: SpanKind }[];
}
export type AttributeScope = "span" | "resource" | "scope" | "event" | "link";
export type ValueType = "empty" | "string" | "bool" | "int" | "double" | "bytes" | "array" | "map";
/** GET /api/attributes?scope= */
export interface AttributeList {
  attributes: { scope: AttributeScope; key: string; types: ValueType[] }[];
}
/** GET /api/attributes/values?scope=&key=&limit= */
export interface AttributeValues {
  values: { value: AnyValue; count: number }[];
  truncated: boolean;
}

/** GET /api/status: the server itself, for the top bar and the first start. */
export interface ServerStatus {
  version: string;
  started_unix_nano: string;
  now_unix_nano: string;
  addresses: { http: string; otlp_http: string; otlp_grpc: string }; // host:port
  durability: "sync" | "relaxed" | "off";
  data_dir_free_bytes: number | null; // null: the operating system does not say
  spans_per_second: number; // accepted, last ten seconds
  data_version: number; // grows whenever something was stored; unchanged: nothing new to fetch
  received: {
    requests_accepted: number;
    requests_refused: number;
    spans_accepted: number;
    spans_refused: number;
  };
  first: { span: boolean; model_call: boolean; message: boolean }; // seen since the data directory exists
  recent_refusals: { time_unix_nano: string; protocol: "http" | "grpc"; message: string }[]; // newest first, at most 5
}

/** Body of every answer with status 4xx or 5xx. */
export interface ApiError {
  error: {
    code: string; // stable, snake_case: invalid_argument, not_found, …
    message: string; // what was wrong, and what would be right
    position: { parameter: string; offset: number } | null;
  };
}
