// The newest `openai` client, instrumented by OpenInference. `agent` adds what its core library offers for agents, tools
// and sessions.

import { context } from '@opentelemetry/api';
import { setSession, traceAgent, traceTool } from '@arizeai/openinference-core';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import * as openaiModule from 'openai-7';

import * as talk from '../lib/conversation.mjs';
import { caseFrom, openaiCases } from '../lib/openai_cases.mjs';
import { startTelemetry } from '../lib/telemetry.mjs';

const cases = {
  ...openaiCases,
  agent: (client) => {
    const runTool = (name, args) => traceTool((given) => talk.plainRun(name, given), { name })(args);
    const agent = traceAgent(() => talk.toolLoop(client, { runTool }), { name: 'travel_assistant' });
    return context.with(setSession(context.active(), { sessionId: 'session-41' }), agent);
  },
};

const run = caseFrom(process.argv, cases);
const instrumentation = new OpenAIInstrumentation();
instrumentation.manuallyInstrument(openaiModule.default);
const telemetry = startTelemetry({ serviceName: 'travel-openinference', instrumentations: [instrumentation] });
const calls = await run(new openaiModule.OpenAI({ apiKey: 'not-needed' }));
await telemetry.finish({ calls });
