// A turn is one request to the model, whichever API it came by: the conversation so far and the tools on offer.
//
//   {model, messages, tools, toolChoice, parallel, stream, usageInStream, json, effort}
//   message: {role: system|user|assistant|tool, text, calls: [{id, name, arguments}], callId}
//   tool:    {name, description, parameters}

/** A request that the model refuses; becomes an answer with status 400 in the API's error form. */
export class BadRequest extends Error {
  constructor(message, parameter = null) {
    super(message);
    this.parameter = parameter;
  }
}

const roles = {
  developer: 'system',
  system: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
};

/** From the body of POST /v1/chat/completions. */
export function turnFromChat(body) {
  checkModel(body);
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    throw new BadRequest("'messages' must be a list with at least one message.", 'messages');
  }
  const tools = (body.tools ?? []).filter((tool) => tool.type === 'function').map((tool) => tool.function);
  const choice = body.tool_choice;
  return {
    ...common(body),
    messages: body.messages.map(messageFromChat),
    tools: tools.map(toolOf),
    toolChoice: typeof choice === 'object' ? { name: choice?.function?.name } : choice,
    usageInStream: body.stream_options?.include_usage === true,
    json: jsonSchemaOf(body.response_format?.type, body.response_format?.json_schema?.schema),
    effort: body.reasoning_effort,
  };
}

/** From the body of POST /v1/responses. */
export function turnFromResponses(body) {
  checkModel(body);
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input;
  if (!Array.isArray(items) || items.length === 0)
    throw new BadRequest("'input' must be text or a list of items.", 'input');
  const messages = [];
  if (body.instructions) messages.push(plainMessage('system', body.instructions));
  for (const item of items) addItem(messages, item);
  const tools = (body.tools ?? []).filter((tool) => tool.type === 'function');
  const choice = body.tool_choice;
  return {
    ...common(body),
    messages,
    tools: tools.map(toolOf),
    toolChoice: typeof choice === 'object' ? { name: choice?.name } : choice,
    usageInStream: true,
    json: jsonSchemaOf(body.text?.format?.type, body.text?.format?.schema),
    effort: body.reasoning?.effort,
  };
}

function checkModel(body) {
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw new BadRequest('The body must be a JSON object.');
  if (typeof body.model !== 'string' || body.model === '')
    throw new BadRequest('you must provide a model parameter', 'model');
}

function common(body) {
  return { model: body.model, parallel: body.parallel_tool_calls !== false, stream: body.stream === true };
}

function toolOf(tool) {
  if (typeof tool?.name !== 'string') throw new BadRequest('Each tool needs a name.', 'tools');
  return { name: tool.name, description: tool.description ?? '', parameters: tool.parameters ?? {} };
}

function jsonSchemaOf(type, schema) {
  if (type === 'json_schema') return schema ?? {};
  return type === 'json_object' ? { type: 'object', properties: { answer: { type: 'string' } } } : null;
}

function plainMessage(role, text) {
  return { role, text, calls: [], callId: null };
}

function messageFromChat(message) {
  const role = roles[message?.role];
  if (!role)
    throw new BadRequest(
      `Invalid value: '${message?.role}'. Supported roles: ${Object.keys(roles).join(', ')}.`,
      'messages',
    );
  const calls = (message.tool_calls ?? []).map((call) => ({
    id: call.id,
    name: call.function?.name ?? '',
    arguments: call.function?.arguments ?? '',
  }));
  return { role, text: textOf(message.content), calls, callId: message.tool_call_id ?? null };
}

/** Content is text, or a list of parts of which the text ones count; null stands for none. */
function textOf(content) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part === 'string' ? part : (part?.text ?? part?.refusal ?? ''))).join('\n');
}

/** Adds one input item of the Responses API; calls that follow each other belong to one answer. */
function addItem(messages, item) {
  if (item?.type === 'function_call') {
    const call = { id: item.call_id, name: item.name, arguments: item.arguments };
    const last = messages.at(-1);
    if (last?.role === 'assistant') last.calls.push(call);
    else messages.push({ role: 'assistant', text: '', calls: [call], callId: null });
    return;
  }
  if (item?.type === 'function_call_output') {
    const text = typeof item.output === 'string' ? item.output : textOf(item.output);
    messages.push({ role: 'tool', text, calls: [], callId: item.call_id });
    return;
  }
  if (item?.type === 'reasoning' || item?.type === 'item_reference') return;
  const role = roles[item?.role];
  if (!role) throw new BadRequest(`Input item of type '${item?.type}' is not known.`, 'input');
  messages.push(plainMessage(role, textOf(item.content)));
}
