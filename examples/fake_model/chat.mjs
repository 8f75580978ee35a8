// Answers in the form of POST /v1/chat/completions, whole or as server-sent events.

import { pieces } from './tokens.mjs';

// Text is streamed this many tokens at a time, arguments of tool calls in fragments of this many characters.
const piecesPerChunk = 2;
const argumentsPerChunk = 12;

export function chatAnswer({ id, created, model, answer, usage }) {
  const message = {
    role: 'assistant',
    content: answer.calls.length && !answer.text ? null : answer.text,
    refusal: null,
    annotations: [],
  };
  if (answer.calls.length) message.tool_calls = answer.calls.map(toolCall);
  const choice = { index: 0, message, logprobs: null, finish_reason: answer.finish };
  return { id, object: 'chat.completion', created, model, choices: [choice], usage: chatUsage(usage), ...always };
}

/** The events of a stream, in order, as `{data, tokens}`; `tokens` is how many the model had to make for it. */
export function* chatEvents({ id, created, model, answer, usage, turn }) {
  const chunk = (delta, finish = null, tokens = 0) => {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
    const body = { id, object: 'chat.completion.chunk', created, model, ...always, choices };
    if (turn.usageInStream) body.usage = null;
    return { data: body, tokens };
  };
  yield chunk({ role: 'assistant', content: answer.calls.length ? null : '', refusal: null }, null, answer.reasoning);
  const words = pieces(answer.text);
  for (let at = 0; at < words.length; at += piecesPerChunk) {
    const some = words.slice(at, at + piecesPerChunk);
    yield chunk({ content: some.join('') }, null, some.length);
  }
  for (const [index, call] of answer.calls.entries()) {
    yield chunk({ tool_calls: [{ index, ...toolCall({ ...call, arguments: '' }) }] }, null, 3);
    for (const fragment of fragments(call.arguments)) {
      yield chunk({ tool_calls: [{ index, function: { arguments: fragment } }] }, null, 3);
    }
  }
  yield chunk({}, answer.finish);
  if (turn.usageInStream) {
    const body = {
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      ...always,
      choices: [],
      usage: chatUsage(usage),
    };
    yield { data: body, tokens: 0 };
  }
}

export function* fragments(text) {
  for (let at = 0; at < text.length; at += argumentsPerChunk) yield text.slice(at, at + argumentsPerChunk);
}

const always = { service_tier: 'default', system_fingerprint: 'fp_fake_model' };

function toolCall(call) {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } };
}

function chatUsage(usage) {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
