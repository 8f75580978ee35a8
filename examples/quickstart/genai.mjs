// Spans as OpenTelemetry's conventions for generative AI have them: invoke_agent, chat, execute_tool, retrieval. This is all
// that an agent needs; nothing in it is Sextant's own. Messages are recorded too: leave those attributes out where content
// must not leave the program.

import { context, createContextKey, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('quickstart.genai', '1.0.0');
const sessionKey = createContextKey('conversation id');
const agentKey = createContextKey('agent name');

/** Everything inside belongs to the conversation `id`; runs that share it are one session on the page. */
export function inConversation(id, run) {
  return context.with(context.active().setValue(sessionKey, id), run);
}

/** One agent at work: `run(span)` returns its answer. */
export function invokeAgent(name, description, task, run) {
  const attributes = {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': name,
    'gen_ai.agent.description': description,
    'gen_ai.input.messages': JSON.stringify([textMessage('user', task)]),
  };
  const inside = context.active().setValue(agentKey, name);
  return context.with(inside, () =>
    within(`invoke_agent ${name}`, SpanKind.INTERNAL, attributes, async (span) => {
      const answer = await run(span);
      span.setAttribute('gen_ai.output.messages', JSON.stringify([textMessage('assistant', answer)]));
      return answer;
    }),
  );
}

/** One call to a model: `run(span)` returns the answer as chat completions have it, `span.firstToken()` marks the first token. */
export function chat(client, request, run) {
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': request.model,
    'gen_ai.request.temperature': request.temperature,
    'gen_ai.request.stream': request.stream === true,
    'gen_ai.output.type': 'text',
    'server.address': new URL(client.baseURL).hostname,
    'server.port': Number(new URL(client.baseURL).port) || 443,
    ...promptAttributes(request),
  };
  return within(`chat ${request.model}`, SpanKind.CLIENT, attributes, async (span) => {
    const started = performance.now();
    const firstToken = () =>
      span.setAttribute('gen_ai.response.time_to_first_chunk', (performance.now() - started) / 1000);
    const completion = await run(firstToken);
    span.setAttributes(answerAttributes(completion));
    return completion;
  });
}

/** One call of a tool: `run()` returns its result; what it throws becomes the span's error. */
export function executeTool(tool, call, run) {
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool.name,
    'gen_ai.tool.type': 'function',
    'gen_ai.tool.description': tool.description,
    'gen_ai.tool.call.id': call.id,
    'gen_ai.tool.call.arguments': call.function.arguments,
  };
  return within(`execute_tool ${tool.name}`, SpanKind.INTERNAL, attributes, async (span) => {
    const result = await run();
    span.setAttribute('gen_ai.tool.call.result', JSON.stringify(result));
    return result;
  });
}

/** One search of documents: `run()` returns `[{id, score, title, text}]`. */
export function retrieve(source, query, limit, run) {
  const attributes = {
    'gen_ai.operation.name': 'retrieval',
    'gen_ai.data_source.id': source,
    'gen_ai.retrieval.query.text': query,
    'gen_ai.retrieval.top_k': limit,
  };
  return within(`retrieval ${source}`, SpanKind.CLIENT, attributes, async (span) => {
    const found = await run();
    span.setAttribute('gen_ai.retrieval.documents', JSON.stringify(found));
    return found;
  });
}

/** One call for embeddings: `run()` returns the API's answer. */
export function embed(model, run) {
  const attributes = {
    'gen_ai.operation.name': 'embeddings',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': model,
  };
  return within(`embeddings ${model}`, SpanKind.CLIENT, attributes, async (span) => {
    const answer = await run();
    span.setAttributes({
      'gen_ai.response.model': answer.model,
      'gen_ai.usage.input_tokens': answer.usage.prompt_tokens,
    });
    return answer;
  });
}

/** A span around `run`, ended whatever happens, with the error if there is one. */
function within(name, kind, attributes, run) {
  const session = context.active().getValue(sessionKey);
  const agent = context.active().getValue(agentKey);
  const shared = {
    ...(session && { 'gen_ai.conversation.id': session }),
    ...(agent && { 'gen_ai.agent.name': agent }),
  };
  return tracer.startActiveSpan(name, { kind, attributes: { ...shared, ...attributes } }, async (span) => {
    try {
      return await run(span);
    } catch (error) {
      span.recordException(error);
      span.setAttribute('error.type', error.code ?? error.constructor.name);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

function textMessage(role, content) {
  return { role, parts: [{ type: 'text', content }] };
}

function promptAttributes(request) {
  const system = request.messages.filter((message) => message.role === 'system');
  const rest = request.messages.filter((message) => message.role !== 'system');
  const attributes = {
    'gen_ai.system_instructions': JSON.stringify(system.map((message) => ({ type: 'text', content: message.content }))),
    'gen_ai.input.messages': JSON.stringify(rest.map(messageOf)),
  };
  if (request.tools) {
    const definitions = request.tools.map((tool) => ({ type: 'function', ...tool.function }));
    attributes['gen_ai.tool.definitions'] = JSON.stringify(definitions);
  }
  return attributes;
}

function answerAttributes(completion) {
  const { message, finish_reason: reason } = completion.choices[0];
  const { usage } = completion;
  const attributes = {
    'gen_ai.response.id': completion.id,
    'gen_ai.response.model': completion.model,
    'gen_ai.response.finish_reasons': [reason],
    'gen_ai.output.messages': JSON.stringify([{ ...messageOf(message), finish_reason: reason }]),
  };
  if (!usage) return attributes;
  attributes['gen_ai.usage.input_tokens'] = usage.prompt_tokens;
  attributes['gen_ai.usage.output_tokens'] = usage.completion_tokens;
  attributes['gen_ai.usage.cache_read.input_tokens'] = usage.prompt_tokens_details?.cached_tokens ?? 0;
  attributes['gen_ai.usage.reasoning.output_tokens'] = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return attributes;
}

/** A message of the chat API in the conventions' form: a role and parts. */
function messageOf(message) {
  if (message.role === 'tool') {
    return {
      role: 'tool',
      parts: [{ type: 'tool_call_response', id: message.tool_call_id, response: message.content }],
    };
  }
  const parts = message.content ? [{ type: 'text', content: message.content }] : [];
  for (const call of message.tool_calls ?? []) {
    parts.push({
      type: 'tool_call',
      id: call.id,
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments),
    });
  }
  return { role: message.role, parts };
}
