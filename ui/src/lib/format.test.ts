// Numbers and times as people read them, with their edges.

import { describe, expect, test } from "vitest";
import {
  ago,
  agoShort,
  axisBound,
  axisCount,
  axisTime,
  bytes,
  count,
  duration,
  exactTime,
  nanoToMs,
  percent,
  plural,
  shortDate,
  shortId,
} from "./format.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("duration", () => {
  test.each([
    [0, "0 s"],
    [12, "12 ns"],
    [850e3, "850 µs"],
    [1.5e3, "1.50 µs"],
    [190e6, "190 ms"],
    [1.84e6, "1.84 ms"],
    [2.84e9, "2.84 s"],
    [48.6e9, "48.6 s"],
    [65e9, "1 m 05 s"],
    [8040e9, "2 h 14 m"],
    [90_000e9, "1 d 1 h"],
    [-2.84e9, "−2.84 s"],
  ])("%d ns", (ns, said) => expect(plain(duration(ns))).toBe(said));

  test("does not say a thousand of a smaller unit", () => {
    expect(plain(duration(999.7e3))).toBe("1.00 ms");
    expect(plain(duration(999.7e6))).toBe("1.00 s");
    expect(plain(duration(59.97e9))).toBe("1 m 00 s");
    expect(plain(duration(3599.7e9))).toBe("1 h 00 m");
    expect(plain(duration(86_399e9))).toBe("1 d 0 h");
  });

  test("unknown is a dash, never 0", () => {
    for (const unknown of [null, undefined, NaN, Infinity]) expect(duration(unknown)).toBe("–");
  });
});

describe("count", () => {
  test.each([
    [0, "0"],
    [7, "7"],
    [942, "942"],
    [6412, "6,412"],
    [9999, "9,999"],
    [12_400, "12.4k"],
    [118_412, "118k"],
    [999_600, "1.00M"],
    [1_280_000, "1.28M"],
    [3_050_000_000, "3.05B"],
    [-12, "−12"],
  ])("%d", (n, said) => expect(count(n)).toBe(said));
  test("unknown", () => expect(count(null)).toBe("–"));
});

test("percent has one decimal under ten", () => {
  expect([0.004, 0.087, 0.28, 0, -0.128, 0.0996].map((p) => plain(percent(p)))).toEqual([
    "0.4 %",
    "8.7 %",
    "28 %",
    "0 %",
    "−13 %",
    "10 %",
  ]);
});

test("bytes", () => {
  expect([96, 14_000, 2_100_000, 48_200_000_000, 1_300_000_000_000].map((n) => plain(bytes(n)))).toEqual([
    "96 B",
    "14 KB",
    "2.1 MB",
    "48.2 GB",
    "1.30 TB",
  ]);
  expect(bytes(null)).toBe("–");
});

test("plural", () => expect([1, 2, 0].map((n) => plain(plural(n, "run")))).toEqual(["1 run", "2 runs", "0 runs"]));

test("axis labels are short", () => {
  expect([0, 1e9, 2.5e6, 90e9].map((n) => plain(axisTime(n)))).toEqual(["0", "1 s", "2.5 ms", "1 m 30 s"]);
  expect([0, 5, 20_000, 1_500_000].map(axisCount)).toEqual(["0", "5", "20k", "1.5M"]);
  expect([0.3e9, 30e9, 300e9, 7200e9, 50e6].map((n) => plain(axisBound(n)))).toEqual([
    "0.3 s",
    "30 s",
    "5 m",
    "2 h",
    "50 ms",
  ]);
});

describe("times", () => {
  const now = new Date(2026, 10, 21, 14, 32, 9).getTime();
  test("relative up to a day, then the date", () => {
    const said = [0.5, 14, 11 * 60, 3 * 3600].map((s) => plain(ago(now - s * 1000, now)));
    expect(said).toEqual(["now", "14 s ago", "11 min ago", "3 h ago"]);
    expect(ago(now - 26 * 3600e3, now)).toBe("yesterday");
    expect(shortDate(new Date(2026, 9, 12).getTime(), now)).toBe("12 Oct");
    expect(shortDate(new Date(2025, 9, 12).getTime(), now)).toBe("12 Oct 2025");
    expect(plain(agoShort(now - 60_000, now))).toBe("1 min");
  });
  test("nanoseconds keep their milliseconds", () =>
    expect(nanoToMs("1795271467042500000")).toBeCloseTo(1795271467042.5, 1));
  test("hover is exact and names UTC", () => {
    const said = exactTime(now, now + 662_000);
    expect(said).toContain("21 Nov 2026, 14:32:09.000");
    expect(said).toContain("11 min 2 s ago");
    expect(said).toContain("UTC ");
  });
});

test("ids are cut in the middle", () => expect(shortId("8f3c2a910d5be7714c02aa19e4b6d07e")).toBe("8f3c2a91…d07e"));
