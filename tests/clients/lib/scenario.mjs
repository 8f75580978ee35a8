// Runs one scenario as a program of its own, with its own fake model, and brings back what it sent and what was billed.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { FakeModel } from '../../../examples/fake_model/server.mjs';
import { rules } from '../../../examples/quickstart/story.mjs';

const folder = fileURLToPath(new URL('../scenarios/', import.meta.url));
const scenarioMsMax = 600_000; // then it hangs; a sanitized server on a busy machine is slow

/**
 * `{spans, failures, notes, bill}`: spans in flat form as given to the exporter. `environment` says where they go.
 */
export async function runScenario(file, args, environment) {
  const model = new FakeModel({ seed: 'tests', rules: file === 'quickstart.mjs' ? rules : [] });
  const port = await model.listen();
  const temporary = mkdtempSync(join(tmpdir(), 'sextant-clients-'));
  const report = join(temporary, 'report.json');
  const env = {
    PATH: process.env.PATH,
    HOME: temporary,
    OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    CLIENT_REPORT: report,
    ...environment,
  };
  try {
    const options = { env, timeout: scenarioMsMax, maxBuffer: 16 * 1024 * 1024 };
    const output = await promisify(execFile)(process.execPath, [join(folder, file), ...args], options);
    const found = JSON.parse(readFileSync(report, 'utf8'));
    return { ...found, bill: model.bill.toJSON().requests, output: output.stdout + output.stderr };
  } finally {
    await model.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}
