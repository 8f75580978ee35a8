// The `openai` client, instrumented by OpenLLMetry's package for it, in stock OpenTelemetry: `now` is its newest version,
// `flat` the last one that spread messages over numbered attributes (`gen_ai.prompt.0.content`), still widely in use.

import { createRequire } from 'node:module';

import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai';
import { OpenAIInstrumentation as FlatInstrumentation } from 'openllmetry-0.22';

import { caseFrom, openaiCases } from '../lib/openai_cases.mjs';
import { startTelemetry } from '../lib/telemetry.mjs';

const require = createRequire(import.meta.url);
const run = caseFrom(process.argv, openaiCases);
const flat = process.argv[3] === 'flat';

const instrumentation = flat ? new FlatInstrumentation() : new OpenAIInstrumentation();
const telemetry = startTelemetry({ serviceName: 'travel-openllmetry', instrumentations: [instrumentation] });
// Loaded after the instrumentation, and by require, so that it is patched as in a program that preloads its telemetry.
const { OpenAI } = require('openai');
// The older version patches `openai` up to 5 by itself; the parts it wraps are the same in 6.
if (flat) instrumentation.manuallyInstrument(OpenAI);
const calls = await run(new OpenAI({ apiKey: 'not-needed' }));
await telemetry.finish({ calls });
