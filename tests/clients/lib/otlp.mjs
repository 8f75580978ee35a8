// Spans in one flat form, whichever way they came: from what an SDK handed its exporter, or from the OTLP/JSON that the
// server gives back. Both are brought to OTLP's own meaning (numbers as decimal strings, absent fields as their
// defaults), so that the two can be compared field by field.

/** Spans as an OpenTelemetry JS exporter receives them (ReadableSpan), in flat form. */
export function flattenReadable(span) {
  const context = span.spanContext();
  return {
    trace_id: context.traceId,
    span_id: context.spanId,
    // The field was renamed between the SDK's lines 1 and 2.
    parent_span_id: span.parentSpanContext?.spanId ?? span.parentSpanId ?? '',
    trace_state: context.traceState?.serialize() ?? '',
    flags: flagsOf(context.traceFlags, span.parentSpanContext?.isRemote),
    name: span.name,
    kind: span.kind + 1,
    start: nanoseconds(span.startTime),
    end: nanoseconds(span.endTime),
    status: { code: span.status.code, message: span.status.message ?? '' },
    attributes: attributesOf(span.attributes),
    dropped_attributes: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      name: event.name,
      time: nanoseconds(event.time),
      attributes: attributesOf(event.attributes),
      dropped_attributes: event.droppedAttributesCount ?? 0,
    })),
    dropped_events: span.droppedEventsCount,
    links: span.links.map((link) => ({
      trace_id: link.context.traceId,
      span_id: link.context.spanId,
      trace_state: link.context.traceState?.serialize() ?? '',
      flags: flagsOf(link.context.traceFlags, link.context.isRemote),
      attributes: attributesOf(link.attributes),
      dropped_attributes: link.droppedAttributesCount ?? 0,
    })),
    dropped_links: span.droppedLinksCount,
    resource: { attributes: attributesOf(span.resource.attributes), schema_url: span.resource.schemaUrl ?? '' },
    scope: scopeOf(span.instrumentationScope ?? span.instrumentationLibrary),
  };
}

function scopeOf(scope) {
  const schema = scope.schemaUrl ?? '';
  return {
    name: scope.name,
    version: scope.version ?? '',
    attributes: attributesOf(scope.attributes),
    schema_url: schema,
  };
}

// OTLP's span flags: the trace flags, "is remote is known", and "is remote".
function flagsOf(traceFlags, isRemote) {
  return (traceFlags & 0xff) | 0x100 | (isRemote ? 0x200 : 0);
}

function nanoseconds([seconds, nanos]) {
  return (BigInt(seconds) * 1_000_000_000n + BigInt(nanos)).toString();
}

function attributesOf(attributes) {
  return Object.entries(attributes ?? {}).map(([key, value]) => ({ key, value: anyValue(value) }));
}

/** A JavaScript value in OTLP's typed form; the SDK sends whole numbers as integers. */
function anyValue(value) {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isInteger(value) ? { intValue: BigInt(value).toString() } : { doubleValue: doubleOf(value) };
  }
  if (value === null || value === undefined) return {};
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: attributesOf(value) } };
}

function doubleOf(value) {
  return Number.isFinite(value) ? value : String(value);
}

/** OTLP/JSON (TracesData) in flat form; names, numbers and absent fields are all accepted, as the format allows. */
export function flattenOtlpJson(data) {
  return (data.resourceSpans ?? []).flatMap((ofResource) => {
    const resource = { attributes: keyValues(ofResource.resource?.attributes), schema_url: ofResource.schemaUrl ?? '' };
    return (ofResource.scopeSpans ?? []).flatMap((ofScope) => {
      const { name = '', version = '', attributes } = ofScope.scope ?? {};
      const scope = { name, version, attributes: keyValues(attributes), schema_url: ofScope.schemaUrl ?? '' };
      return (ofScope.spans ?? []).map((span) => ({ ...flattenSpan(span), resource, scope }));
    });
  });
}

