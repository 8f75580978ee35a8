// The same conversations for every instrumentation, held with the `openai` client: what differs between two dialects is
// then the dialect alone. Each function returns the calls it made, as `{input, output}` in one plain form of messages:
// [{role, text, calls: [{id, name, arguments}], call_id}].

export const system = 'You are a travel assistant. Use the tools, then answer in three short sentences.';
export const question = 'Use get_weather and get_population for Oslo and tell me whether to pack a coat.';

const city = { type: 'string', description: 'Name of a city', examples: ['Oslo', 'Lisbon', 'Nairobi'] };
export const tools = {
  get_weather: {
    description: 'Current weather of a city',
    parameters: {
      type: 'object',
      properties: { city, unit: { type: 'string', enum: ['celsius'] } },
      required: ['city'],
    },
    run: ({ city: name }) => ({ city: name, celsius: -3, sky: 'snow showers, wind from the north', feels_like: -9 }),
  },
  get_population: {
    description: 'Number of people living in a city',
    parameters: { type: 'object', properties: { city }, required: ['city'] },
    run: ({ city: name }) => ({ city: name, population: 717_710, year: 2024 }),
  },
};

const offered = Object.entries(tools).map(([name, { description, parameters }]) => ({
  type: 'function',
  function: { name, description, parameters },
}));

// Rounds of tool calls after which a conversation is taken to be going in circles.
const roundsMax = 5;

/** One question, one answer. */
export async function chat(client) {
  const { call } = await complete(client, { model: 'gpt-4o', messages: start(), temperature: 0.2, max_tokens: 400 });
  return [call];
}

export async function chatStreaming(client) {
  const { call } = await complete(client, { model: 'gpt-4o', messages: start(), ...streaming });
  return [call];
}

/** A model that thinks first: part of the output is reasoning. */
export async function reasoning(client) {
  const { call } = await complete(client, { model: 'o4-mini', messages: start(), reasoning_effort: 'low' });
  return [call];
}

/** Tools called in parallel, their results sent back, then the answer; the second prompt repeats the first (cached). */
export async function toolLoop(client, { stream = false, runTool = plainRun } = {}) {
  const messages = start();
  const calls = [];
  for (let round = 0; round < roundsMax; round += 1) {
    const request = { model: 'gpt-4o-mini', messages: [...messages], tools: offered, ...(stream ? streaming : {}) };
    const { call, message } = await complete(client, request);
    calls.push(call);
    messages.push(message);
    if (!message.tool_calls?.length) return calls;
    for (const each of message.tool_calls) {
      const result = await runTool(each.function.name, JSON.parse(each.function.arguments), each.id);
      messages.push({ role: 'tool', tool_call_id: each.id, content: JSON.stringify(result) });
    }
  }
  throw new Error('the conversation did not end');
}

/** Two turns of one session. */
export async function twoTurns(client) {
  const messages = start();
  const first = await complete(client, { model: 'gpt-4o', messages: [...messages] });
  messages.push(first.message, { role: 'user', content: 'And what of Lisbon in the same week?' });
  const second = await complete(client, { model: 'gpt-4o', messages });
  return [first.call, second.call];
}

/** Several calls at once, as parallel agents make them. */
export async function parallel(client) {
  const cities = ['Oslo', 'Lisbon', 'Nairobi', 'Lima'];
  const made = cities.map((name) => {
    const messages = [{ role: 'user', content: `Name one museum in ${name} and say why it is worth a visit.` }];
    return complete(client, { model: 'gpt-4.1-mini', messages, ...streaming });
  });
  return (await Promise.all(made)).map(({ call }) => call);
}

/** A request that the server refuses; the client must not retry it. */
export async function refused(client) {
  const headers = { 'x-fake-fault': JSON.stringify({ status: 429, retry_after: 1 }) };
  const request = { model: 'gpt-4o', messages: start() };
  try {
    await client.chat.completions.create(request, { headers, maxRetries: 0 });
  } catch (error) {
    return [{ input: plain(request.messages), output: null, error: error.message }];
  }
  throw new Error('the model should have refused');
}

export async function embeddings(client) {
  const input = ['Oslo in winter', 'What to pack for a week of snow'];
  await client.embeddings.create({ model: 'text-embedding-3-small', input, encoding_format: 'float', dimensions: 8 });
  return [];
}

/** The same loop over the Responses API. */
export async function responses(client, { stream = false } = {}) {
  const own = Object.entries(tools).map(([name, { description, parameters }]) => ({
    type: 'function',
    name,
    description,
    parameters,
    strict: false,
  }));
  const input = [{ role: 'user', content: question }];
  const calls = [];
  for (let round = 0; round < roundsMax; round += 1) {
    const request = { model: 'gpt-4o', instructions: system, input: [...input], tools: own, store: false, stream };
    const made = await client.responses.create(request);
    const response = stream ? await lastResponse(made) : made;
    calls.push({ id: response.id });
    input.push(...response.output);
    const wanted = response.output.filter((item) => item.type === 'function_call');
    if (wanted.length === 0) return calls;
    for (const each of wanted) {
      const output = JSON.stringify(plainRun(each.name, JSON.parse(each.arguments)));
      input.push({ type: 'function_call_output', call_id: each.call_id, output });
    }
  }
  throw new Error('the conversation did not end');
}

async function lastResponse(stream) {
  let response = null;
  for await (const event of stream) if (event.type === 'response.completed') response = event.response;
  return response;
}

// ---- pieces ----

const streaming = { stream: true, stream_options: { include_usage: true } };

function start() {
  return [
    { role: 'system', content: system },
    { role: 'user', content: question },
  ];
}

export function plainRun(name, args) {
  return tools[name].run(args);
}

/** Makes one chat call, streamed or not: `{call, message}`, where `message` goes back into the conversation. */
async function complete(client, request) {
  const made = await client.chat.completions.create(request);
  const { id, message } = request.stream ? await gather(made) : { id: made.id, message: made.choices[0].message };
  const { refusal, annotations, ...sent } = message;
  return { message: sent, call: { id, input: plain(request.messages), output: plain([message])[0] } };
}

/** Puts a streamed answer together. */
async function gather(stream) {
  const message = { role: 'assistant', content: null };
  let id = null;
  for await (const chunk of stream) {
    id = chunk.id;
    const delta = chunk.choices[0]?.delta;
    if (delta?.content) message.content = (message.content ?? '') + delta.content;
    for (const part of delta?.tool_calls ?? []) {
      message.tool_calls ??= [];
      const call = (message.tool_calls[part.index] ??= {
        id: part.id,
        type: 'function',
        function: { name: '', arguments: '' },
      });
      call.function.name += part.function.name ?? '';
      call.function.arguments += part.function.arguments ?? '';
    }
  }
  return { id, message };
}

function plain(messages) {
  return messages.map((message) => ({
    role: message.role,
    text: message.content ?? '',
    calls: (message.tool_calls ?? []).map((call) => ({
      id: call.id,
      name: call.function.name,
      arguments: call.function.arguments,
    })),
    call_id: message.tool_call_id ?? null,
  }));
}
