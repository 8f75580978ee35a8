// The address holds the view: reload restores it, bad parameters are named.

import assert from "node:assert/strict";
import { SHOWCASE } from "../../ui/mock/data.ts";
import { openRun, openRuns, says, searchOf, until } from "./support.ts";
import { test } from "./harness.ts";

test("url: reload restores the list", async ({ page, base }) => {
  await openRuns(page, base, "?from=now-6h&agent=planner&state=ok&duration_min=1s&cols=duration,started&live=0");
  const rows = await page.locator(".totals strong").innerText();
  await page.reload();
  await page.locator(".run-row:not(.ghost)").first().waitFor();
  assert.equal(await page.locator(".totals strong").innerText(), rows);
  assert.equal(await page.getByRole("checkbox", { name: /planner/ }).isChecked(), true);
  assert.equal(await page.getByRole("switch").getAttribute("aria-checked"), "false");
  assert.equal(await page.locator('[role="columnheader"]').count(), 5);
  assert.equal(await page.locator(".chip").count(), 3);
});

test("url: reload restores a run with step, zoom and search", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  await page.locator(".step-row", { hasText: "timeout" }).click();
  const step = new URLSearchParams(searchOf(page)).get("step");
  await openRun(page, base, SHOWCASE, `?step=${step}&zoom=12000000000-20000000000&q=claude`);
  await page.reload();
  await says(page.locator(".step-panel h2"), "query_database");
  assert.equal(await page.getByRole("searchbox", { name: "Search in this run" }).inputValue(), "claude");
  assert.equal(await page.getByRole("button", { name: "Reset zoom" }).isDisabled(), false);
  await until(
    "the step is in sight",
    () => page.locator(".step-row.selected").count(),
    (n) => n === 1,
  );
});

test("url: what cannot be used is named", async ({ page, base }) => {
  await openRuns(page, base, "?from=yesterday&colour=red&agent=planner");
  const said = page.getByRole("alert");
  await says(said, "from “yesterday” is neither now-1h nor Unix nanoseconds");
  await says(said, "“colour” is not a parameter");
  assert.equal(await page.getByRole("checkbox", { name: /planner/ }).isChecked(), true);
  await openRun(page, base, SHOWCASE, "?step=0123456789abcdef&zoom=x");
  await says(page.getByRole("alert").first(), "zoom “x”");
  await says(page.getByRole("alert").nth(1), "step 0123456789abcdef is not in this run");
});

test("url: opening pushes, refining replaces", async ({ page, base }) => {
  await openRuns(page, base);
  await page.getByRole("checkbox", { name: /planner/ }).check();
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "?agent=planner",
  );
  await page.locator(".run-row a").first().click();
  await page.locator(".step-row").nth(1).click();
  await page.locator(".step-row").nth(2).click();
  await page.goBack();
  await until(
    "list as it was",
    async () => new URL(page.url()).pathname + searchOf(page),
    (s) => s === "/runs?agent=planner",
  );
});

test("url: unknown paths say so", async ({ page, base }) => {
  await page.goto(`${base}/nowhere`);
  await says(page.locator(".panel"), "Nothing stands at “/nowhere”");
});
