// The keyboard does everything; keys rest while somebody types.

import assert from "node:assert/strict";
import { SHOWCASE } from "../../ui/mock/data.ts";
import { activeLabel, openRun, openRuns, says, searchOf, until } from "./support.ts";
import { test } from "./harness.ts";

test("keys: move, open, go back to the same place", async ({ page, base }) => {
  await openRuns(page, base);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("k");
  await until(
    "active row",
    () => page.locator(".run-row.active").getAttribute("aria-rowindex"),
    (v) => v === "3",
  );
  assert.equal(await page.locator('.run-row[tabindex="0"]').count(), 1);
  await page.keyboard.press("Enter");
  await page.locator(".step-row").first().waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".run-row:not(.ghost)").first().waitFor();
  assert.equal(new URL(page.url()).pathname, "/runs");
});

test("keys: query, facets, live, go to runs, copy link", async ({ page, base }) => {
  await openRuns(page, base);
  await page.keyboard.press("/");
  assert.equal(await activeLabel(page), "Add a filter");
  await page.keyboard.type("jjj?");
  assert.equal(await page.getByRole("combobox", { name: "Add a filter" }).inputValue(), "jjj?");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("f");
  await until(
    "focus in the facets",
    () => page.evaluate(() => document.activeElement?.closest(".facets") !== null),
    Boolean,
  );
  await page.keyboard.press(".");
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "?live=0",
  );
  await page.keyboard.press("y");
  await says(page.locator(".toast"), "Link copied");
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/runs\?from=\d+&to=\d+/);
  await openRun(page, base, SHOWCASE);
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.locator(".run-row:not(.ghost)").first().waitFor();
});

test("keys: help lists what acts here, and Esc closes it", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "All keys" });
  for (const words of ["next error", "critical path", "zoom to step", "go to anything", "copy link"])
    await says(help, words);
  await page.keyboard.press("e");
  assert.equal(await page.locator(".step-row:focus").count(), 0);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  assert.equal(new URL(page.url()).pathname, `/run/${SHOWCASE}`);
});

test("keys: go to an agent and to a trace id", async ({ page, base }) => {
  await openRuns(page, base);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("planner");
  await page.getByRole("option", { name: /planner\s*agent/ }).waitFor();
  await page.keyboard.press("Enter");
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "?from=now-24h&agent=planner",
  );
  await page.keyboard.press("Control+k");
  await page.keyboard.type(SHOWCASE);
  await page.keyboard.press("Enter");
  await says(page.locator("h1"), "Analyze Q3 sales");
});

test("keys: tree is walked, folded and unfolded", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  const shown = () => page.locator(".keybar .right").innerText();
  await page.locator(".step-row").first().focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("j");
  await until(
    "on planner",
    () => activeLabel(page),
    (s) => s.startsWith("agent planner"),
  );
  await page.keyboard.press("h");
  await until("folded", shown, (s) => s.includes("27 shown"));
  assert.equal(await page.locator(".step-row", { hasText: "planner" }).nth(1).getAttribute("aria-expanded"), "false");
  await page.keyboard.press("l");
  await until("unfolded", shown, (s) => s.includes("28 shown"));
  await page.keyboard.press("l");
  await until(
    "on the child",
    () => activeLabel(page),
    (s) => s.startsWith("model call chat gpt-4o"),
  );
  await page.keyboard.press("ArrowLeft");
  await until(
    "on the parent",
    () => activeLabel(page),
    (s) => s.startsWith("agent planner"),
  );
});

test("keys: errors, model calls, panel follows, Esc closes it", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  await page.keyboard.press("e");
  await until(
    "on the error",
    () => activeLabel(page),
    (s) => s.startsWith("tool query_database, timeout"),
  );
  await page.keyboard.press("Enter");
  await says(page.locator(".step-panel h2"), "query_database");
  await page.keyboard.press("]");
  await says(page.locator(".step-panel h2"), "chat claude-sonnet-4");
  await page.keyboard.press("[");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".step-panel").count(), 0);
  await page.keyboard.press("p");
  assert.equal(await page.getByRole("button", { name: "Critical path" }).first().getAttribute("aria-pressed"), "false");
  await page.keyboard.press("Control+f");
  assert.equal(await activeLabel(page), "Search in this run");
});
