// The `openai` client, instrumented by OpenTelemetry's own package. Message content goes into its log events, so its
// spans carry none.

import { createRequire } from 'node:module';

import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai';

import { caseFrom, openaiCases } from '../lib/openai_cases.mjs';
import { startTelemetry } from '../lib/telemetry.mjs';

const run = caseFrom(process.argv, openaiCases);
const telemetry = startTelemetry({ serviceName: 'travel-otel', instrumentations: [new OpenAIInstrumentation()] });
const { OpenAI } = createRequire(import.meta.url)('openai');
const calls = await run(new OpenAI({ apiKey: 'not-needed' }));
await telemetry.finish({ calls });
