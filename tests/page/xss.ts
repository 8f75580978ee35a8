// Hostile text in every field stays text: no dialog, no script, no request elsewhere, and it can be read on the page. The
// rules of the harness (faults, dialogs, requests) hold here as everywhere.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { HOSTILE } from "../../ui/mock/data.ts";
import { XSS, xssRun } from "../../ui/mock/xss.ts";
import { openRun, openRuns, until } from "./support.ts";
import { test } from "./harness.ts";
import { give } from "./real_server.ts";

/** Stores the hostile run where the server under test is a real one. */
const giveHostile = (base: string) => give(base, xssRun(HOSTILE, BigInt(Date.now() - 600_000) * 1_000_000n));

/** Nothing ran, and nothing stands in the document that only markup could have made. */
async function clean(page: Page, where: string): Promise<void> {
  const found = await page.evaluate(() => ({
    ran: (window as unknown as { __xss?: number }).__xss ?? null,
    elements: [
      ...document.querySelectorAll(
        "script:not([src^='/assets/']), iframe, object, embed, img, video, audio, form:not(.fixed-times), base, meta[http-equiv], style, marquee, details, template, math, svg script, [onerror], [onload], [onclick]",
      ),
    ].map((e) => e.outerHTML.slice(0, 120)),
    links: [...document.querySelectorAll("a[href]")]
      .map((a) => a.getAttribute("href") ?? "")
      .filter((h) => !/^(\/|#)/.test(h)),
  }));
  assert.deepEqual(found, { ran: null, elements: [], links: [] }, where);
}

/** Whether rows stand at both ends of what a scrolled element shows: after a scroll, those of the place before may still stand. */
function rowsFill(scroller: Element): boolean {
  const shown = scroller.getBoundingClientRect();
  const rows = [...scroller.querySelectorAll(".step-row")].map((row) => row.getBoundingClientRect());
  const has = (y: number) => rows.some((row) => row.top <= y && y < row.bottom);
  const end = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
  return has(shown.top + 1) && (end ? rows.length > 0 : has(shown.bottom - 1));
}

const visible = (text: string) => text.replace(/\s+/g, " ").trim();

test(
  "xss: the corpus is large",
  async () => {
    assert.ok(XSS.length >= 100, `${XSS.length} strings`);
    assert.equal(new Set(XSS).size, XSS.length);
  },
  { need: "empty" },
);

test(
  "xss: list, facets, filters, go to",
  async ({ page, base }) => {
    await giveHostile(base);
    await openRuns(page, base, `?from=now-24h&trace_id=${HOSTILE}`);
    await page.locator(".run-row:not(.ghost)").hover();
    for (const more of await page.locator(".facet .more button").all()) await more.click();
    await clean(page, "list");
    const texts = visible(await page.locator(".facets").innerText());
    assert.ok(texts.includes("<script>window.__xss=1</script>"));
    await page.keyboard.press("Control+k");
    await page.keyboard.type("<");
    await page.getByRole("option").first().waitFor();
    await clean(page, "go to");
    await page.keyboard.press("Escape");
    for (const text of XSS.slice(0, 40)) {
      const search = new URLSearchParams({ from: "now-24h", agent: text, attr: `${text.replaceAll("=", "")}=${text}` });
      await page.goto(`${base}/runs?${search}`);
      await page.locator(".panel-place .panel, .run-row:not(.ghost)").first().waitFor();
      await clean(page, `filters ${text}`);
    }
  },
  { need: "any", allowRefused: true },
);

test(
  "xss: completion shows hostile keys as text",
  async ({ page, base }) => {
    await giveHostile(base);
    await openRuns(page, base, "?from=now-24h");
    const field = page.getByRole("combobox", { name: "Add a filter" });
    for (const typed of ["<img", "<svg", "script", "javascript:", "name = <"]) {
      await field.fill(typed);
      await page.locator(".complete").waitFor();
      await clean(page, `completion ${typed}`);
    }
  },
  { need: "any" },
);

test(
  "xss: tree, search and every row",
  async ({ page, base }) => {
    await giveHostile(base);
    await openRun(page, base, HOSTILE);
    const seen = new Set<string>();
    const scroller = page.locator(".steps-scroll");
    const height = await scroller.evaluate((e) => e.scrollHeight);
    for (let y = 0; y < height + 500; y += 500) {
      await scroller.evaluate((e, top) => e.scrollTo(0, top), y);
      await until("rows at the place", () => scroller.evaluate(rowsFill), Boolean);
      for (const title of await page.locator(".step-title").allTextContents()) seen.add(title);
      await clean(page, `tree at ${y}`);
    }
    // A real server says "chat" before the model's name.
    const lost = XSS.filter((text) => !seen.has(text) && !seen.has(`chat ${text}`));
    assert.deepEqual(lost, []);
  },
  { need: "any" },
);

test(
  "xss: panel of every step, all its tabs",
  async ({ page, base }) => {
    await giveHostile(base);
    const steps = (await (await fetch(`${base}/api/traces/${HOSTILE}/steps`)).json()) as {
      steps: { span_id: string; title: string }[];
    };
    await openRun(page, base, HOSTILE);
    let checked = 0;
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    for (const step of steps.steps.slice(1)) {
      await page.keyboard.press("j");
      await until(
        "step shown",
        () => page.locator(".step-panel h2").getAttribute("title"),
        (t) => t === step.title,
      );
      await until(
        "span loaded",
        () => page.locator(".panel-scroll").count(),
        (n) => n === 1,
      );
      for (const tab of ["Attributes", "Events", "Links", "Raw", "first"]) {
        await (
          tab === "first"
            ? page.locator(".panel-tabs [role=tab]").first()
            : page.locator(".panel-tabs [role=tab]", { hasText: tab })
        ).click();
        if (tab === "Attributes") {
          await until(
            "attributes of this step",
            () => page.locator(".pair dd").allTextContents(),
            (all) => all.some((t) => t.startsWith(step.title.replace(/^chat /, "").slice(0, 40))),
          );
        }
        await clean(page, `${tab} of ${step.title}`);
      }
      await page.locator(".step-row.selected").focus();
      checked++;
    }
    assert.equal(checked, XSS.length);
  },
  { need: "any" },
);
