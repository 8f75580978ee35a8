// Answers in the form of POST /v1/embeddings. Texts that share words get vectors that point the same way, so that a
// small retrieval over them finds what a reader would expect.

import { randomFrom } from './random.mjs';
import { countTokens } from './tokens.mjs';
import { BadRequest } from './turn.mjs';

const dimensionsUsual = 256;
const dimensionsMax = 3072;
const inputsMax = 2048;

/** `{model, input tokens, vectors, base64}` for a request's body. */
export function embed(seed, body) {
  if (typeof body?.model !== 'string' || body.model === '')
    throw new BadRequest('you must provide a model parameter', 'model');
  const inputs = typeof body.input === 'string' ? [body.input] : body.input;
  const wellFormed = Array.isArray(inputs) && inputs.length > 0 && inputs.every((text) => typeof text === 'string');
  if (!wellFormed || inputs.length > inputsMax) {
    throw new BadRequest(`'input' must be text or a list of 1 to ${inputsMax} texts.`, 'input');
  }
  const dimensions = body.dimensions ?? dimensionsUsual;
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > dimensionsMax) {
    throw new BadRequest(`'dimensions' must be an integer from 1 to ${dimensionsMax}.`, 'dimensions');
  }
  return {
    input: inputs.reduce((sum, text) => sum + Math.max(1, countTokens(text)), 0),
    vectors: inputs.map((text) => vectorOf(seed, text, dimensions)),
    base64: body.encoding_format === 'base64',
  };
}

export function embeddingsAnswer(model, made) {
  const data = made.vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: made.base64 ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector,
  }));
  return { object: 'list', data, model, usage: { prompt_tokens: made.input, total_tokens: made.input } };
}

/** The normalised sum of one fixed random direction for each word. */
function vectorOf(seed, text, dimensions) {
  const sum = new Array(dimensions).fill(0);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [''];
  for (const word of new Set(words)) {
    const random = randomFrom(seed, 'word', word);
    for (let at = 0; at < dimensions; at += 1) sum[at] += random() - 0.5;
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((each) => Number((each / length).toFixed(6)));
}
