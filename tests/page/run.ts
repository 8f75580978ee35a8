// One run: tree, bars, panel, search, errors, zoom, large runs.

import assert from "node:assert/strict";
import { LARGE, ODD, SHOWCASE } from "../../ui/mock/data.ts";
import { openRun, says, searchOf, someTrace, until } from "./support.ts";
import { test } from "./harness.ts";

test(
  "run: opens, with header, tree and bars",
  async ({ page, base }) => {
    await openRun(page, base, await someTrace(base));
    assert.ok((await page.locator("h1").innerText()).length > 0);
    await says(page.locator(".keybar .right"), /\d+ steps, \d+ shown/);
    const painted = await page.locator("canvas.bars").evaluate((c) => {
      const canvas = c as HTMLCanvasElement;
      return canvas
        .getContext("2d")
        ?.getImageData(0, 0, canvas.width, canvas.height)
        .data.some((v) => v !== 0);
    });
    assert.equal(painted, true);
    await page.locator(".step-row").first().click();
    await page.getByRole("tab", { name: /Attributes/ }).click();
    await says(page.locator(".attributes"), "Span record");
  },
  { need: "any" },
);

test("run: rows say what the canvas shows", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  const label = await page.locator(".step-row", { hasText: "timeout" }).getAttribute("aria-label");
  assert.equal(
    label?.replaceAll("\u00a0", " "),
    "tool query_database, timeout, starts at 12.8 s, 3.20 s, error ERROR: canceling statement due to statement timeout (3 s), on critical path",
  );
  assert.equal(await page.getByRole("treegrid").getAttribute("aria-rowcount"), "29");
  await says(page.locator(".run-numbers"), /28\s+steps\s+10 model calls, 8 tools, 4 agents/);
  await says(page.locator(".run-title"), "1 error, recovered");
});

test("run: the panel of a model call shows history, answer, tool call and its result", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  await page.locator(".step-row", { hasText: "claude-sonnet-4" }).nth(1).click();
  const panel = page.locator(".step-panel");
  await says(panel.locator(".stats"), /First token\s+610 ms\s+143 tok\/s/);
  await says(panel.locator(".stats"), /Input\s+6,412\s+4,096 cached/);
  await says(panel.locator(".earlier"), "4 earlier messages");
  await panel.locator(".earlier-head").click();
  await says(panel.locator(".earlier"), "→ query_database");
  await says(panel.locator(".toolresult.error"), "canceling statement");
  await says(panel.locator(".toolcall"), /10.4 s\s*ok\s*step 23/i);
  await says(panel.locator(".result-table"), "EMEA");
  await panel.getByRole("button", { name: /Reasoning/ }).click();
  await says(panel.locator(".reasoning-text"), "date predicate");
  await panel.getByRole("button", { name: "step 23" }).click();
  await says(panel.locator("h2"), "query_database");
  await says(panel.locator(".call"), "Result, 4 rows");
});

test("run: attributes can be filtered, copied and become a query", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  await page.locator(".step-row", { hasText: "claude-sonnet-4" }).first().click();
  await page.getByRole("tab", { name: /Attributes/ }).click();
  await page.getByRole("searchbox", { name: "Filter attributes" }).fill("request.model");
  assert.equal(await page.locator(".pair").count(), 1);
  await page.locator(".pair").hover();
  await page.getByRole("button", { name: "Copy value of gen_ai.request.model" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "claude-sonnet-4");
  await page.getByRole("link", { name: "Runs with this gen_ai.request.model" }).click();
  await page.locator(".run-row:not(.ghost)").first().waitFor();
  assert.match(searchOf(page), /attr=gen_ai\.request\.model%3Dclaude-sonnet-4/);
});

test("run: events, raw and copy as JSON", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  await page.locator(".step-row", { hasText: "timeout" }).click();
  await page.getByRole("tab", { name: /Events/ }).click();
  await says(page.locator(".event"), "exception.stacktrace");
  await page.getByRole("tab", { name: "Raw" }).click();
  const raw = JSON.parse(await page.locator(".raw").innerText()) as { name: string };
  assert.equal(raw.name, "execute_tool query_database");
  await page.getByRole("button", { name: "Copy as JSON" }).click();
  assert.deepEqual(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), raw);
});

