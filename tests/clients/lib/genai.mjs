// What the server reads from GenAI spans, held against what the fake model billed and what was said. An expectation says
// what the dialect carries at all: a server cannot know tokens that an instrumentation leaves out, and must not invent them.
//
//   dialect        as StepView names it
//   tokens         fields of the usage that the spans carry; [] when none: then the view must say null
//   messages       'all', 'text' (no tool calls in the history), 'answer' (where the program knows its question and the
//                  last answer only), 'none'
//   output         false when the instrumentation garbles the answer
//   model          the view's field that must name the model that answered; null when the spans do not tell
//   first_token    true when streams carry the time to their first token
//   tools, agents, conversation, state   what the whole run must show

import { differences } from './compare.mjs';

const tokenFields = ['input', 'output', 'cached_input', 'reasoning'];
const billedFields = { input: 'input', output: 'output', cached_input: 'cached', reasoning: 'reasoning' };

/** Differences between the runs of a case as the server understood them and what happened. */
export function genaiDifferences(traces, expected, { bill, notes }) {
  const runs = together(traces.map((trace) => trace.summary));
  const spans = traces.flatMap((trace) => trace.spans);
  const steps = spans
    .filter((span) => span.gen_ai !== null)
    .sort(byStart)
    .map((span) => ({ ...span.gen_ai, span }));
  const lines = [];
  const check = (what, wanted, found) => lines.push(...differences(wanted, found, what));
  for (const step of steps) check(`dialect of ${step.span.name}`, expected.dialect, step.dialect);
  const calls = steps.filter((step) => step.kind === 'model' && isLeaf(step, steps));
  const embeddings = steps.filter((step) => step.kind === 'embeddings' && isLeaf(step, steps));
  const answered = calls.filter((step) => step.span.status !== 'error');
  check('model calls', billed(bill, 'chat', expected), answered.map((step) => found(step, expected)).sort(byText));
  check(
    'embeddings',
    billed(bill, 'embeddings', expected),
    embeddings.map((step) => found(step, expected)).sort(byText),
  );
  check('refused calls', expected.refused ?? 0, calls.length - answered.length);
  check('tokens of the runs', sum(bill, expected), runs.tokens);
  check(
    'tools',
    [...(expected.tools ?? [])].sort(),
    steps
      .filter((step) => step.kind === 'tool')
      .map((step) => step.tool)
      .sort(),
  );
  for (const step of steps.filter(({ kind }) => kind === 'tool')) lines.push(...toolDifferences(step));
  const timed = answered.filter((step) => step.first_token_ns !== null).length;
  check('calls with a first token', expected.first_token ? bill.filter((line) => line.stream).length : 0, timed);
  check('agents', [...(expected.agents ?? [])].sort(), runs.agents);
  check('conversation', expected.conversation ?? null, runs.conversation);
  check('state', expected.state ?? 'ok', runs.state);
  if (expected.messages === 'answer') lines.push(...answerDifferences(answered, notes));
  else if (expected.messages !== 'none') lines.push(...messageDifferences(answered, notes.calls, expected));
  return lines;
}

/** A tool's step shows what it was called with and, unless it failed, what it gave. */
function toolDifferences({ span, tool, arguments: given, result }) {
  const isJson = (text) => text !== null && typeof parsed(text) === 'object';
  const lines = isJson(given) ? [] : [`arguments of ${tool}: ${given}`];
  if (span.status !== 'error' && !isJson(result)) lines.push(`result of ${tool}: ${result}`);
  return lines;
}

/** The summaries of several runs as one. */
function together(summaries) {
  const tokens = summaries.map((summary) => summary.tokens).filter((each) => each !== null);
  const total = (name) => tokens.reduce((all, each) => all + each[name], 0);
  return {
    tokens: tokens.length ? Object.fromEntries(tokenFields.map((name) => [name, total(name)])) : null,
    agents: [...new Set(summaries.flatMap((summary) => summary.agents))].sort(),
    conversation: summaries[0].conversation_id,
    state: summaries.some((summary) => summary.state !== 'ok')
      ? summaries.find((summary) => summary.state !== 'ok').state
      : 'ok',
  };
}

