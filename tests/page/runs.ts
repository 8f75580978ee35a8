// The runs list: rows, facets, charts, filters, states.

import assert from "node:assert/strict";
import { openRuns, says, searchOf, until } from "./support.ts";
import { test } from "./harness.ts";

test(
  "runs: rows, totals, facets and charts stand",
  async ({ page, base }) => {
    await openRuns(page, base, "?from=now-24h");
    await says(page.locator(".totals"), /\d runs?/);
    assert.ok((await page.locator(".run-row:not(.ghost)").count()) > 0);
    assert.equal(await page.locator(".chart canvas").count(), 3);
    assert.ok((await page.locator(".facet").count()) >= 2);
  },
  { need: "any" },
);

test("runs: running, error and silent rows say why", async ({ page, base }) => {
  await openRuns(page, base);
  await says(page.locator(".run-row:not(.ghost)").first(), /step \d+ · fetch_page/);
  await openRuns(page, base, "?state=error");
  await says(page.locator(".run-row:not(.ghost)").first(), "the run failed in");
  await openRuns(page, base, "?state=running");
  await says(page.locator(".run-row:not(.ghost)", { hasText: "silent for" }), /> \d+/);
});

test("runs: a facet narrows the list, keeps its other values and can be cleared", async ({ page, base }) => {
  await openRuns(page, base);
  const agents = page.locator('.facet[aria-label="Agent"]');
  const before = await agents.locator(".facet-row").count();
  await agents.getByRole("checkbox", { name: /planner/ }).check();
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "?agent=planner",
  );
  await until(
    "rows of one agent",
    () =>
      page.locator(".run-row:not(.ghost)").evaluateAll((rows) => [...new Set(rows.map((r) => r.children[1].textContent))].join()),
    (v) => v === "planner",
  );
  assert.equal(await agents.locator(".facet-row").count(), before);
  await page
    .getByRole("button", { name: "Clear Agent" })
    .or(agents.getByRole("button", { name: "1 set" }))
    .click();
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "",
  );
});

test("runs: filters made by hand become chips, parameters and fewer rows", async ({ page, base }) => {
  await openRuns(page, base);
  const field = page.getByRole("combobox", { name: "Add a filter" });
  await field.fill("duration > 60s");
  await field.press("Enter");
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "?duration_min=60s",
  );
  await says(page.locator(".chip"), "duration ≥ 60s");
  await field.fill("http.request.method = POST");
  await field.press("Enter");
  await until(
    "address",
    async () => searchOf(page),
    (s) => s.includes("attr=http.request.method%3DPOST"),
  );
  await page.getByRole("button", { name: "Remove filter duration ≥ 60s" }).click();
  await says(page.locator(".run-row:not(.ghost)").first(), "Analyze Q3 sales");
  await field.press("Backspace");
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "",
  );
});

test("runs: completion offers fields, attribute names and their values", async ({ page, base }) => {
  await openRuns(page, base);
  const field = page.getByRole("combobox", { name: "Add a filter" });
  await field.fill("request.model");
  const options = page.getByRole("option");
  await options.filter({ hasText: "gen_ai.request.model" }).waitFor();
  await field.press("Tab");
  assert.equal(await field.inputValue(), "gen_ai.request.model = ");
  await options.filter({ hasText: "claude-sonnet-4" }).waitFor();
  await field.press("ArrowDown");
  await field.press("Enter");
  assert.match(await field.inputValue(), /^gen_ai\.request\.model = \S+/);
});

test("runs: a wrong filter is refused at its column and Tab takes the cure", async ({ page, base }) => {
  await openRuns(page, base);
  const field = page.getByRole("combobox", { name: "Add a filter" });
  await field.fill("state = eror");
  await field.press("Enter");
  await says(page.getByRole("alert"), "column 9: expected running, ok, error");
  await field.press("Tab");
  assert.equal(await field.inputValue(), "state = error");
  await field.press("Enter");
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "?state=error",
  );
});

test("runs: nothing found says what was asked and offers the nearest value", async ({ page, base }) => {
  await openRuns(page, base, "?agent=analizer");
  await says(page.locator(".panel"), "No run in the last hour has agent = analizer");
  await page.getByRole("button", { name: /^analyzer, / }).click();
  await page.locator(".run-row:not(.ghost)").first().waitFor();
  assert.equal(searchOf(page), "?agent=analyzer");
});

