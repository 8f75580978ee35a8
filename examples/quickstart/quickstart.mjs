#!/usr/bin/env node
// A small team of agents at work on incidents, instrumented with stock OpenTelemetry. Needs no network: unless
// OPENAI_BASE_URL names a model server, it brings the fake model of ../fake_model along. See README.md.

import { stopTelemetry } from './telemetry.mjs';

import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

import OpenAI from 'openai';

import { randomFrom } from '../fake_model/random.mjs';
import { FakeModel } from '../fake_model/server.mjs';
import { Team } from './agents.mjs';
import { inConversation } from './genai.mjs';
import { incidents, rules } from './story.mjs';

const usage = `usage: quickstart.mjs [--runs N] [--pause MS] [--seed TEXT]

  --runs N     how many runs to make (default 5); every third one continues the conversation before it
  --pause MS   time between two runs (default 500)
  --seed TEXT  moves what is left to chance: the order of incidents, how long tools take (default 1)

Traces go to OTEL_EXPORTER_OTLP_ENDPOINT (default http://127.0.0.1:4318).
`;

function wholeNumber(text, name) {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number`);
  return Number(text);
}

function settings() {
  const options = {
    runs: { type: 'string', default: '5' },
    pause: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  };
  const { values } = parseArgs({ options });
  return { ...values, runs: wholeNumber(values.runs, 'runs'), pause: wholeNumber(values.pause, 'pause') };
}

/** The model server given by the environment, or a fake one of our own; `stop` ends the latter. */
async function modelServer(seed) {
  if (process.env.OPENAI_BASE_URL) return { baseURL: process.env.OPENAI_BASE_URL, stop: async () => {} };
  const model = new FakeModel({ seed, rules, first_token_ms: 160, token_ms: 5 });
  const port = await model.listen();
  return { baseURL: `http://127.0.0.1:${port}/v1`, stop: () => model.close() };
}

/** Makes one run and returns the conversation after it. */
async function makeRun(client, { incident, conversation, question, earlier, random }) {
  const team = new Team({ client, incident, random });
  const started = Date.now();
  const answer = await inConversation(conversation, () => team.ask(question, earlier)).catch((error) => error);
  const failed = answer instanceof Error;
  console.log(`${failed ? 'failed' : 'done  '} ${String(Date.now() - started).padStart(6)} ms  ${question}`);
  console.log(`                  ${failed ? answer.message : answer}`);
  if (failed) return earlier;
  return [...earlier, { role: 'user', content: question }, { role: 'assistant', content: answer }];
}

async function main() {
  const { runs, pause, seed, help } = settings();
  if (help) return void process.stdout.write(usage);
  const server = await modelServer(seed);
  // Retries are the agents' own, so that each attempt is a span.
  const client = new OpenAI({
    baseURL: server.baseURL,
    apiKey: process.env.OPENAI_API_KEY ?? 'not-needed',
    maxRetries: 0,
  });
  const random = randomFrom(seed, 'quickstart');
  let next = Math.floor(random() * incidents.length);
  let session = null;
  for (let run = 0; run < runs; run += 1) {
    const continues = run % 3 === 2 && session.earlier.length > 0;
    if (!continues) {
      session = { incident: incidents[next++ % incidents.length], conversation: `conv-${randomUUID()}`, earlier: [] };
    }
    const question = continues ? session.incident.follow_up : session.incident.question;
    session.earlier = await makeRun(client, { ...session, question, random });
    if (run + 1 < runs) await delay(pause);
  }
  await stopTelemetry();
  await server.stop();
}

main().catch((error) => {
  process.stderr.write(`quickstart: ${error.message}\n`);
  process.exit(1);
});
