// What the filter box offers while somebody types: first names of fields and attributes, then, after the "=", values with
// how often they occur. Everything offered was seen in stored data.

import { useEffect, useState } from "react";
import { getJson, isAbort } from "../api/client.ts";
import type {
  AnyValue,
  AttributeList,
  AttributeScope,
  AttributeValues,
  OperationList,
  Overview,
} from "../api/types.ts";
import { count } from "../lib/format.ts";
import { FIELD_HELP } from "../lib/typed_filter.ts";
import { FACET_KEYS, type FacetKey } from "../lib/url.ts";

export interface Suggestion {
  text: string;
  typed: string; // the part to mark
  type: string;
  count: string | null;
  insert: string; // what the field holds after it is taken
}

const SHOWN = 8;
const FETCHED_VALUES = 50;
const PAUSE_MS = 120; // typing that goes on asks nothing

interface Key {
  scope: AttributeScope;
  key: string;
  type: string;
}

/** Fields of the page first, then attributes; a match nearer to the beginning stands higher. */
function keySuggestions(typed: string, keys: Key[]): Suggestion[] {
  const word = typed.trim().toLowerCase();
  const fields = FIELD_HELP.filter((f) => f.name.includes(word)).map((f) => ({
    text: f.name,
    typed: word,
    type: f.type,
    count: null,
    insert: f.name === "duration" ? "duration > " : `${f.name} = `,
  }));
  if (word === "") return fields;
  const seen = new Set<string>();
  const attributes = keys
    .filter((k) => k.key.toLowerCase().includes(word) && !seen.has(k.key) && seen.add(k.key))
    .sort((a, b) => a.key.toLowerCase().indexOf(word) - b.key.toLowerCase().indexOf(word) || (a.key < b.key ? -1 : 1))
    .map((k) => ({ text: k.key, typed: word, type: k.type, count: null, insert: `${k.key} = ` }));
  return [...fields, ...attributes].slice(0, SHOWN);
}

function plain(value: AnyValue): string | null {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.intValue !== undefined) return String(value.intValue);
  if (value.boolValue !== undefined) return String(value.boolValue);
  if (value.doubleValue !== undefined) return String(value.doubleValue);
  return null; // arrays and maps are not compared by typing
}

type Counted = { value: string; count: number | null };

/** Facets are on the page already; everything else is asked for. */
async function fetchValues(
  key: string,
  keys: Key[],
  overview: Overview | null,
  signal: AbortSignal,
): Promise<Counted[]> {
  if ((FACET_KEYS as readonly string[]).includes(key)) return overview?.facets[key as FacetKey] ?? [];
  if (key === "kind")
    return ["internal", "server", "client", "producer", "consumer"].map((value) => ({ value, count: null }));
  if (key === "duration") return ["250ms", "1s", "10s", "1m"].map((value) => ({ value, count: null }));
  if (key === "name") {
    const { operations } = await getJson<OperationList>("/api/operations", signal);
    return [...new Set(operations.map((o) => o.name))].map((value) => ({ value, count: null }));
  }
  const known = keys.find((k) => k.key === key);
  if (!known) return [];
  const ask = new URLSearchParams({ scope: known.scope, key, limit: String(FETCHED_VALUES) });
  const answer = await getJson<AttributeValues>(`/api/attributes/values?${ask}`, signal);
  return answer.values.flatMap((v) => {
    const value = plain(v.value);
    return value === null ? [] : [{ value, count: v.count }];
  });
}

/** Splits "key = val" at its operator. */
function split(typed: string): { key: string; operator: string; value: string } | null {
  const found = /^\s*([^=<>\s]+)\s*(>=|<=|=|>|<)\s*(.*)$/s.exec(typed);
  return found ? { key: found[1], operator: found[2], value: found[3] } : null;
}

function useKeysOfData(active: boolean): Key[] {
  const [keys, setKeys] = useState<Key[]>([]);
  useEffect(() => {
    if (!active) return;
    getJson<AttributeList>("/api/attributes").then(
      (list) => setKeys(list.attributes.map((a) => ({ scope: a.scope, key: a.key, type: a.types.join(", ") }))),
      () => setKeys([]), // Why silent: completion is a help; the filter works without it
    );
  }, [active]);
  return keys;
}

export function useSuggestions(typed: string, active: boolean, overview: Overview | null) {
  const keys = useKeysOfData(active);
  const [values, setValues] = useState<{ key: string; list: Counted[] }>({ key: "", list: [] });
  const parts = split(typed);
  const key = parts?.key ?? "";
  useEffect(() => {
    if (!active || key === "") return undefined;
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      fetchValues(key, keys, overview, abort.signal).then(
        (list) => setValues({ key, list }),
        (error) => !isAbort(error) && setValues({ key, list: [] }),
      );
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [active, key, keys, overview]);
  if (!parts) {
    const list = keySuggestions(typed, keys);
    return {
      list,
      help:
        FIELD_HELP.find((f) => f.name === typed.trim())?.help ??
        "Filters hold together; values of one name: any of them",
    };
  }
  const word = parts.value.trim().replace(/^["']/, "").toLowerCase();
  const found = (values.key === key ? values.list : [])
    .filter((v) => v.value !== "" && v.value.toLowerCase().includes(word) && v.value !== parts.value.trim())
    .slice(0, SHOWN)
    .map((v): Suggestion => ({
      text: v.value,
      typed: word,
      type: "",
      count: v.count === null ? null : count(v.count),
      insert: `${key} ${parts.operator} ${v.value}`,
    }));
  return { list: found, help: `values of ${key}` };
}
