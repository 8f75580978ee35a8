// The HTTP side: routes, bodies, latency, streams. One FakeModel is one server on one port.

import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { Bill } from './bill.mjs';
import { chatAnswer, chatEvents } from './chat.mjs';
import { embed, embeddingsAnswer } from './embeddings.mjs';
import { errorBody, faultMessage, faultOf } from './fault.mjs';
import { digest } from './random.mjs';
import { responsesAnswer, responsesEvents } from './responses.mjs';
import { Script } from './script.mjs';
import { meter } from './tokens.mjs';
import { BadRequest, turnFromChat, turnFromResponses } from './turn.mjs';

const bodyBytesMax = 32 * 1024 * 1024;
// How many different requests are remembered to tell a first attempt from a retry.
const requestsKeptMax = 50_000;

// The name asked for and the dated name that answers, as providers have it.
const datedNames = {
  'gpt-4o': 'gpt-4o-2024-08-06',
  'gpt-4o-mini': 'gpt-4o-mini-2024-07-18',
  'gpt-4.1': 'gpt-4.1-2025-04-14',
  'gpt-4.1-mini': 'gpt-4.1-mini-2025-04-14',
  'o4-mini': 'o4-mini-2025-04-16',
  'gpt-5': 'gpt-5-2025-08-07',
  'gpt-5-mini': 'gpt-5-mini-2025-08-07',
  'text-embedding-3-small': 'text-embedding-3-small',
};

const apis = {
  chat: { prefix: 'chatcmpl-', parse: turnFromChat, whole: chatAnswer, events: chatEvents, last: 'data: [DONE]\n\n' },
  responses: { prefix: 'resp_', parse: turnFromResponses, whole: responsesAnswer, events: responsesEvents, last: '' },
};

export class FakeModel {
  /**
   * `settings`: `seed`, `rules` (of a script file), `first_token_ms`, `token_ms`, `fault_rate`; all have defaults that
   * suit tests: no latency, no faults.
   */
  constructor(settings = {}) {
    this.settings = { seed: '1', rules: [], first_token_ms: 0, token_ms: 0, fault_rate: 0, ...settings };
    this.script = new Script(this.settings.seed, this.settings.rules);
    this.bill = new Bill();
    this.seen = new Map();
    this.server = createServer((request, response) => {
      this.#handle(request, response).catch((error) => fail(response, error));
    });
  }

