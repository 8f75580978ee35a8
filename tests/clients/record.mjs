// Records what each instrumentation writes, as OTLP/JSON in tests/corpus/dialects/<dialect>/<case>.json, and beside it
// what the fake model billed and said (<case>.billed.json). The server's reader of GenAI spans is tested with these. Run it
// again after a library was updated: `tests/clients/run record`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { toOtlpJson } from './lib/otlp.mjs';
import { runScenario } from './lib/scenario.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const corpus = fileURLToPath(new URL('../corpus/dialects/', import.meta.url));
const bytesMax = 100_000;

const openai = [
  'chat',
  'chat_stream',
  'reasoning',
  'tools',
  'tools_stream',
  'two_turns',
  'parallel',
  'responses',
  'responses_stream',
];
const vercel = [
  'chat',
  'chat_stream',
  'reasoning',
  'tools',
  'tools_stream',
  'responses_tools',
  'responses_stream',
  'object',
  'embeddings',
  'refused',
];

// [dialect, scenario, further arguments, cases]. Cases in which an instrumentation writes no span are left out.
const recordings = [
  ['otel', 'quickstart.mjs', [], ['checkout', 'reports', 'gateway']],
  ['otel_contrib', 'otel.mjs', [], [...openai.slice(0, 7), 'embeddings', 'refused']],
  ['openinference', 'openinference.mjs', [], [...openai, 'embeddings', 'agent']],
  ['openllmetry', 'openllmetry.mjs', ['now'], openai],
  ['openllmetry_flat', 'openllmetry.mjs', ['flat'], openai.slice(0, 7)],
  ['traceloop', 'traceloop.mjs', [], ['workflow']],
  ['vercel', 'vercel.mjs', ['modern'], vercel],
  ['vercel_legacy', 'vercel.mjs', ['legacy'], vercel],
];

// Nothing of the machine that records goes into the files: neither its name nor the place of this folder.
const environment = { OTEL_EXPORTER_OTLP_PROTOCOL: 'none', OTEL_NODE_RESOURCE_DETECTORS: 'env' };

const wanted = process.argv[2];
for (const [dialect, file, args, cases] of recordings) {
  if (wanted !== undefined && wanted !== dialect) continue;
  mkdirSync(join(corpus, dialect), { recursive: true });
  for (const name of cases) {
    const { spans, bill, notes } = await runScenario(file, [name, ...args], environment);
    if (spans.length === 0) throw new Error(`${dialect}/${name}: no spans`);
    const text = `${JSON.stringify(toOtlpJson(spans), null, 1)}\n`.replaceAll(root, '/app/');
    if (text.length > bytesMax) throw new Error(`${dialect}/${name}: ${text.length} bytes, more than ${bytesMax}`);
    writeFileSync(join(corpus, dialect, `${name}.json`), text);
    writeFileSync(
      join(corpus, dialect, `${name}.billed.json`),
      `${JSON.stringify({ billed: bill, ...notes }, null, 1)}\n`,
    );
    console.log(`${dialect}/${name}: ${spans.length} spans, ${text.length} bytes`);
  }
}
