// Pseudo-random numbers from text: the same seed and the same request always give the same answer, whatever ran before.

import { createHash } from 'node:crypto';

/** Hexadecimal SHA-256 of the parts; each part is set apart so that ("ab","c") and ("a","bc") differ. */
export function digest(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${String(part).length}:${part};`);
  return hash.digest('hex');
}

/** A generator of numbers in [0, 1) that depends on nothing but `parts`. */
export function randomFrom(...parts) {
  const key = digest(...parts);
  let block = '';
  let used = 0;
  let number = 0;
  return () => {
    if (used + 8 > block.length) {
      block = digest(key, number++);
      used = 0;
    }
    const value = parseInt(block.slice(used, used + 8), 16) / 0x1_0000_0000;
    used += 8;
    return value;
  };
}

/** One element of a non-empty list. */
export function pick(random, list) {
  return list[Math.floor(random() * list.length)];
}

/** An integer in [low, high]. */
export function between(random, low, high) {
  return low + Math.floor(random() * (high - low + 1));
}
