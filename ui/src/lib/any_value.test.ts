// Attribute values of every type as text and JSON; hostile keys.

import { expect, test } from "vitest";
import { isComparable, jsonTokens, kindOfValue, plainMap, plainValue, prettyJson, valueText } from "./any_value.ts";

test("every type", () => {
  expect(kindOfValue({})).toBe("empty");
  expect(valueText({ stringValue: "" })).toBe("");
  expect(valueText({ intValue: "9007199254740993" })).toBe("9007199254740993");
  expect(plainValue({ intValue: "9007199254740993" })).toBe("9007199254740993");
  expect(plainValue({ intValue: "12" })).toBe(12);
  expect(valueText({ doubleValue: "NaN" })).toBe("NaN");
  expect(valueText({ boolValue: false })).toBe("false");
  expect(valueText({ bytesValue: "AAE=" })).toBe("AAE=");
  expect(plainValue({ arrayValue: { values: [{ stringValue: "a" }, {}] } })).toEqual(["a", null]);
  expect(isComparable({ arrayValue: { values: [] } })).toBe(false);
});

test("hostile keys are keys like any other", () => {
  const map = plainMap([
    { key: "__proto__", value: { stringValue: "x" } },
    { key: "constructor", value: { intValue: "1" } },
  ]);
  expect(Object.keys(map)).toEqual(["__proto__", "constructor"]);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test("colouring loses no character", () => {
  for (const text of ['{"a": [1, -2.5e3, true, null, "b\\"c"]}', "not json at all", '"', "<img src=x>", ""]) {
    expect(
      jsonTokens(text)
        .map((t) => t.text)
        .join(""),
    ).toBe(text);
  }
  expect(
    jsonTokens('{"a": 1}')
      .map((t) => t.kind)
      .filter(Boolean),
  ).toEqual(["name", "number"]);
});

test("only objects and lists are laid out", () => {
  expect(prettyJson('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(prettyJson("12")).toBeNull();
  expect(prettyJson("{broken")).toBeNull();
});
