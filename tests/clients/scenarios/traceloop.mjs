// OpenLLMetry's whole SDK: workflow, agent and tool spans around the instrumented `openai` client. It brings an older line
// of the OpenTelemetry SDK with it, which is what many programs still run.

import { createRequire } from 'node:module';

import * as traceloop from '@traceloop/node-server-sdk';

import * as talk from '../lib/conversation.mjs';
import { exporterFromEnvironment, Recorder } from '../lib/telemetry.mjs';

const recorder = new Recorder(exporterFromEnvironment());
traceloop.initialize({
  appName: 'travel-traceloop',
  exporter: recorder,
  silenceInitializationMessage: true,
  tracingEnabled: true,
  traceloopSyncEnabled: false,
});
const { OpenAI } = createRequire(import.meta.url)('openai');
const client = new OpenAI({ apiKey: 'not-needed' });

const runTool = (name, args) => traceloop.withTool({ name }, async (given) => talk.plainRun(name, given), args);
const agent = () => traceloop.withAgent({ name: 'travel_assistant' }, () => talk.toolLoop(client, { runTool }));
const properties = { associationProperties: { session_id: 'session-41', user_id: 'user-7' } };
const calls = await traceloop.withWorkflow({ name: 'plan_a_trip', ...properties }, agent);
await traceloop.forceFlush();
recorder.report({ calls });
process.exit(0);
