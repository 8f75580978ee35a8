// Counts tokens the way a model's bill does: near enough to look real, and the same on every machine. Both what the
// server bills and what it streams come from here, so the two always agree.

// Longest run of letters that counts as one token; common English words are one token, longer ones are split.
const lettersPerToken = 6;
// Digits are split in threes by the tokenizers of today's models.
const digitsPerToken = 3;
// What a chat format adds around each message, and to prime the answer.
const tokensPerMessage = 4;
const tokensToPrime = 3;
// A prompt's repeated beginning is cached in blocks of this many tokens.
const cacheBlock = 128;

/** Splits text into the pieces that count one token each; joined they give the text again. */
export function pieces(text) {
  const found = [];
  for (const [word] of text.matchAll(/ ?[\p{L}\p{M}]+| ?\p{N}+|\s+|./gsu)) {
    const step = /\p{N}/u.test(word) ? digitsPerToken : lettersPerToken;
    const points = [...word];
    const lead = points[0] === ' ' && points.length > 1 ? 1 : 0;
    const short = !/[\p{L}\p{N}]/u.test(word) || points.length - lead <= step;
    if (short) {
      found.push(word);
      continue;
    }
    for (let at = 0; at < points.length;) {
      const length = at === 0 ? step + lead : step;
      found.push(points.slice(at, at + length).join(''));
      at += length;
    }
  }
  return found;
}

export function countTokens(text) {
  return text ? pieces(text).length : 0;
}

function messageTokens(message) {
  let sum = tokensPerMessage + countTokens(message.text);
  for (const call of message.calls) sum += 3 + countTokens(call.name) + countTokens(call.arguments);
  return sum;
}

/**
 * What a turn costs: `{input, output, cached, reasoning}`. `cached` is part of `input`, `reasoning` part of `output`.
 * The beginning of a prompt counts as cached up to the last answer in it, because that much was sent once before.
 */
export function meter(turn, answer) {
  let input = tokensToPrime;
  for (const tool of turn.tools) input += 8 + countTokens(JSON.stringify(tool));
  let repeated = 0;
  for (const message of turn.messages) {
    if (message.role === 'assistant') repeated = input;
    input += messageTokens(message);
  }
  let output = countTokens(answer.text) + answer.reasoning;
  for (const call of answer.calls) output += 3 + countTokens(call.name) + countTokens(call.arguments);
  const cached = Math.floor(repeated / cacheBlock) * cacheBlock;
  return { input, output: output + 1, cached, reasoning: answer.reasoning };
}
