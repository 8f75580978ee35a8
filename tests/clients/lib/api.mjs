// Spans of Sextant's own JSON API (ui/src/api/types.ts) in the flat form of otlp.mjs, so that they too can be held against
// what was sent.

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses = ['unset', 'ok', 'error'];

export function flattenApiSpan(span) {
  return {
    trace_id: span.trace_id,
    span_id: span.span_id,
    parent_span_id: span.parent_span_id ?? '',
    trace_state: span.trace_state,
    flags: span.flags,
    name: span.name,
    kind: kinds.indexOf(span.kind),
    start: span.start_unix_nano,
    end: span.end_unix_nano,
    status: { code: statuses.indexOf(span.status), message: span.status_message },
    attributes: span.attributes,
    dropped_attributes: span.dropped_attributes_count,
    events: span.events.map((event) => ({
      name: event.name,
      time: event.time_unix_nano,
      attributes: event.attributes,
      dropped_attributes: event.dropped_attributes_count,
    })),
    dropped_events: span.dropped_events_count,
    links: span.links.map((link) => ({
      trace_id: link.trace_id,
      span_id: link.span_id,
      trace_state: link.trace_state,
      flags: link.flags,
      attributes: link.attributes,
      dropped_attributes: link.dropped_attributes_count,
    })),
    dropped_links: span.dropped_links_count,
    resource: { attributes: span.resource.attributes, schema_url: span.resource.schema_url },
    scope: {
      name: span.scope.name,
      version: span.scope.version,
      attributes: span.scope.attributes,
      schema_url: span.scope.schema_url,
    },
  };
}