test("run: search counts, walks and dims", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  const field = page.getByRole("searchbox", { name: "Search in this run" });
  await field.fill("search_web");
  await says(page.locator(".run-search"), "3");
  assert.equal(await page.locator(".step-row.hit").count(), 3);
  await field.press("Enter");
  await says(page.locator(".run-search"), "1 of 3");
  assert.match(searchOf(page), /q=search_web/);
  await field.press("Escape");
  assert.equal(await page.locator(".step-row.dimmed").count(), 0);
});

test("run: damaged structure is shown and named", async ({ page, base }) => {
  await openRun(page, base, ODD);
  const rows = page.locator(".steps-body");
  await says(rows, "copies differ");
  assert.match(
    (await page.locator(".step-row", { hasText: "run_python" }).getAttribute("aria-label")) ?? "",
    /no end received/,
  );
  await page.keyboard.press("End");
  await says(rows, /parent 41c0…9e not received|ring a/);
  assert.equal(await page.getByRole("treegrid").getAttribute("aria-rowcount"), "48");
});

test("run: texts of megabytes are cut in rows, folded in the panel and saved as files", async ({ page, base }) => {
  await openRun(page, base, ODD);
  await page.locator(".step-row", { hasText: "nnnnnnnn" }).click();
  await page.getByRole("tab", { name: /Attributes/ }).click();
  await says(page.locator(".pair", { hasText: "huge.json" }), "Save all, 3.0 MB");
  await says(page.locator(".status-message"), "Show all, 1.0 MB");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page
      .locator(".pair", { hasText: "huge.json" })
      .getByRole("button", { name: /Save all/ })
      .click(),
  ]);
  assert.equal(file.suggestedFilename(), "text.txt");
  await page.getByRole("tab", { name: "Raw" }).click();
  await says(page.locator(".panel-scroll"), "Save it as a file");
  const length = await page.evaluate(() => document.documentElement.outerHTML.length);
  assert.ok(length < 200_000, `${length} characters in the document`);
});

test("run: zoom by dragging, by key, and back", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  const box = await page.locator("canvas.bars").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + 200, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + 400, box.y + 80, { steps: 5 });
  await page.mouse.up();
  await until(
    "zoom in the address",
    async () => searchOf(page),
    (s) => /^\?zoom=\d+-\d+$/.test(s),
  );
  await page.getByRole("button", { name: "Reset zoom" }).click();
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "",
  );
  await page.locator(".step-row").nth(2).focus();
  await page.keyboard.press("z");
  await until(
    "zoom in the address",
    async () => searchOf(page),
    (s) => s.startsWith("?zoom="),
  );
  await page.keyboard.press("z");
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "",
  );
});

test("run: a row that the keyboard is on does not cover its bar", async ({ page, base }) => {
  await openRun(page, base, SHOWCASE);
  await page.locator(".step-row").first().focus();
  await page.keyboard.press("j");
  const layers = await page.locator(".step-row:focus-visible").evaluate((row) => {
    const layer = (element: Element | null) => Number.parseInt(getComputedStyle(element as Element).zIndex) || 0;
    return { row: layer(row), bars: layer(document.querySelector(".bars")) };
  });
  assert.ok(layers.row < layers.bars, JSON.stringify(layers));
});

test("run: 30,000 spans open, only rows in sight are in the document, the end is a key away", async ({
  page,
  base,
}) => {
  await openRun(page, base, LARGE);
  await says(page.locator(".keybar .right"), "30.0k steps");
  assert.ok((await page.locator(".step-row").count()) < 80);
  await page.keyboard.press("End");
  await until(
    "last row",
    () => page.locator(".step-row").last().getAttribute("aria-rowindex"),
    (v) => v === "30001",
  );
  await page.keyboard.press("e");
  await says(page.locator(".run-tabs"), /\d+ of \d+/);
});

test(
  "run: an unknown run says so and offers a way",
  async ({ page, base }) => {
    await page.goto(`${base}/run/${"f".repeat(32)}`);
    await says(page.locator(".panel.failed"), "Could not load this run");
    await page.goto(`${base}/run/12`);
    await says(page.locator(".panel.failed"), "not 32 hex digits");
  },
  { allowFaults: true },
);

test(
  "run: narrow windows give the panel the whole page",
  async ({ page, base }) => {
    await openRun(page, base, SHOWCASE);
    await page.locator(".step-row").nth(1).click();
    const box = await page.locator(".step-panel").boundingBox();
    assert.equal(box?.width, 390);
    await page.getByRole("button", { name: "Close" }).click();
    assert.equal(await page.locator(".step-panel").count(), 0);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  },
  { width: 390 },
);