function flattenSpan(span) {
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId ?? '',
    trace_state: span.traceState ?? '',
    flags: span.flags ?? 0,
    name: span.name ?? '',
    kind: enumOf(span.kind, spanKinds),
    start: String(span.startTimeUnixNano ?? '0'),
    end: String(span.endTimeUnixNano ?? '0'),
    status: { code: enumOf(span.status?.code, statusCodes), message: span.status?.message ?? '' },
    attributes: keyValues(span.attributes),
    dropped_attributes: span.droppedAttributesCount ?? 0,
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? '',
      time: String(event.timeUnixNano ?? '0'),
      attributes: keyValues(event.attributes),
      dropped_attributes: event.droppedAttributesCount ?? 0,
    })),
    dropped_events: span.droppedEventsCount ?? 0,
    links: (span.links ?? []).map((link) => ({
      trace_id: link.traceId,
      span_id: link.spanId,
      trace_state: link.traceState ?? '',
      flags: link.flags ?? 0,
      attributes: keyValues(link.attributes),
      dropped_attributes: link.droppedAttributesCount ?? 0,
    })),
    dropped_links: span.droppedLinksCount ?? 0,
  };
}

const spanKinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (name) => `SPAN_KIND_${name}`,
);
const statusCodes = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

function enumOf(value, names) {
  return typeof value === 'string' ? names.indexOf(value) : (value ?? 0);
}

function keyValues(list) {
  return (list ?? []).map(({ key, value }) => ({ key, value: normalValue(value) }));
}

function normalValue(value) {
  if (value === undefined || value === null) return {};
  if (value.intValue !== undefined) return { intValue: String(value.intValue) };
  if (value.arrayValue !== undefined)
    return { arrayValue: { values: (value.arrayValue.values ?? []).map(normalValue) } };
  if (value.kvlistValue !== undefined) return { kvlistValue: { values: keyValues(value.kvlistValue.values) } };
  return value;
}

/** Numbers that JSON cannot say arrive empty when the SDK's own encoder wrote JSON: it writes null for them. */
export function asJsonExporterSends(spans) {
  const lost = new Set(['NaN', 'Infinity', '-Infinity']);
  return JSON.parse(JSON.stringify(spans), (_, each) => (each && lost.has(each.doubleValue) ? {} : each));
}

/** Flat spans as OTLP/JSON again, grouped by resource and scope. */
export function toOtlpJson(spans) {
  const resources = groupBy(spans, (span) => span.resource);
  return {
    resourceSpans: resources.map(([resource, ofResource]) => ({
      resource: { attributes: resource.attributes },
      ...optional('schemaUrl', resource.schema_url),
      scopeSpans: groupBy(ofResource, (span) => span.scope).map(([scope, ofScope]) => ({
        scope: { name: scope.name, ...optional('version', scope.version), ...optional('attributes', scope.attributes) },
        ...optional('schemaUrl', scope.schema_url),
        spans: ofScope.map(spanToJson),
      })),
    })),
  };
}

function spanToJson(span) {
  const events = span.events.map(({ name, time, attributes, dropped_attributes: dropped }) => ({
    timeUnixNano: time,
    name,
    ...optional('attributes', attributes),
    ...optional('droppedAttributesCount', dropped),
  }));
  const links = span.links.map((link) => ({
    traceId: link.trace_id,
    spanId: link.span_id,
    ...optional('traceState', link.trace_state),
    flags: link.flags,
    ...optional('attributes', link.attributes),
    ...optional('droppedAttributesCount', link.dropped_attributes),
  }));
  return {
    traceId: span.trace_id,
    spanId: span.span_id,
    ...optional('traceState', span.trace_state),
    ...optional('parentSpanId', span.parent_span_id),
    flags: span.flags,
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: span.start,
    endTimeUnixNano: span.end,
    ...optional('attributes', span.attributes),
    ...optional('droppedAttributesCount', span.dropped_attributes),
    ...optional('events', events),
    ...optional('droppedEventsCount', span.dropped_events),
    ...optional('links', links),
    ...optional('droppedLinksCount', span.dropped_links),
    status: { ...optional('code', span.status.code), ...optional('message', span.status.message) },
  };
}

/** A field only when it says something, as protobuf's JSON form has it. */
function optional(name, value) {
  const empty = value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
  return empty ? {} : { [name]: value };
}

function groupBy(spans, part) {
  const groups = new Map();
  for (const span of spans) {
    const key = JSON.stringify(part(span));
    if (!groups.has(key)) groups.set(key, [part(span), []]);
    groups.get(key)[1].push(span);
  }
  return [...groups.values()];
}
