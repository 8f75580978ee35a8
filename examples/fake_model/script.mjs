// What the model says. A script is a list of rules; the first that fits a turn decides the answer. Where none fits, the
// model behaves like a plain agent: it calls the tools that the question names, then answers from their results.

import { between, digest, pick, randomFrom } from './random.mjs';

// A tool whose result says "error" is asked for again this often before the model gives up on it.
const toolAttemptsMax = 3;
// Depth of a tool's parameter schema that is filled in; deeper parts become empty objects.
const schemaDepthMax = 6;
// Models that think before they speak bill what they thought.
const reasoningModel = /^(o\d|gpt-5)/;
const reasoningBlock = 64;

/** The script of a server: rules first, built-in behaviour after them. */
export class Script {
  /** `rules` is the list in a script file; `seed` moves every choice that the rules leave open. */
  constructor(seed, rules = []) {
    this.seed = seed;
    this.rules = rules.map(compileRule);
  }

  /**
   * Decides a turn: `{text, calls: [{id, name, arguments}], reasoning, finish, rule}`; `rule` is null for the built-in
   * behaviour. `key` tells equal requests apart.
   */
  answer(turn, key) {
    const random = randomFrom(this.seed, key);
    const state = stateOf(turn);
    const rule = this.rules.find((each) => each.fits(turn, state)) ?? null;
    const said = rule?.speaks ? fromRule(rule.source, turn, state, random) : builtIn(turn, state, random);
    const calls = said.calls.map((call, index) => ({
      id: `call_${digest(this.seed, key, 'call', index).slice(0, 24)}`,
      ...call,
    }));
    const reasoning = rule?.source.reasoning_tokens ?? reasoningTokens(turn, random);
    return {
      text: said.text,
      calls,
      reasoning,
      finish: calls.length ? 'tool_calls' : 'stop',
      rule: rule?.source ?? null,
    };
  }
}

/** The part of a conversation since the user last spoke: what was asked, which tools were called, what they gave. */
function stateOf(turn) {
  let start = turn.messages.length;
  while (start > 0 && turn.messages[start - 1].role !== 'user') start -= 1;
  const since = turn.messages.slice(start);
  const calls = since.flatMap((message) => message.calls);
  const results = since
    .filter((message) => message.role === 'tool')
    .map((message) => ({ name: calls.find((call) => call.id === message.callId)?.name ?? '', text: message.text }));
  return {
    system: turn.messages
      .filter((message) => message.role === 'system')
      .map((message) => message.text)
      .join('\n'),
    user: start > 0 ? turn.messages[start - 1].text : '',
    users: turn.messages.filter((message) => message.role === 'user').length,
    step: since.filter((message) => message.role === 'assistant').length,
    calls,
    results,
  };
}

function failed(result) {
  return /^\s*error\b|"error"\s*:/i.test(result.text);
}

// ---- rules ----

function compileRule(source) {
  const when = source.when ?? {};
  const patterns = ['model', 'system', 'user', 'result'].filter((name) => when[name] !== undefined);
  const compiled = Object.fromEntries(patterns.map((name) => [name, new RegExp(when[name], 'i')]));
  const fits = (turn, state) => {
    const last = state.results.at(-1);
    const texts = { model: turn.model, system: state.system, user: state.user, result: last?.text ?? '' };
    if (when.step !== undefined && when.step !== state.step) return false;
    if (when.turn !== undefined && when.turn !== state.users) return false;
    if (when.tool !== undefined && when.tool !== last?.name) return false;
    return patterns.every((name) => compiled[name].test(texts[name]));
  };
  return { source, fits, speaks: source.say !== undefined || source.call !== undefined };
}

function fromRule(rule, turn, state, random) {
  const variant = between(random, 0, 0xffff);
  const fill = (value) => fillIn(value, { turn, state, variant });
  const calls = (rule.call ?? []).map((call) => ({
    name: call.name,
    arguments: JSON.stringify(fill(call.arguments ?? {})),
  }));
  return { text: rule.say === undefined ? '' : String(fill(oneOf(rule.say, variant))), calls };
}

function oneOf(value, variant) {
  return Array.isArray(value) ? value[variant % value.length] : value;
}

/** Replaces {{user}}, {{result}}, {{step}} in strings and {"$pick": […]} by one of its values, at every depth. */
function fillIn(value, scope) {
  if (typeof value === 'string') {
    const names = { user: scope.state.user, result: scope.state.results.at(-1)?.text ?? '', step: scope.state.step };
    return value.replace(/\{\{(user|result|step)\}\}/g, (_, name) => names[name]);
  }
  if (Array.isArray(value)) return value.map((each) => fillIn(each, scope));
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value.$pick)) return fillIn(oneOf(value.$pick, scope.variant), scope);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fillIn(each, scope)]));
}