function byStart(a, b) {
  const [left, right] = [BigInt(a.start_unix_nano), BigInt(b.start_unix_nano)];
  return left < right ? -1 : Number(left > right);
}

/** A step whose own kind does not occur again below it: outer spans of some instrumentations repeat their children. */
function isLeaf(step, steps) {
  return !steps.some((other) => other.kind === step.kind && other.span.parent_span_id === step.span.span_id);
}

const byText = (a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

function billed(bill, api, expected) {
  const lines = bill.filter((line) => (line.api === 'embeddings') === (api === 'embeddings'));
  const known = modelField(expected) !== null;
  return lines.map((line) => ({ model: known ? line.model : null, tokens: carried(line, expected) })).sort(byText);
}

function modelField({ model = 'response_model' }) {
  return model;
}

/** The usage that the spans can show; fields that are not carried count 0, and null stands for no usage at all. */
function carried(line, { tokens }) {
  if (tokens.length === 0) return null;
  return Object.fromEntries(tokenFields.map((name) => [name, tokens.includes(name) ? line[billedFields[name]] : 0]));
}

function found(step, expected) {
  const field = modelField(expected);
  const model = field === null ? null : step[field];
  return { model, tokens: step.tokens && Object.fromEntries(tokenFields.map((name) => [name, step.tokens[name]])) };
}

function sum(bill, expected) {
  if (expected.tokens.length === 0 || bill.length === 0) return null;
  const total = Object.fromEntries(tokenFields.map((name) => [name, 0]));
  for (const line of bill) for (const name of tokenFields) total[name] += carried(line, expected)[name];
  return total;
}

// ---- messages ----

function messageDifferences(steps, calls, expected) {
  const lines = [];
  const shape = expected.messages === 'text' ? textOnly : (message) => message;
  const said = calls.filter((call) => call.output);
  const list = (messages, plain) => messages.map((message) => shape(plain(message)));
  const wanted = said.map((call) => ({
    input: list(call.input, fromCall),
    output: expected.output === false ? [] : list([call.output], fromCall),
  }));
  const seen = steps.map((step) => ({
    input: list(step.input_messages, fromView),
    output: expected.output === false ? [] : list(step.output_messages, fromView),
  }));
  lines.push(...differences(wanted.sort(byText), seen.sort(byText), 'messages'));
  return lines;
}

/** Every prompt begins with what was asked, and the answer that the program got was the last one given. */
function answerDifferences(steps, { asked, text }) {
  const prompts = steps.map((step) => step.input_messages.map(fromView).slice(0, asked.length).map(textOnly));
  const answer = steps.at(-1)?.output_messages.map(fromView).at(-1)?.text;
  return [
    ...differences(
      steps.map(() => asked),
      prompts,
      'prompts',
    ),
    ...differences(text, answer, 'answer'),
  ];
}

function fromCall(message) {
  const results = message.role === 'tool' ? [{ id: message.call_id, text: parsed(message.text) }] : [];
  return {
    role: message.role,
    text: message.role === 'tool' ? '' : message.text,
    calls: message.calls.map((call) => ({ id: call.id, name: call.name, arguments: parsed(call.arguments) })),
    results,
  };
}

function fromView(message) {
  const of = (type) => message.parts.filter((part) => part.type === type);
  return {
    role: message.role,
    text: of('text')
      .map((part) => part.text)
      .join('\n'),
    calls: of('tool_call').map((part) => ({ id: part.id, name: part.name, arguments: parsed(part.arguments) })),
    results: of('tool_result').map((part) => ({ id: part.id, text: parsed(part.text) })),
  };
}

/** JSON by its meaning: some instrumentations write it anew. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textOnly(message) {
  return { role: message.role, text: message.role === 'tool' ? '' : message.text };
}
