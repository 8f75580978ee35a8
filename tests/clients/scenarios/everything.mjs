// Spans with everything that OpenTelemetry's API lets one say: all kinds of attributes, events, links, states, kinds, times to
// the nanosecond, limits that drop, a remote parent. `many` makes enough of them for many export requests.

import { randomBytes } from 'node:crypto';

import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';

import { caseFrom } from '../lib/openai_cases.mjs';
import { startTelemetry } from '../lib/telemetry.mjs';

const spansOfMany = 3000;

const values = {
  text: 'plain',
  empty: '',
  unicode: 'Zürich 東京 🧭 \u0000\u0001\n\t"quoted" \\ </script>',
  long: 'lorem ipsum '.repeat(20_000),
  yes: true,
  no: false,
  zero: 0,
  integer: 42,
  negative: -7,
  large: Number.MAX_SAFE_INTEGER,
  small: Number.MIN_SAFE_INTEGER,
  fraction: 0.1,
  tiny: 5e-324,
  huge_fraction: 1.5e-300,
  not_a_number: NaN,
  infinite: -Infinity,
  texts: ['a', '', 'ß'],
  integers: [1, -2, 3],
  fractions: [0.5, -1.25],
  booleans: [true, false],
  nothing: [],
  null_value: null,
  gaps: ['a', null, 'b'],
  mixed: ['a', 1, 2.5, true, ['nested', [0]]],
  map: { name: 'x', deep: { list: [1, { deeper: null }], empty: {} } },
  bytes: new Uint8Array([0, 1, 127, 128, 255]),
  no_bytes: new Uint8Array(),
  'key with spaces and "quotes"': 'x',
  ключ: 'значение',
};

function links(tracer) {
  const other = tracer.startSpan('linked from elsewhere', { root: true });
  other.end();
  const remote = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.NONE,
  };
  return [
    { context: other.spanContext(), attributes: values },
    { context: { ...remote, isRemote: true, traceState: new TraceState('vendor=abc,other=1') } },
  ];
}

function everything() {
  const tracer = trace.getTracer('everything', '2.0.1-beta', { schemaUrl: 'https://opentelemetry.io/schemas/1.30.0' });
  const traceState = new TraceState('congo=t61rcWkgMzE,rojo=00f067aa0ba902b7');
  const parent = {
    traceId: randomBytes(16).toString('hex'),
    spanId: '00f067aa0ba902b7',
    traceFlags: TraceFlags.SAMPLED,
  };
  const remote = trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true, traceState });

  const root = tracer.startSpan(
    'every attribute',
    { kind: SpanKind.SERVER, attributes: values, links: links(tracer) },
    remote,
  );
  const inside = trace.setSpan(context.active(), root);
  for (const [name, kind] of Object.entries(SpanKind).filter(([, value]) => typeof value === 'number')) {
    const span = tracer.startSpan(`kind ${name}`, { kind, startTime: [1_700_000_000, 123_456_789] }, inside);
    span.setStatus({ code: SpanStatusCode.OK });
    span.end([1_700_000_001, 987_654_321]);
  }
  const failing = tracer.startSpan('fails', {}, inside);
  failing.recordException(new TypeError('it broke: "quoted"'), [1_700_000_000, 5]);
  failing.addEvent('with everything', values, [1_700_000_000, 999_999_999]);
  failing.addEvent('bare', undefined, [1_700_000_000, 1]);
  failing.addLink({ context: root.spanContext(), attributes: { late: true } });
  failing.setStatus({ code: SpanStatusCode.ERROR, message: 'it broke\nbadly' });
  failing.end();

  const noDuration = tracer.startSpan('no duration', { startTime: [1_700_000_000, 7] }, inside);
  noDuration.end([1_700_000_000, 7]);
  const nameless = tracer.startSpan('', {}, inside);
  nameless.end();
  overLimits(tracer, inside);
  trace.getTracer('bare scope').startSpan('in a scope without version', {}, inside).end();
  root.end();
}

/** More attributes, events and links than the SDK keeps: it counts what it drops. */
function overLimits(tracer, inside) {
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`key.${index}`, index]));
  const span = tracer.startSpan('over the limits', { attributes: many }, inside);
  for (let index = 0; index < 140; index += 1) {
    span.addEvent(`event ${index}`, index === 139 ? many : { index });
    span.addLink({ context: span.spanContext(), attributes: index === 139 ? many : {} });
  }
  span.end();
}

function many() {
  const tracer = trace.getTracer('many');
  tracer.startActiveSpan('many', (root) => {
    for (let index = 0; index < spansOfMany; index += 1) {
      const span = tracer.startSpan(`step ${index % 17}`, {
        attributes: { index, half: index / 2, even: index % 2 === 0 },
      });
      if (index % 10 === 0) span.addEvent('tenth', { index });
      span.end();
    }
    root.end();
  });
}

const run = caseFrom(process.argv, { everything, many });
const resource = resourceFromAttributes(
  {
    'service.name': 'everything',
    'service.version': '1.0',
    'host.cpus': 8,
    tags: ['a', 'b'],
    ratio: 0.25,
    ready: true,
  },
  { schemaUrl: 'https://opentelemetry.io/schemas/1.28.0' },
);
const telemetry = startTelemetry({ resource });
run();
await telemetry.finish();
