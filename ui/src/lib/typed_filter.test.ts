// What a person types into the filter box, taken or refused at its place.

import { describe, expect, test } from "vitest";
import { nearest, parseTypedFilter } from "./typed_filter.ts";
import { emptyFilters, type Filters } from "./url.ts";

function applied(text: string): Filters {
  const parsed = parseTypedFilter(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.apply(emptyFilters());
}

function refused(text: string) {
  const parsed = parseTypedFilter(text);
  if (parsed.ok) throw new Error(`${text} was taken`);
  return parsed.error;
}

describe("taken", () => {
  test("fields and attributes", () => {
    expect(applied("service = checkout").service).toEqual(["checkout"]);
    expect(applied("name=GET /cart").name).toEqual(["GET /cart"]);
    expect(applied('http.route = "/a = b"').attr).toEqual(["http.route=/a = b"]);
    expect(applied("duration > 2s").duration_min).toBe("2s");
    expect(applied("duration<=250ms").duration_max).toBe("250ms");
    expect(applied(" 8F3C2A910D5BE7714C02AA19E4B6D07E ").trace_id).toBe("8f3c2a910d5be7714c02aa19e4b6d07e");
  });
  test("a value twice is one filter", () => {
    const parsed = parseTypedFilter("agent = a");
    expect(parsed.ok && parsed.apply({ ...emptyFilters(), agent: ["a"] }).agent).toEqual(["a"]);
  });
});

describe("refused with place and cure", () => {
  test.each([
    ["", 1, "expected a filter"],
    ["checkout", 9, "expected ="],
    ["service = ", 10, "expected a value"],
    ["service > a", 9, "expected ="],
    ["duration = 2s", 12, "duration >"],
    ["duration > 2", 12, "expected a number with"],
    ["state = eror", 9, "expected running"],
  ])("%s", (text, column, said) => {
    const error = refused(text);
    expect(error.column).toBe(column);
    expect(error.message).toContain(said);
  });
  test("fixes can be taken as they are", () => {
    for (const text of ["duration > 2", "duration = 2s", "state = eror", "service > a"]) {
      const fix = refused(text).fix;
      expect(fix).not.toBeNull();
      expect(parseTypedFilter(fix as string).ok).toBe(true);
    }
  });
});

test("nearest", () => {
  expect(nearest("analizer", ["planner", "analyzer", "researcher"])).toBe("analyzer");
  expect(nearest("query_databse", ["query_database", "search_web"])).toBe("query_database");
  expect(nearest("zzz", ["analyzer"])).toBeNull();
});
