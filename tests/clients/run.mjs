// Runs the cases against the real server: what a client handed its exporter must be what the server gives back, field by
// field, at once and again after a restart; and what the server reads from it must be what the fake model billed.

import { exporterCases, genaiCases } from './cases.mjs';
import { flattenApiSpan } from './lib/api.mjs';
import { spanDifferences } from './lib/compare.mjs';
import { genaiDifferences } from './lib/genai.mjs';
import { asJsonExporterSends, flattenOtlpJson } from './lib/otlp.mjs';
import { programCases } from './lib/programs.mjs';
import { runScenario } from './lib/scenario.mjs';
import { Server, serverBinary } from './lib/server.mjs';

const wanted = process.argv.slice(2);
const chosen = (cases) => cases.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));

let passed = 0;
let failed = 0;

/** Runs one case and prints how it went; `check` returns lines of what is wrong. */
async function report(name, check) {
  const started = Date.now();
  let lines;
  try {
    lines = await check();
  } catch (error) {
    lines = [error.stack];
  }
  if (lines.length === 0) passed += 1;
  else failed += 1;
  console.log(`${lines.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${Date.now() - started} ms)`);
  for (const line of lines) console.log(`       ${line.replaceAll('\n', '\n       ')}`);
}

/** Traces by their id, with the spans that were sent for them. */
function byTrace(spans) {
  const traces = new Map();
  for (const span of spans) traces.set(span.trace_id, [...(traces.get(span.trace_id) ?? []), span]);
  return traces;
}

/** Reads each trace back in both forms and compares. */
async function found(server, spans) {
  const lines = [];
  for (const [id, sent] of byTrace(spans)) {
    lines.push(...spanDifferences(sent, flattenOtlpJson(await server.get(`/api/traces/${id}?format=otlp`))));
    const trace = await server.get(`/api/traces/${id}`);
    lines.push(...spanDifferences(sent, trace.spans.map(flattenApiSpan)).map((line) => `JSON API: ${line}`));
  }
  return lines;
}

async function runCase(server, sentSoFar, { file, args, transport, expected }) {
  const made = await runScenario(file, args, { ...server.environment(transport), OTEL_BSP_MAX_QUEUE_SIZE: '10000' });
  if (made.failures.length > 0) return made.failures.map((each) => `the exporter was refused: ${each}`);
  if (made.spans.length === 0) return ['nothing was sent'];
  const sent = transport.protocol === 'http/json' ? asJsonExporterSends(made.spans) : made.spans;
  sentSoFar.push(...sent);
  const lines = await found(server, sent);
  if (lines.length > 0 || !expected) return lines;
  return genaiOf(server, sent, expected, made);
}

/** The GenAI reading of a case, over all of its traces. */
async function genaiOf(server, sent, expected, made) {
  const traces = await Promise.all([...byTrace(sent).keys()].map((id) => server.get(`/api/traces/${id}`)));
  return genaiDifferences(traces, expected, made);
}

async function main() {
  const server = new Server(serverBinary());
  const sent = [];
  console.log(`server under test: ${server.binary}`);
  try {
    await server.start();
    for (const each of chosen([...exporterCases, ...genaiCases]))
      await report(each.name, () => runCase(server, sent, each));
    for (const each of chosen(programCases)) await report(each.name, () => each.run(server));
    await report('the server counted what was sent and refused nothing', async () => {
      const { received } = await server.get('/api/status');
      const right =
        received.spans_accepted >= sent.length && received.spans_refused === 0 && received.requests_refused === 0;
      return right ? [] : [`sent ${sent.length} spans; status: ${JSON.stringify(received)}`];
    });
    await report('all of it is there after a restart', async () => {
      await server.stop();
      await server.start();
      return found(server, sent);
    });
    await report('the server ends cleanly', async () => {
      await server.stop();
      return [];
    });
  } finally {
    await server.remove();
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
