// What several browser tests do.

import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";

/** How long a page may take to show what it should before it counts as hanging: far above what a busy machine needs. */
export const HANG_MS = 60_000;

/** Waits until `read` gives a value that `good` accepts; the last value is in the error. */
export async function until<T>(what: string, read: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  const end = Date.now() + HANG_MS;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (Date.now() > end) assert.fail(`${what}: still ${JSON.stringify(value)}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

export async function openRuns(page: Page, base: string, search = ""): Promise<void> {
  await page.goto(`${base}/runs${search}`);
  await page.locator(".run-row:not(.ghost), .run-card, .panel-place .panel").first().waitFor();
  await page.locator(".totals strong").waitFor();
}

export async function openRun(page: Page, base: string, trace: string, search = ""): Promise<void> {
  await page.goto(`${base}/run/${trace}${search}`);
  await page.locator(".step-row").first().waitFor();
}

/** The trace id of some run of the server under test. */
export async function someTrace(base: string): Promise<string> {
  const answer = await fetch(`${base}/api/traces?from=now-24h&limit=1`);
  const { traces } = (await answer.json()) as { traces: { trace_id: string }[] };
  assert.ok(traces.length > 0, "the server under test has no runs of the last 24 hours");
  return traces[0].trace_id;
}

export async function says(locator: Locator, words: string | RegExp): Promise<void> {
  const matches = (text: string) => (typeof words === "string" ? text.includes(words) : words.test(text));
  await until(
    `text like ${words}`,
    async () => ((await locator.count()) ? (await locator.first().innerText()).replaceAll("\u00a0", " ") : "(absent)"),
    matches,
  );
}

export const searchOf = (page: Page): string => new URL(page.url()).search;

export const activeLabel = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "");
