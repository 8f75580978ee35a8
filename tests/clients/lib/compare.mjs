// Compares what was sent with what was found and says where they differ.

// A difference in one field often repeats in every span; the first few tell all.
const differencesMax = 8;

/** Differences between two JSON values as lines `path: sent …, found …`; empty when equal. */
export function differences(sent, found, path = '', lines = []) {
  if (lines.length >= differencesMax || Object.is(sent, found)) return lines;
  const both = [sent, found];
  const nested =
    both.every((each) => each !== null && typeof each === 'object') && Array.isArray(sent) === Array.isArray(found);
  if (!nested) {
    lines.push(`${path}: sent ${brief(sent)}, found ${brief(found)}`);
    return lines;
  }
  if (Array.isArray(sent) && sent.length !== found.length)
    lines.push(`${path}: sent ${sent.length} elements, found ${found.length}`);
  for (const key of new Set(both.flatMap(Object.keys))) differences(sent[key], found[key], `${path}/${key}`, lines);
  return lines.slice(0, differencesMax);
}

function brief(value) {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Differences between two lists of flat spans, matched by trace and span id. */
export function spanDifferences(sent, found) {
  const keyOf = (span) => `${span.trace_id}:${span.span_id}`;
  const left = new Map(found.map((span) => [keyOf(span), span]));
  const lines = left.size === found.length ? [] : [`${found.length - left.size} spans were found more than once`];
  for (const span of sent) {
    const match = left.get(keyOf(span));
    left.delete(keyOf(span));
    if (match) differences(span, match, `${span.name} (${span.span_id})`, lines);
    else lines.push(`${span.name} (${keyOf(span)}): sent, not found`);
    if (lines.length >= differencesMax) return lines;
  }
  for (const span of left.values()) lines.push(`${span.name} (${keyOf(span)}): found, never sent`);
  return lines.slice(0, differencesMax);
}
