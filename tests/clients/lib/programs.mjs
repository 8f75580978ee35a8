// Programs run as a user runs them: the quickstart, and the ten lines of its README.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { FakeModel } from '../../../examples/fake_model/server.mjs';
import { differences } from './compare.mjs';

const quickstart = fileURLToPath(new URL('../../../examples/quickstart/', import.meta.url));
const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));
const programMsMax = 600_000; // then it hangs; a sanitized server on a busy machine is slow

async function run(args, env, cwd = quickstart) {
  const options = { env: { PATH: process.env.PATH, HOME: cwd, ...env }, cwd, timeout: programMsMax };
  await promisify(execFile)(process.execPath, args, options);
}

async function runsOf(server, service) {
  const list = await server.get(`/api/traces?service=${encodeURIComponent(service)}&limit=100`);
  return list.traces;
}

/** Three runs, two of them one conversation, with nothing in the environment but where the traces go. */
async function quickstartProgram(server) {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${server.addresses.otlp_http}` };
  await run(['quickstart.mjs', '--runs', '3', '--pause', '0', '--seed', 'tests'], {
    ...endpoint,
    OTEL_SERVICE_NAME: 'quickstart-test',
  });
  const runs = await runsOf(server, 'quickstart-test');
  const lines = differences(3, runs.length, 'runs in the list');
  for (const each of runs) {
    const { name, agent, environment, tokens } = each;
    const seen = { name, agent, environment, counted: tokens !== null && tokens.input > 0 && tokens.output > 0 };
    lines.push(
      ...differences(
        { name: 'invoke_agent supervisor', agent: 'supervisor', environment: 'demo', counted: true },
        seen,
        'a run in the list',
      ),
    );
  }
  const conversations = new Set(runs.map((each) => each.conversation_id));
  return [...lines, ...differences(2, conversations.size, 'conversations')];
}

/** The first block of JavaScript in the README, preloaded into a program that knows nothing of telemetry. */
async function tenLines(server) {
  const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(quickstart, 'README.md'), 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'sextant-readme-'));
  const model = new FakeModel();
  const port = await model.listen();
  try {
    symlinkSync(modules, join(folder, 'node_modules'));
    writeFileSync(join(folder, 'telemetry.mjs'), code);
    writeFileSync(
      join(folder, 'agent.mjs'),
      `import OpenAI from 'openai';
       const messages = [{ role: 'user', content: 'Say hello.' }];
       await new OpenAI().chat.completions.create({ model: 'gpt-4o', messages });`,
    );
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${server.addresses.otlp_http}`,
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_API_KEY: 'not-needed',
    };
    await run(['--import', './telemetry.mjs', 'agent.mjs'], env, folder);
    const runs = await runsOf(server, 'my-agent');
    const [line] = model.bill.toJSON().requests;
    const { input, output } = runs[0]?.tokens ?? {};
    return differences(
      { runs: 1, input: line.input, output: line.output },
      { runs: runs.length, input, output },
      'README',
    );
  } finally {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const programCases = [
  { name: 'program: quickstart', run: quickstartProgram },
  { name: 'program: ten lines of the README', run: tenLines },
];
