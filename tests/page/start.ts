// First start: addresses, commands, the list that ticks itself, the test trace.

import assert from "node:assert/strict";
import { says, until } from "./support.ts";
import { test } from "./harness.ts";

test(
  "start: an empty store shows how to send, with the server's addresses",
  async ({ page, base }) => {
    await page.goto(base);
    await says(page.locator("h1"), "Send the first trace");
    await says(page.locator(".addresses"), "http://127.0.0.1:4318");
    await says(page.locator(".addresses"), base);
    await says(page.locator(".snippet"), "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318");
    assert.equal(await page.locator(".checks .done").count(), 2);
  },
  { need: "empty" },
);

test(
  "start: languages by key and arrow, code is copied whole",
  async ({ page, base }) => {
    await page.goto(base);
    await page.getByRole("tab", { name: "Python" }).waitFor();
    await page.keyboard.press("4");
    assert.equal(await page.getByRole("tab", { name: "curl" }).getAttribute("aria-selected"), "true");
    await page.keyboard.press("y");
    await says(page.locator(".toast"), "curl commands copied");
    assert.match(
      await page.evaluate(() => navigator.clipboard.readText()),
      /^# one span by hand\ncurl -i http:\/\/127\.0\.0\.1:4318\/v1\/traces/,
    );
    await page.getByRole("tab", { name: "curl" }).focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.getByRole("tab", { name: "Collector" }).getAttribute("aria-selected"), "true");
  },
  { need: "empty" },
);

test(
  "start: a test trace ticks the list and appears; Enter opens it",
  async ({ page, base }) => {
    await page.goto(base);
    await page.getByRole("button", { name: "Send a test trace", exact: true }).click();
    await until(
      "all ticked",
      () => page.locator(".checks .done").count(),
      (n) => n === 6,
    );
    await says(page.locator(".arrived"), "What is the weather in Lisbon?");
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press("Enter");
    await page.locator(".step-row").first().waitFor();
    assert.match(page.url(), /\/run\/[0-9a-f]{32}$/);
  },
  { need: "empty" },
);

test(
  "start: refused requests are shown with their reason",
  async ({ page, base, mock }) => {
    const status = mock.status.bind(mock);
    mock.status = () => ({
      ...status(),
      recent_refusals: [{ time_unix_nano: "1795271467042000000", protocol: "http", message: "the body is not OTLP" }],
    });
    await page.goto(base);
    await says(page.getByRole("region", { name: "If nothing arrives" }), "http: the body is not OTLP");
  },
  { need: "empty" },
);
