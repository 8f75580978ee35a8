// Failures on purpose: what a client must survive. A fault comes from a rule of the script, from the request's header
// `x-fake-fault` (JSON), or by chance (`--fault-rate`).

import { pick, randomFrom } from './random.mjs';
import { BadRequest } from './turn.mjs';

// Statuses that a real provider answers now and then, and that clients retry.
const passing = [429, 500, 503];
const streamFaults = ['cut', 'garbage', 'endless', 'hang', 'broken_arguments'];

const errorTypes = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'invalid_request_error',
  429: 'rate_limit_error',
};

/**
 * The fault of this request, or null: `{status, retry_after, message}` or `{kind}` with a kind of the list above. `times` limits
 * it to the first so many equal requests, so that a retry gets through; `seen` is how many came before this one.
 */
export function faultOf({ header, rule, rate, seed, key, seen }) {
  const chance = randomFrom(seed, key, 'fault');
  const fault =
    (header && parseFault(header)) ??
    rule?.fault ??
    (chance() < rate ? { status: pick(chance, passing), times: 1 } : null);
  if (!fault || seen >= (fault.times ?? Infinity)) return null;
  return fault;
}

function parseFault(header) {
  let fault;
  try {
    fault = JSON.parse(header);
  } catch {
    throw new BadRequest('The header x-fake-fault must be JSON.');
  }
  if (!Number.isInteger(fault?.status) && !streamFaults.includes(fault?.kind)) {
    throw new BadRequest(`The header x-fake-fault needs a status, or a kind of: ${streamFaults.join(', ')}.`);
  }
  return fault;
}

/** The body of an error answer in the API's form. */
export function errorBody(status, message, parameter = null) {
  const type = errorTypes[status] ?? 'server_error';
  return { error: { message, type, param: parameter, code: status === 429 ? 'rate_limit_exceeded' : null } };
}

export function faultMessage({ status, message }) {
  if (message !== undefined) return message;
  if (status === 429) return 'Rate limit reached for requests. Please try again later.';
  if (status === 401) return 'Incorrect API key provided.';
  return 'The server had an error while processing your request. Sorry about that!';
}