  /** Listens on loopback and returns the port. */
  listen(port = 0) {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => resolve(this.server.address().port));
    });
  }

  /** Ends open answers too. */
  close() {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  async #handle(request, response) {
    const route = `${request.method} ${new URL(request.url, 'http://localhost').pathname}`;
    switch (route) {
      case 'POST /v1/chat/completions':
        return this.#generate(apis.chat, request, response);
      case 'POST /v1/responses':
        return this.#generate(apis.responses, request, response);
      case 'POST /v1/embeddings':
        return this.#embed(request, response);
      case 'GET /v1/models':
        return sendJson(response, 200, { object: 'list', data: Object.keys(datedNames).map(modelCard) });
      case 'GET /_billed':
        return sendJson(response, 200, this.bill);
      case 'DELETE /_billed':
        this.bill.clear();
        return sendJson(response, 200, this.bill);
      default:
        return sendJson(response, 404, errorBody(404, `Unknown request: ${route}`));
    }
  }

  /** Counts equal requests: how many came before this one. */
  #countSeen(key) {
    const seen = this.seen.get(key) ?? 0;
    if (this.seen.size >= requestsKeptMax) this.seen.clear();
    this.seen.set(key, seen + 1);
    return seen;
  }

  async #generate(api, request, response) {
    const body = await readJson(request);
    const turn = api.parse(body);
    const key = digest(api.prefix, JSON.stringify(body));
    const answer = this.script.answer(turn, key);
    const seen = this.#countSeen(key);
    const fault = this.#fault(request, key, seen, answer.rule);
    const made = {
      id: `${api.prefix}${digest(this.settings.seed, key, seen).slice(0, 29)}`,
      created: Math.floor(Date.now() / 1000),
      model: datedNames[turn.model] ?? turn.model,
      answer: fault?.kind === 'broken_arguments' ? withBrokenArguments(answer) : answer,
      turn,
    };
    made.usage = meter(turn, made.answer);
    if (fault?.kind === 'hang') return undefined;
    await this.#wait(answer.rule?.first_token_ms ?? this.settings.first_token_ms, response);
    if (fault?.status) return refuse(response, fault);
    this.bill.add({
      id: made.id,
      api: api.prefix === 'resp_' ? 'responses' : 'chat',
      model: made.model,
      ...made.usage,
      stream: turn.stream,
    });
    if (turn.stream) return this.#stream(api, made, fault, response);
    await this.#wait(made.usage.output * this.settings.token_ms, response);
    return sendJson(response, 200, api.whole(made), { 'x-request-id': `req_${made.id.slice(-12)}` });
  }

  async #stream(api, made, fault, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    const events = [...api.events(made)];
    const half = Math.floor(events.length / 2);
    for (const [index, { event, data, tokens }] of events.entries()) {
      if (index === half && fault?.kind === 'cut') return response.destroy();
      if (index === half && fault?.kind === 'garbage') response.write('data: {"id": not JSON at all\n\n');
      response.write(`${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`);
      await this.#wait(tokens * this.settings.token_ms, response);
      while (index === half && fault?.kind === 'endless' && !response.destroyed) {
        response.write(`data: ${JSON.stringify(data)}\n\n`);
        await delay(1);
      }
      if (response.destroyed) return undefined;
    }
    return response.end(api.last);
  }

  async #embed(request, response) {
    const body = await readJson(request);
    const key = digest('emb', JSON.stringify(body));
    const made = embed(this.settings.seed, body);
    const seen = this.#countSeen(key);
    const fault = this.#fault(request, key, seen, null);
    await this.#wait(this.settings.first_token_ms / 2, response);
    if (fault?.status) return refuse(response, fault);
    const model = datedNames[body.model] ?? body.model;
    const id = `emb_${digest(this.settings.seed, key, seen).slice(0, 29)}`;
    this.bill.add({
      id,
      api: 'embeddings',
      model,
      input: made.input,
      output: 0,
      cached: 0,
      reasoning: 0,
      stream: false,
    });
    return sendJson(response, 200, embeddingsAnswer(model, made));
  }

  #fault(request, key, seen, rule) {
    const { seed, fault_rate: rate } = this.settings;
    return faultOf({ header: request.headers['x-fake-fault'], rule, rate, seed, key, seen });
  }

  /** Waits, but not for a client that has gone. */
  async #wait(ms, response) {
    if (ms > 0 && !response.destroyed) await delay(ms);
  }
}

function withBrokenArguments(answer) {
  const calls = answer.calls.map((call) => ({ ...call, arguments: call.arguments.slice(0, -1) }));
  return { ...answer, calls };
}

function modelCard(id) {
  return { id, object: 'model', created: 1_700_000_000, owned_by: 'fake-model' };
}

async function readJson(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > bodyBytesMax) throw new BadRequest(`The body is larger than ${bodyBytesMax} bytes.`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new BadRequest('We could not parse the JSON body of your request.');
  }
}

function sendJson(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function refuse(response, fault) {
  const headers = fault.retry_after === undefined ? {} : { 'retry-after': String(fault.retry_after) };
  sendJson(response, fault.status, errorBody(fault.status, faultMessage(fault)), headers);
}

/** A refused request is told so; anything else is a mistake in this program and must be seen. */
function fail(response, error) {
  if (response.destroyed) return;
  const refused = error instanceof BadRequest;
  if (!refused) console.error(error);
  if (response.headersSent) response.destroy();
  else sendJson(response, refused ? 400 : 500, errorBody(refused ? 400 : 500, error.message, error.parameter ?? null));
}
