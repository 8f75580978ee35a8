// The Vercel AI SDK with its OpenTelemetry integration: `modern` writes today's GenAI names, `legacy` the `ai.*` spans of
// its versions up to 6. Over both of OpenAI's APIs.

import { createOpenAI } from '@ai-sdk/openai';
import { LegacyOpenTelemetry, OpenTelemetry } from '@ai-sdk/otel';
import { embedMany, generateText, Output, registerTelemetry, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

import * as talk from '../lib/conversation.mjs';
import { caseFrom } from '../lib/openai_cases.mjs';
import { startTelemetry } from '../lib/telemetry.mjs';

const openai = createOpenAI({ apiKey: 'not-needed', baseURL: process.env.OPENAI_BASE_URL });

const tools = {
  get_weather: tool({
    description: talk.tools.get_weather.description,
    inputSchema: z.object({ city: z.string().meta({ examples: ['Oslo', 'Lisbon'] }) }),
    execute: async (args) => talk.plainRun('get_weather', args),
  }),
  get_population: tool({
    description: talk.tools.get_population.description,
    inputSchema: z.object({ city: z.string().meta({ examples: ['Oslo', 'Lisbon'] }) }),
    execute: async (args) => talk.plainRun('get_population', args),
  }),
};

const asked = { system: talk.system, prompt: talk.question };
const telemetry = { functionId: 'travel_assistant', recordInputs: true, recordOutputs: true };

async function streamed(options) {
  const result = streamText({ ...asked, telemetry, ...options });
  let text = '';
  for await (const piece of result.textStream) text += piece;
  return { text };
}

const cases = {
  chat: () => generateText({ ...asked, telemetry, model: openai.chat('gpt-4o'), temperature: 0.2 }),
  chat_stream: () => streamed({ model: openai.chat('gpt-4o') }),
  tools: () =>
    generateText({ ...asked, telemetry, tools, model: openai.chat('gpt-4o-mini'), stopWhen: stepCountIs(5) }),
  tools_stream: () => streamed({ tools, model: openai.chat('gpt-4o-mini'), stopWhen: stepCountIs(5) }),
  responses_tools: () =>
    generateText({ ...asked, telemetry, tools, model: openai('gpt-4o'), stopWhen: stepCountIs(5) }),
  responses_stream: () => streamed({ tools, model: openai('gpt-4o'), stopWhen: stepCountIs(5) }),
  reasoning: () => generateText({ ...asked, telemetry, model: openai.chat('o4-mini') }),
  object: () => {
    const schema = z.object({ coat: z.boolean(), reason: z.string() });
    return generateText({ ...asked, telemetry, model: openai.chat('gpt-4o'), output: Output.object({ schema }) });
  },
  embeddings: async () => {
    const values = ['Oslo in winter', 'What to pack for a week of snow'];
    await embedMany({ model: openai.embedding('text-embedding-3-small'), values, telemetry });
    return { text: null };
  },
  refused: async () => {
    const headers = { 'x-fake-fault': JSON.stringify({ status: 400 }) };
    const failed = await generateText({
      ...asked,
      telemetry,
      model: openai.chat('gpt-4o'),
      headers,
      maxRetries: 0,
    }).catch((error) => error);
    if (!(failed instanceof Error)) throw new Error('the model should have refused');
    return { text: null };
  },
};

const run = caseFrom(process.argv, cases);
const style = process.argv[3] ?? 'modern';
const sdk = startTelemetry({ serviceName: `travel-vercel-${style}` });
registerTelemetry(style === 'legacy' ? new LegacyOpenTelemetry() : new OpenTelemetry());
const { text } = await run();
const prompt = [
  { role: 'system', text: talk.system },
  { role: 'user', text: talk.question },
];
await sdk.finish({ asked: prompt, text });
