// What the step panel makes of messages and results.

import { expect, test } from "vitest";
import type { Message } from "../../api/types.ts";
import { earlierCount, firstLine } from "./conversation.tsx";
import { tableOf } from "./structured.tsx";

const text = (role: string, words: string): Message => ({
  role,
  parts: [{ type: "text", text: words, id: null, name: null, arguments: null }],
});

test("what the model itself said last ends the history", () => {
  expect(earlierCount([text("system", "a"), text("user", "b")])).toBe(0);
  expect(earlierCount([text("system", "a"), text("user", "b"), text("assistant", "c"), text("tool", "d")])).toBe(3);
  expect(earlierCount([])).toBe(0);
});

test("one line of a message", () => {
  const call: Message = {
    role: "assistant",
    parts: [
      ...text("assistant", "I will\n look.").parts,
      { type: "tool_call", text: null, id: "1", name: "search", arguments: "{}" },
    ],
  };
  expect(firstLine(call)).toBe("I will look. → search");
});

test("only lists of flat objects are tables", () => {
  expect(tableOf('[{"a":1,"b":"x"},{"a":2,"c":null}]')).toEqual({
    columns: ["a", "b", "c"],
    rows: [
      [1, "x", null],
      [2, null, null],
    ],
    total: 2,
  });
  for (const other of ["[]", "{}", "[1]", '[{"a":{}}]', "nope", '[{"a":1},2]']) expect(tableOf(other)).toBeNull();
  expect(tableOf('[{"__proto__":1,"toString":2}]')?.rows).toEqual([[1, 2]]);
});
