// What a person types into the filter box, read as one filter. Plain filters only: the query language has its own
// reader. An error says the column, what was expected and, where one is near, the word that was meant.

import { isDuration, isTraceId, type Filters, type ListKey } from "./url.ts";

/** Where a typed filter is wrong, and how it would be right. */
export interface FilterError {
  column: number; // from 1
  message: string;
  fix: string | null; // the whole text, corrected
}

export type TypedFilter =
  { ok: true; apply: (f: Filters) => Filters; label: string } | { ok: false; error: FilterError };

/** Names a filter may start with; anything else is taken as an attribute's key. */
export const FIELD_HELP: { name: string; type: string; help: string }[] = [
  { name: "name", type: "text", help: "a step of the run has this span name" },
  { name: "duration", type: "time", help: "of the run: duration > 30s, duration < 250ms" },
  { name: "service", type: "text", help: "service.name of a step" },
  { name: "agent", type: "text", help: "an agent that took part" },
  { name: "model", type: "text", help: "a model that was called" },
  { name: "tool", type: "text", help: "a tool that was called" },
  { name: "environment", type: "text", help: "deployment.environment.name" },
  { name: "state", type: "running, ok, error", help: "how the run stands" },
  { name: "kind", type: "span kind", help: "internal, server, client, producer, consumer" },
];

const VALUES: Record<string, string[]> = {
  state: ["running", "ok", "error"],
  kind: ["internal", "server", "client", "producer", "consumer", "unspecified"],
};

const fail = (column: number, message: string, fix: string | null = null): TypedFilter => ({
  ok: false,
  error: { column, message, fix },
});

function unquote(value: string): string {
  const quoted = /^"(.*)"$/s.exec(value) ?? /^'(.*)'$/s.exec(value);
  return quoted ? quoted[1] : value;
}

/** Reads one filter. The answer applies itself to the filters in force. */
export function parseTypedFilter(text: string): TypedFilter {
  const lead = text.length - text.trimStart().length;
  const body = text.trim();
  if (body === "") return fail(1, "expected a filter such as service = checkout");
  if (isTraceId(body.toLowerCase())) {
    const id = body.toLowerCase();
    return { ok: true, label: `trace ${id}`, apply: (f) => ({ ...f, trace_id: id }) };
  }
  const found = /^([^=<>\s]+)\s*(>=|<=|=|>|<)\s*(.*)$/s.exec(body);
  if (!found) {
    const name = /^[^\s=<>]*/.exec(body)?.[0] ?? "";
    return fail(lead + name.length + 1, "expected = and a value, as in service = checkout");
  }
  const [, key, operator, rawValue] = found;
  const valueColumn = lead + body.length - rawValue.length + 1;
  const value = unquote(rawValue);
  if (value === "") return fail(valueColumn, `expected a value of ${key}`);
  if (key === "duration") return durationFilter(text, operator, value, valueColumn);
  if (operator !== "=") {
    const fix = text.replace(operator, "=");
    return fail(lead + body.indexOf(operator) + 1, `expected =; only duration can be compared by ${operator}`, fix);
  }
  return equalityFilter(text, key, value, valueColumn);
}

function durationFilter(text: string, operator: string, value: string, column: number): TypedFilter {
  if (!isDuration(value)) {
    const fix = /^\d+(\.\d+)?$/.test(value) ? text.trimEnd() + "s" : null;
    return fail(column, "expected a number with ns, us, ms, s, m or h", fix);
  }
  if (operator === "=") {
    return fail(column, "expected duration > or duration <", text.replace("=", ">"));
  }
  if (operator.startsWith(">")) {
    return { ok: true, label: `duration ≥ ${value}`, apply: (f) => ({ ...f, duration_min: value }) };
  }
  return { ok: true, label: `duration ≤ ${value}`, apply: (f) => ({ ...f, duration_max: value }) };
}

function equalityFilter(text: string, key: string, value: string, column: number): TypedFilter {
  const allowed = VALUES[key];
  if (allowed && !allowed.includes(value)) {
    const near = nearest(value, allowed);
    return fail(column, `expected ${allowed.join(", ")}`, near ? text.replace(value, near) : null);
  }
  const add =
    (list: ListKey, item: string) =>
    (f: Filters): Filters =>
      f[list].includes(item) ? f : { ...f, [list]: [...f[list], item] };
  const field = FIELD_HELP.find((h) => h.name === key);
  if (field) return { ok: true, label: `${key} = ${value}`, apply: add(key as ListKey, value) };
  return { ok: true, label: `${key} = ${value}`, apply: add("attr", `${key}=${value}`) };
}

/** The candidate that is nearest to a misspelt word, if any is near at all. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (d < bestDistance) {
      bestDistance = d;
      best = candidate;
    }
  }
  return best;
}

/** Edit distance, given up once it reaches `bound`. */
function distance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, previous[j] + 1, row[j - 1] + 1));
    }
    previous = row;
  }
  return previous[b.length];
}
