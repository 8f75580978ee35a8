// An invented run as OTLP/JSON, so that a real server can be given the same data.

import type { KeyValue, Message, Span } from "../src/api/types.ts";
import type { MockRun } from "./run_builder.ts";

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];
const SPANS_PER_REQUEST = 2000;

const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } });

/** Messages as the GenAI conventions write them into an attribute. */
function messagesJson(messages: Message[]): string {
  const part = (p: Message["parts"][number]) => {
    if (p.type === "tool_call") return { type: p.type, id: p.id, name: p.name, arguments: p.arguments };
    if (p.type === "tool_result") return { type: "tool_call_response", id: p.id, response: p.text };
    return { type: p.type, content: p.text };
  };
  return JSON.stringify(messages.map((m) => ({ role: m.role, parts: m.parts.map(part) })));
}

function contentAttributes(span: Span): KeyValue[] {
  const view = span.gen_ai;
  if (!view) return [];
  const out: KeyValue[] = [];
  if (view.operation === "invoke_agent") out.push(text("gen_ai.operation.name", view.operation));
  if (view.input_messages.length) out.push(text("gen_ai.input.messages", messagesJson(view.input_messages)));
  if (view.output_messages.length) out.push(text("gen_ai.output.messages", messagesJson(view.output_messages)));
  if (view.result !== null) out.push(text("gen_ai.tool.call.result", view.result));
  if (view.conversation_id) out.push(text("gen_ai.conversation.id", view.conversation_id));
  return out;
}

function otlpSpan(span: Span) {
  return {
    traceId: span.trace_id,
    spanId: span.span_id,
    parentSpanId: span.parent_span_id ?? "",
    traceState: span.trace_state,
    flags: span.flags,
    name: span.name,
    kind: KINDS.indexOf(span.kind),
    startTimeUnixNano: span.start_unix_nano,
    endTimeUnixNano: span.end_unix_nano ?? "0",
    attributes: [...span.attributes, ...contentAttributes(span)],
    events: span.events.map((e) => ({ name: e.name, timeUnixNano: e.time_unix_nano, attributes: e.attributes })),
    links: span.links.map((l) => ({
      traceId: l.trace_id,
      spanId: l.span_id,
      traceState: l.trace_state,
      attributes: l.attributes,
    })),
    status: { code: { unset: 0, in_progress: 0, ok: 1, error: 2 }[span.status], message: span.status_message },
  };
}

/** Spans grouped as OTLP wants them; resource and scope are repeated where they differ. */
function tracesData(spans: Span[]) {
  const groups = new Map<string, Span[]>();
  for (const span of spans) {
    const key = JSON.stringify([span.resource, span.scope]);
    groups.set(key, [...(groups.get(key) ?? []), span]);
  }
  return {
    resourceSpans: [...groups.values()].map(([first, ...rest]) => ({
      resource: { attributes: first.resource.attributes },
      schemaUrl: first.resource.schema_url,
      scopeSpans: [
        {
          scope: { name: first.scope.name, version: first.scope.version, attributes: first.scope.attributes },
          schemaUrl: first.scope.schema_url,
          spans: [first, ...rest].map(otlpSpan),
        },
      ],
    })),
  };
}

/** Sends a run to an OTLP/HTTP receiver. Throws when any of it is refused. */
export async function sendRun(otlpHttp: string, run: MockRun): Promise<void> {
  for (let at = 0; at < run.spans.length; at += SPANS_PER_REQUEST) {
    const body = JSON.stringify(tracesData(run.spans.slice(at, at + SPANS_PER_REQUEST)));
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`http://${otlpHttp}/v1/traces`, { method: "POST", headers, body });
    const said = await answer.text();
    if (!answer.ok || said.includes("rejectedSpans"))
      throw new Error(`the server refused spans: ${answer.status} ${said}`);
  }
}
