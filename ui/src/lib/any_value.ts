// Attribute values of every type, as text a person reads and as JSON that can be pasted elsewhere.

import type { AnyValue, KeyValue } from "../api/types.ts";

export type ValueKind = "string" | "int" | "double" | "bool" | "bytes" | "array" | "map" | "empty";

/** An AnyValue with no member set is an empty value, which OTLP allows. */
export function kindOfValue(v: AnyValue): ValueKind {
  if (v.stringValue !== undefined) return "string";
  if (v.intValue !== undefined) return "int";
  if (v.doubleValue !== undefined) return "double";
  if (v.boolValue !== undefined) return "bool";
  if (v.bytesValue !== undefined) return "bytes";
  if (v.arrayValue !== undefined) return "array";
  if (v.kvlistValue !== undefined) return "map";
  return "empty";
}

/** Plain JSON: what a person would have written. 64-bit integers that JSON numbers cannot hold stay text. */
export function plainValue(v: AnyValue): unknown {
  switch (kindOfValue(v)) {
    case "string":
      return v.stringValue;
    case "int": {
      const n = Number(v.intValue);
      return Number.isSafeInteger(n) ? n : String(v.intValue);
    }
    case "double":
      return v.doubleValue;
    case "bool":
      return v.boolValue;
    case "bytes":
      return v.bytesValue;
    case "array":
      return (v.arrayValue?.values ?? []).map(plainValue);
    case "map":
      return plainMap(v.kvlistValue?.values ?? []);
    case "empty":
      return null;
  }
}

/** Requires nothing of the keys: "__proto__" and repeated keys come from outside like any other. */
export function plainMap(list: KeyValue[]): Record<string, unknown> {
  const out: Record<string, unknown> = Object.create(null);
  for (const { key, value } of list) out[key] = plainValue(value);
  return out;
}

/** One value as text: strings as they are, everything else as JSON. */
export function valueText(v: AnyValue): string {
  const kind = kindOfValue(v);
  if (kind === "string") return v.stringValue ?? "";
  if (kind === "int") return String(v.intValue);
  if (kind === "bytes") return v.bytesValue ?? "";
  if (kind === "empty") return "";
  const plain = plainValue(v);
  return kind === "array" || kind === "map" ? JSON.stringify(plain, null, 2) : String(plain);
}

/** Values that a filter can compare; lists, maps and bytes are not among them. */
export function isComparable(v: AnyValue): boolean {
  return ["string", "int", "double", "bool"].includes(kindOfValue(v));
}

export interface Token {
  text: string;
  kind: "" | "string" | "name" | "number" | "keyword";
}

const JSON_TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** Colours for JSON text; text that is not JSON simply stays uncoloured where nothing matches. */
export function jsonTokens(text: string): Token[] {
  const out: Token[] = [];
  let at = 0;
  for (const found of text.matchAll(JSON_TOKEN)) {
    if (found.index > at) out.push({ text: text.slice(at, found.index), kind: "" });
    if (found[1] !== undefined) {
      out.push({ text: found[1], kind: found[2] !== undefined ? "name" : "string" });
      if (found[2] !== undefined) out.push({ text: found[2], kind: "" });
    } else {
      out.push({ text: found[0], kind: found[3] !== undefined ? "number" : "keyword" });
    }
    at = found.index + found[0].length;
  }
  if (at < text.length) out.push({ text: text.slice(at), kind: "" });
  return out;
}

/** Longer texts are shown as they came: reading and laying out tens of megabytes would stop the page. */
export const PARSE_CHARACTERS_MAX = 1_000_000;

/** JSON laid out over lines, or null when the text is not JSON. */
export function prettyJson(text: string): string | null {
  const first = text.trimStart()[0];
  if ((first !== "{" && first !== "[") || text.length > PARSE_CHARACTERS_MAX) return null;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}
