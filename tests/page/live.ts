// What arrives while the page is open.

import assert from "node:assert/strict";
import { RUNNING } from "../../ui/mock/data.ts";
import { openRun, openRuns, says, until } from "./support.ts";
import { test } from "./harness.ts";

test("live: at the top a new run comes in by itself", async ({ page, base, mock }) => {
  await openRuns(page, base);
  mock.arrive();
  await says(page.locator(".run-row:not(.ghost)").first(), "What is the weather in Lisbon?");
});

test("live: further down new runs wait and are counted", async ({ page, base, mock }) => {
  await openRuns(page, base);
  await page.locator(".runs-scroll").evaluate((e) => e.scrollTo(0, 600));
  const before = await page.locator(".runs-scroll").evaluate((e) => e.scrollTop);
  mock.arrive();
  mock.arrive();
  await says(page.locator(".new-runs"), "2 new runs");
  await says(page.locator(".keybar"), "2 new runs above");
  assert.equal(await page.locator(".runs-scroll").evaluate((e) => e.scrollTop), before);
  await page.keyboard.press(".");
  await says(page.locator(".run-row:not(.ghost)").first(), "What is the weather in Lisbon?");
  assert.equal(await page.locator(".new-runs").count(), 0);
});

test("live: off means off", async ({ page, base, mock }) => {
  await openRuns(page, base, "?live=0");
  const first = await page.locator(".run-row a").first().getAttribute("href");
  const polled = page.waitForResponse((r) => r.url().endsWith("/api/status"));
  mock.arrive();
  await polled;
  await page.waitForResponse((r) => r.url().endsWith("/api/status"));
  assert.equal(await page.locator(".run-row a").first().getAttribute("href"), first);
  assert.equal(await page.locator(".new-runs").count(), 0);
});

test("live: a running run grows while it is watched", async ({ page, base, mock }) => {
  await openRun(page, base, RUNNING);
  await says(page.locator(".run-title"), "Running");
  const shown = () => page.locator(".keybar .right").innerText();
  const before = await shown();
  mock.runs = mock.runs.map((run) =>
    run.summary.trace_id !== RUNNING
      ? run
      : {
          ...run,
          steps: [
            ...run.steps,
            { ...run.steps[0], span_id: "00000000000000aa", title: "late step", start_offset_ns: 9e9 },
          ],
        },
  );
  mock.version++;
  await until("one more step", shown, (s) => s !== before);
  await says(page.locator(".steps-body"), "late step");
});

test(
  "live: a lost connection is said, data stays, and it heals",
  async ({ page, base, mock }) => {
    await openRuns(page, base);
    mock.refuseApi = true;
    await says(page.locator(".lost"), "Connection to the server lost");
    assert.ok((await page.locator(".run-row:not(.ghost)").count()) > 5);
    mock.refuseApi = false;
    await page.getByRole("button", { name: "Try now" }).click();
    await until(
      "strip gone",
      () => page.locator(".lost").count(),
      (n) => n === 0,
    );
  },
  { allowFaults: true },
);
