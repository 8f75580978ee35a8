#!/usr/bin/env node
// A model server on loopback that speaks the OpenAI API, needs no network and answers the same every time. It exists so
// that agents, tests and demos have a model to talk to, and a bill to compare their telemetry with. See README.md.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { FakeModel } from './server.mjs';

const usage = `usage: fake_model.mjs [--port N] [--seed TEXT] [--script FILE] [--first-token-ms N] [--token-ms N] [--fault-rate P]

  --port N            port on 127.0.0.1; 0 takes a free one (default 0)
  --seed TEXT         moves every choice that the script leaves open (default 1)
  --script FILE       JSON file with rules; without it the built-in behaviour
  --first-token-ms N  time until the first token (default 60)
  --token-ms N        time for each token after it (default 1.5)
  --fault-rate P      share of requests whose first attempt fails with 429, 500 or 503 (default 0)
`;

const options = {
  port: { type: 'string', default: '0' },
  seed: { type: 'string', default: '1' },
  script: { type: 'string' },
  'first-token-ms': { type: 'string', default: '60' },
  'token-ms': { type: 'string', default: '1.5' },
  'fault-rate': { type: 'string', default: '0' },
  help: { type: 'boolean', default: false },
};

function number(values, name, low, high) {
  const value = Number(values[name]);
  if (values[name].trim() === '' || !(value >= low && value <= high))
    throw new Error(`--${name} must be a number from ${low} to ${high}`);
  return value;
}

function settingsFrom(argv) {
  const { values } = parseArgs({ args: argv, options });
  if (values.help) return null;
  return {
    port: number(values, 'port', 0, 65535),
    seed: values.seed,
    rules: values.script ? (JSON.parse(readFileSync(values.script, 'utf8')).rules ?? []) : [],
    first_token_ms: number(values, 'first-token-ms', 0, 600_000),
    token_ms: number(values, 'token-ms', 0, 60_000),
    fault_rate: number(values, 'fault-rate', 0, 1),
  };
}

async function main() {
  let settings;
  try {
    settings = settingsFrom(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`fake_model: ${error.message}\n${usage}`);
    process.exit(2);
  }
  if (settings === null) return void process.stdout.write(usage);
  const model = new FakeModel(settings);
  const port = await model.listen(settings.port);
  process.stdout.write(`ready ${JSON.stringify({ port, base_url: `http://127.0.0.1:${port}/v1` })}\n`);
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => model.close());
}

main().catch((error) => {
  process.stderr.write(`fake_model: ${error.message}\n`);
  process.exit(1);
});
