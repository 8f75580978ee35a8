// Answers in the form of POST /v1/responses, whole or as server-sent events.

import { fragments } from './chat.mjs';
import { pieces } from './tokens.mjs';

const piecesPerChunk = 2;

export function responsesAnswer(made) {
  return envelope(made, 'completed', outputItems(made), made.usage);
}

/** The events of a stream, in order, as `{event, data, tokens}`; `tokens` is how many the model had to make for it. */
export function* responsesEvents(made) {
  let sequence = 0;
  const event = (type, fields, tokens = 0) => ({
    event: type,
    data: { type, sequence_number: sequence++, ...fields },
    tokens,
  });
  yield event('response.created', { response: envelope(made, 'in_progress', [], null) });
  yield event('response.in_progress', { response: envelope(made, 'in_progress', [], null) });
  const items = outputItems(made);
  for (const [index, item] of items.entries()) {
    const where = { output_index: index, item_id: item.id };
    yield event('response.output_item.added', { output_index: index, item: emptied(item) });
    if (item.type === 'message') yield* messageEvents(event, item, where);
    if (item.type === 'function_call') yield* callEvents(event, item, where);
    yield event(
      'response.output_item.done',
      { output_index: index, item },
      item.type === 'reasoning' ? made.answer.reasoning : 0,
    );
  }
  yield event('response.completed', { response: envelope(made, 'completed', items, made.usage) });
}

function* messageEvents(event, item, where) {
  const part = { ...where, content_index: 0 };
  const text = item.content[0].text;
  yield event('response.content_part.added', { ...part, part: { ...item.content[0], text: '' } });
  const words = pieces(text);
  for (let at = 0; at < words.length; at += piecesPerChunk) {
    const some = words.slice(at, at + piecesPerChunk);
    yield event('response.output_text.delta', { ...part, delta: some.join(''), logprobs: [] }, some.length);
  }
  yield event('response.output_text.done', { ...part, text, logprobs: [] });
  yield event('response.content_part.done', { ...part, part: item.content[0] });
}

function* callEvents(event, item, where) {
  for (const delta of fragments(item.arguments))
    yield event('response.function_call_arguments.delta', { ...where, delta }, 3);
  yield event('response.function_call_arguments.done', { ...where, name: item.name, arguments: item.arguments });
}

function outputItems({ id, answer }) {
  const suffix = id.slice('resp_'.length);
  const items = [];
  if (answer.reasoning > 0) items.push({ id: `rs_${suffix}`, type: 'reasoning', summary: [] });
  if (answer.text) {
    const content = [{ type: 'output_text', text: answer.text, annotations: [], logprobs: [] }];
    items.push({ id: `msg_${suffix}`, type: 'message', status: 'completed', role: 'assistant', content });
  }
  for (const [index, call] of answer.calls.entries()) {
    const own = { id: `fc_${suffix}_${index}`, type: 'function_call', status: 'completed' };
    items.push({ ...own, call_id: call.id, name: call.name, arguments: call.arguments });
  }
  return items;
}

/** An item as it stands before any of it was made. */
function emptied(item) {
  if (item.type === 'message') return { ...item, status: 'in_progress', content: [] };
  if (item.type === 'function_call') return { ...item, status: 'in_progress', arguments: '' };
  return item;
}

function envelope({ id, created, model, turn }, status, output, usage) {
  return {
    id,
    object: 'response',
    created_at: created,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model,
    output,
    parallel_tool_calls: turn.parallel,
    previous_response_id: null,
    reasoning: { effort: turn.effort ?? null, summary: null },
    service_tier: 'default',
    store: false,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: usage && {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cached },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: usage.reasoning },
      total_tokens: usage.input + usage.output,
    },
    user: null,
    metadata: {},
  };
}