test(
  "runs: a failed question names its reason, and trying again works",
  async ({ page, base, mock }) => {
    mock.refuseApi = true;
    await page.goto(`${base}/runs?from=now-6h`);
    await says(page.locator(".panel.failed"), "The server is stopping.");
    mock.refuseApi = false;
    await page.getByRole("button", { name: /Try again/ }).click();
    await page.locator(".run-row:not(.ghost)").first().waitFor();
  },
  { allowFaults: true },
);

test("runs: further pages come while scrolling, without a row twice", async ({ page, base }) => {
  await openRuns(page, base);
  await until(
    "loaded rows",
    async () => {
      await page.locator(".runs-scroll").evaluate((e) => e.scrollTo(0, e.scrollHeight));
      return page.locator(".keybar .right").innerText();
    },
    (s) => /Loaded (4\d\d|[5-9]\d\d|1,\d+) of/.test(s),
  );
  const ids = await page.locator(".run-row a").evaluateAll((links) => links.map((a) => a.getAttribute("href")));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length < 80, `only rows in sight are in the document, found ${ids.length}`);
});

test("runs: a brush on the heat map becomes filters", async ({ page, base }) => {
  await openRuns(page, base);
  const plot = page.locator('.chart[aria-label="Duration"] .plot');
  const box = await plot.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width * 0.4, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 45, { steps: 4 });
  await page.mouse.up();
  await says(page.locator(".brushed"), /\d\d:\d\d–\d\d:\d\d, .+: \d+/);
  await page.keyboard.press("Enter");
  await until(
    "address",
    async () => searchOf(page),
    (s) => /from=\d+&to=\d+/.test(s) && /duration_m(in|ax)=/.test(s),
  );
  await page.locator(".run-row:not(.ghost)").first().waitFor();
});

test("runs: charts can be read as tables", async ({ page, base }) => {
  await openRuns(page, base);
  await page.getByRole("button", { name: /Runs per minute: as table/ }).click();
  assert.equal(await page.locator(".chart").first().locator("tbody tr").count(), 60);
});

test("runs: columns can be chosen and are part of the address", async ({ page, base }) => {
  await openRuns(page, base);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Service" }).check();
  await page.locator('[role="columnheader"]', { hasText: "Service" }).waitFor();
  assert.match(searchOf(page), /cols=.*service/);
});

test(
  "runs: narrow windows show cards, targets of 44 pixels",
  async ({ page, base }) => {
    await openRuns(page, base);
    assert.ok((await page.locator(".run-card").count()) > 3);
    const small = await page.locator("button:visible, .bottombar a:visible, .run-card:visible").evaluateAll((all) =>
      all
        .map((e) => ({
          name: e.getAttribute("aria-label") ?? e.textContent,
          height: e.getBoundingClientRect().height,
        }))
        .filter((t) => t.height > 0 && t.height < 36),
    );
    assert.deepEqual(small, []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await page.locator(".run-card").nth(3).click();
    await page.locator(".step-row").first().waitFor();
  },
  { width: 390 },
);

test("runs: a peek shows the outline, follows the keys and opens", async ({ page, base }) => {
  await openRuns(page, base, "?tool=send_report&agent=data_analyst");
  await page.keyboard.press("j");
  await page.keyboard.press("Space");
  const peek = page.getByRole("complementary", { name: "Peek" });
  await says(peek, "Analyze Q3 sales by region");
  await says(peek.locator(".outline"), "query_database");
  assert.match(searchOf(page), /peek=[0-9a-f]{32}/);
  await page.keyboard.press("Escape");
  assert.equal(await peek.count(), 0);
  await page.keyboard.press("Space");
  await peek.getByRole("button", { name: /^Open/ }).click();
  await page.locator(".step-row").first().waitFor();
});

test("runs: time range by its menu", async ({ page, base }) => {
  await openRuns(page, base);
  await page.keyboard.press("Shift+T");
  await page.getByRole("button", { name: "Last 6 hours" }).click();
  await until(
    "address",
    async () => searchOf(page),
    (s) => s === "?from=now-6h",
  );
  await says(page.locator(".timerange > button"), "Last 6 hours");
});
