// Holds the fake model to its README. Needs Node alone: `node --test examples/fake_model/fake_model_test.mjs`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { FakeModel } from './server.mjs';
import { countTokens, pieces } from './tokens.mjs';

async function withModel(settings, run) {
  const model = new FakeModel(settings);
  const base = `http://127.0.0.1:${await model.listen()}`;
  const post = (path, body, headers = {}) =>
    fetch(base + path, { method: 'POST', body: JSON.stringify(body), headers });
  try {
    await run({ base, post, billed: async () => (await fetch(`${base}/_billed`)).json() });
  } finally {
    await model.close();
  }
}

const tool = (name, properties = {}) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties } },
});
const user = (content) => ({ role: 'user', content });
const chat = (more) => ({ model: 'gpt-4o', messages: [user('Say hello.')], ...more });

function eventsOf(text) {
  return text
    .split('\n\n')
    .filter((each) => each.includes('data: '))
    .map((each) => each.slice(each.indexOf('data: ') + 6));
}

test('pieces join to the text they came from', () => {
  for (const text of [
    '',
    'a',
    'Hello, world!',
    '  two  spaces\n\nlines',
    'Überraschung 12345 🙂 naïve',
    'x'.repeat(50),
  ]) {
    assert.equal(pieces(text).join(''), text);
  }
  assert.equal(countTokens('Hello world'), 2);
});

test('the same request gets the same answer from two servers with the same seed', async () => {
  const answers = [];
  for (const seed of ['a', 'a', 'b']) {
    await withModel({ seed }, async ({ post }) => {
      const { choices, usage, id } = await (await post('/v1/chat/completions', chat())).json();
      answers.push(JSON.stringify({ choices, usage, id }));
    });
  }
  assert.equal(answers[0], answers[1]);
  assert.notEqual(answers[0], answers[2]);
});

test('tools named in the question are called in parallel, then the results are answered from', async () => {
  await withModel({}, async ({ post }) => {
    const tools = [
      tool('get_weather', { city: { type: 'string', examples: ['Oslo', 'Lima'] } }),
      tool('get_time'),
      tool('unused'),
    ];
    const messages = [user('Use get_time and get_weather for Lima')];
    const first = (await (await post('/v1/chat/completions', chat({ messages, tools }))).json()).choices[0];
    assert.deepEqual(
      first.message.tool_calls.map((call) => call.function.name),
      ['get_time', 'get_weather'],
    );
    assert.equal(first.message.tool_calls[1].function.arguments, '{"city":"Lima"}');
    assert.equal(first.finish_reason, 'tool_calls');
    const one = (
      await (await post('/v1/chat/completions', chat({ messages, tools, parallel_tool_calls: false }))).json()
    ).choices[0];
    assert.equal(one.message.tool_calls.length, 1);
    const results = first.message.tool_calls.map((call) => ({
      role: 'tool',
      tool_call_id: call.id,
      content: '{"ok":true}',
    }));
    const second = (
      await (
        await post('/v1/chat/completions', chat({ messages: [...messages, first.message, ...results], tools }))
      ).json()
    ).choices[0];
    assert.equal(second.finish_reason, 'stop');
    assert.match(second.message.content, /get_weather: \{"ok":true\}/);
  });
});

test('a failed tool is asked for again, three times in all', async () => {
  await withModel({}, async ({ post }) => {
    const messages = [user('Use get_time')];
    let calls = 0;
    for (; calls < 10; calls += 1) {
      const { message } = (
        await (await post('/v1/chat/completions', chat({ messages, tools: [tool('get_time')] }))).json()
      ).choices[0];
      if (!message.tool_calls) break;
      messages.push(message, {
        role: 'tool',
        tool_call_id: message.tool_calls[0].id,
        content: '{"error":"timed out"}',
      });
    }
    assert.equal(calls, 3);
  });
});

test('a stream says the same and costs the same as its usage chunk and bill say', async () => {
  await withModel({}, async ({ post, billed }) => {
    const body = chat({ model: 'o4-mini', stream: true, stream_options: { include_usage: true } });
    const events = eventsOf(await (await post('/v1/chat/completions', body)).text());
    assert.equal(events.at(-1), '[DONE]');
    const chunks = events.slice(0, -1).map((each) => JSON.parse(each));
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    const { usage } = chunks.at(-1);
    const [line] = (await billed()).requests;
    assert.deepEqual([usage.prompt_tokens, usage.completion_tokens], [line.input, line.output]);
    assert.equal(usage.completion_tokens_details.reasoning_tokens, line.reasoning);
    assert.ok(line.reasoning > 0);
    assert.equal(line.output, countTokens(text) + line.reasoning + 1);
  });
});

test('tool calls are streamed in deltas that join to their arguments', async () => {
  await withModel({}, async ({ post }) => {
    const tools = [
      tool('first', { a: { type: 'string', const: 'x'.repeat(40) } }),
      tool('second', { b: { type: 'integer', default: 7 } }),
    ];
    const body = chat({ messages: [user('Call first and second')], tools, stream: true });
    const chunks = eventsOf(await (await post('/v1/chat/completions', body)).text())
      .slice(0, -1)
      .map((each) => JSON.parse(each));
    const joined = ['', ''];
    for (const chunk of chunks) {
      for (const part of chunk.choices[0].delta.tool_calls ?? []) joined[part.index] += part.function.arguments;
    }
    assert.deepEqual(
      joined.map((each) => JSON.parse(each)),
      [{ a: 'x'.repeat(40) }, { b: 7 }],
    );
  });
});