// ---- built-in behaviour ----

function builtIn(turn, state, random) {
  const wanted = toolsWanted(turn, state, random);
  if (wanted.length === 0) return { text: answerText(turn, state, random), calls: [] };
  const now = turn.parallel ? wanted : wanted.slice(0, 1);
  const calls = now.map((tool) => ({
    name: tool.name,
    arguments: JSON.stringify(sampleOf(tool.parameters, tool.name, state, random)),
  }));
  return { text: '', calls };
}

/** Tools still to be called: those the user named, or one of those offered, less those that gave a result. */
function toolsWanted(turn, state, random) {
  if (turn.tools.length === 0 || turn.toolChoice === 'none') return [];
  const forced = turn.tools.find((tool) => tool.name === turn.toolChoice?.name);
  if (forced) return state.calls.length ? [] : [forced];
  const user = state.user.toLowerCase();
  let wanted = turn.tools
    .map((tool) => ({
      tool,
      at: user.search(new RegExp(`\\b${tool.name.toLowerCase().replace(/[^a-z0-9]+/g, '[ _-]')}\\b`)),
    }))
    .filter((each) => each.at >= 0)
    .sort((a, b) => a.at - b.at)
    .map((each) => each.tool);
  if (wanted.length === 0 && state.step > 0) return [];
  if (wanted.length === 0) wanted = [pick(random, turn.tools)];
  return wanted.filter((tool) => {
    const tried = state.results.filter((result) => result.name === tool.name);
    return tried.length < toolAttemptsMax && tried.every(failed);
  });
}

/** A value that fits a JSON Schema: its examples, default or enum where it has them, words of the question where not. */
function sampleOf(schema, name, state, random, depth = 0) {
  if (!schema || typeof schema !== 'object' || depth > schemaDepthMax) return {};
  if (schema.examples?.length) {
    const named = schema.examples.filter((each) => state.user.toLowerCase().includes(String(each).toLowerCase()));
    return pick(random, named.length ? named : schema.examples);
  }
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum?.length) return pick(random, schema.enum);
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
  if (type === 'number' || type === 'integer')
    return between(random, schema.minimum ?? 1, schema.maximum ?? (schema.minimum ?? 1) + 9);
  if (type === 'boolean') return random() < 0.5;
  if (type === 'array') return [sampleOf(schema.items, name, state, random, depth + 1)];
  if (type === 'string') return topicOf(state.user);
  const entries = Object.entries(schema.properties ?? {});
  return Object.fromEntries(entries.map(([key, part]) => [key, sampleOf(part, key, state, random, depth + 1)]));
}

const plainWords = new Set(
  'a an and are about after all any at be by can could did do does for from get give have how i in into is it its let me my of on or our please should show so tell than that the their them then there this to use using was we what when where which who why will with would you your'.split(
    ' ',
  ),
);

/** The words of a question that carry it, at most five. */
function topicOf(text) {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const kept = words.filter((word) => !plainWords.has(word));
  return (kept.length ? kept : words).slice(0, 5).join(' ') || 'the question';
}

const openings = ['Here is what I found about', 'In short, on', 'This is the state of', 'Looking at', 'A summary of'];
const closings = [
  'If you need more detail, ask for one of these points.',
  'Nothing else in the sources contradicts this.',
  'I would check the last figure before acting on it.',
  'The sources agree on this.',
];

function answerText(turn, state, random) {
  const opening = `${pick(random, openings)} ${topicOf(state.user)}:`;
  const good = state.results.filter((result) => !failed(result));
  const points = good.map((result) => `- ${result.name}: ${shorten(result.text)}`);
  const lost = state.results.filter(failed).map((result) => result.name);
  for (const name of new Set(lost)) {
    if (!good.some((result) => result.name === name)) points.push(`- ${name} gave no answer.`);
  }
  if (points.length === 0) points.push(`- ${shorten(state.user || 'There was no question.')}`);
  const text = [opening, ...points, pick(random, closings)].join('\n');
  return turn.json ? JSON.stringify(sampleOf(turn.json, 'answer', state, random)) : text;
}

function shorten(text) {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > 160 ? `${flat.slice(0, 157)}…` : flat;
}

function reasoningTokens(turn, random) {
  if (!reasoningModel.test(turn.model)) return 0;
  const blocks = { none: 0, minimal: 1, low: 2, medium: 6, high: 16 }[turn.effort ?? 'medium'] ?? 6;
  return blocks === 0 ? 0 : between(random, 1, blocks) * reasoningBlock;
}