test('what was sent before counts as cached', async () => {
  await withModel({}, async ({ post }) => {
    const long = user('word '.repeat(400));
    const messages = [long, { role: 'assistant', content: 'Yes.' }, user('And now?')];
    const first = await (await post('/v1/chat/completions', chat({ messages: [long] }))).json();
    const second = await (await post('/v1/chat/completions', chat({ messages }))).json();
    assert.equal(first.usage.prompt_tokens_details.cached_tokens, 0);
    const cached = second.usage.prompt_tokens_details.cached_tokens;
    assert.ok(cached > 0 && cached % 128 === 0 && cached <= first.usage.prompt_tokens, `${cached}`);
  });
});

test('the Responses API tells the same story in its events', async () => {
  await withModel({}, async ({ post }) => {
    const tools = [{ type: 'function', name: 'get_time', parameters: { type: 'object', properties: {} } }];
    const events = eventsOf(
      await (await post('/v1/responses', { model: 'gpt-4o', input: 'Use get_time', tools, stream: true })).text(),
    ).map((each) => JSON.parse(each));
    assert.equal(events[0].type, 'response.created');
    const last = events.at(-1);
    assert.equal(last.type, 'response.completed');
    const [call] = last.response.output;
    assert.deepEqual([call.type, call.name, call.arguments], ['function_call', 'get_time', '{}']);
    const input = [user('Use get_time'), call, { type: 'function_call_output', call_id: call.call_id, output: 'noon' }];
    const answer = await (await post('/v1/responses', { model: 'gpt-4o', input, tools })).json();
    assert.match(answer.output[0].content[0].text, /get_time: noon/);
    assert.equal(answer.usage.total_tokens, answer.usage.input_tokens + answer.usage.output_tokens);
  });
});

test('embeddings of texts that share words are near each other', async () => {
  await withModel({}, async ({ post, billed }) => {
    const body = {
      model: 'text-embedding-3-small',
      input: ['database pool exhausted', 'the pool of the database', 'weather in Oslo'],
    };
    const { data, usage } = await (await post('/v1/embeddings', body)).json();
    const near = (a, b) => data[a].embedding.reduce((sum, each, at) => sum + each * data[b].embedding[at], 0);
    assert.ok(near(0, 1) > near(0, 2));
    const coded = await (await post('/v1/embeddings', { ...body, encoding_format: 'base64' })).json();
    const bytes = Buffer.from(coded.data[0].embedding, 'base64');
    assert.ok(Math.abs(bytes.readFloatLE(0) - data[0].embedding[0]) < 1e-6);
    assert.equal((await billed()).requests[0].input, usage.prompt_tokens);
  });
});

test('a script decides first; its fault passes after so many equal requests', async () => {
  const rules = [
    { when: { user: '^flaky' }, say: 'fine', fault: { status: 429, retry_after: 2, times: 1 } },
    { when: { system: 'pirate', step: 0 }, call: [{ name: 'dig', arguments: { at: '{{user}}' } }], say: 'Arr.' },
  ];
  await withModel({ rules }, async ({ post, billed }) => {
    const flaky = chat({ messages: [user('flaky question')] });
    const refused = await post('/v1/chat/completions', flaky);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '2']);
    assert.equal((await refused.json()).error.type, 'rate_limit_error');
    assert.equal((await billed()).requests.length, 0);
    assert.equal((await (await post('/v1/chat/completions', flaky)).json()).choices[0].message.content, 'fine');
    const messages = [{ role: 'system', content: 'You are a PIRATE.' }, user('the beach')];
    const { message } = (await (await post('/v1/chat/completions', chat({ messages }))).json()).choices[0];
    assert.deepEqual([message.content, message.tool_calls[0].function.arguments], ['Arr.', '{"at":"the beach"}']);
  });
});

test('streams fail on purpose', async () => {
  await withModel({}, async ({ post }) => {
    const body = chat({ stream: true });
    const spoilt = (kind) => post('/v1/chat/completions', body, { 'x-fake-fault': JSON.stringify({ kind }) });
    await assert.rejects(async () => (await spoilt('cut')).text());
    const garbage = eventsOf(await (await spoilt('garbage')).text());
    assert.ok(garbage.some((each) => each.includes('not JSON')));
    const endless = (await spoilt('endless')).body.getReader();
    for (let read = 0; read < 200;) read += eventsOf(Buffer.from((await endless.read()).value).toString()).length;
    await endless.cancel();
  });
});

test('bad requests are told what is wrong', async () => {
  await withModel({}, async ({ base, post }) => {
    const bad = [
      ['/v1/chat/completions', {}],
      ['/v1/chat/completions', chat({ messages: [] })],
      ['/v1/responses', { model: 'm' }],
      ['/v1/embeddings', { model: 'm' }],
    ];
    for (const [path, body] of bad) {
      const answer = await post(path, body);
      assert.equal(answer.status, 400, path);
      assert.equal((await answer.json()).error.type, 'invalid_request_error');
    }
    assert.equal((await fetch(`${base}/v1/chat/completions`, { method: 'POST', body: '{' })).status, 400);
    assert.equal((await fetch(`${base}/nowhere`)).status, 404);
  });
});

test('the program prints one ready line and stops on SIGTERM', async () => {
  const program = fileURLToPath(new URL('fake_model.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = await once(child.stdout, 'data');
  const { base_url: url } = JSON.parse(String(line).replace(/^ready /, ''));
  const { data } = await (await fetch(`${url}/models`)).json();
  assert.ok(data.some((each) => each.id === 'gpt-4o'));
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});
