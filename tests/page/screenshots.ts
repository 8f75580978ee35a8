// Pictures of each view, to be looked at beside the mock-ups: node tests/page/screenshots.ts FOLDER [--url URL --run TRACE].
// Without an address the mock server's invented runs are shown.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ODD, RUNNING, SHOWCASE } from "../../ui/mock/data.ts";
import { Mock } from "../../ui/mock/server.ts";
import { withBrowser, type Look } from "./browser.ts";

const [folder = "screenshots", ...rest] = process.argv.slice(2);
const option = (name: string) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : null);

interface Shot {
  name: string;
  path: string;
  before?: (page: Page) => Promise<void>;
}

async function take(base: string, look: Look, suffix: string, shots: Shot[]): Promise<void> {
  await withBrowser(look, async (page) => {
    for (const shot of shots) {
      await page.goto(base + shot.path);
      await page.waitForLoadState("networkidle").catch(() => undefined);
      await page.locator("main, .run-head h1").first().waitFor();
      if (shot.before) await shot.before(page);
      const file = join(folder, `${shot.name}-${suffix}.png`);
      await page.screenshot({ path: file });
      console.log(file);
    }
  });
}

/** The step that the mock-up shows: the model call after the failed query. */
const pickStep = async (page: Page) => {
  const rows = page.locator(".step-row", { hasText: "claude-sonnet-4" });
  if ((await rows.count()) > 1) await rows.nth(1).click();
  else await page.locator(".step-row").nth((await page.locator(".step-row").count()) > 1 ? 1 : 0).click();
  await page.locator(".panel-scroll").waitFor();
};

const typeFilter = async (page: Page) => {
  await page.keyboard.press("/");
  await page.keyboard.type("gen_ai.us");
  await page.getByRole("option").first().waitFor();
};

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const outside = option("--url");
  const mock = outside ? null : new Mock();
  const base = outside ?? (await mock!.listen());
  const run = option("--run") ?? SHOWCASE;
  const views: Shot[] = [
    { name: "runs", path: "/runs" },
    { name: "run", path: `/run/${run}` },
    { name: "run-step", path: `/run/${run}`, before: pickStep },
  ];
  const extra: Shot[] = mock
    ? [
        { name: "running", path: `/run/${RUNNING}` },
        { name: "odd", path: `/run/${ODD}` },
        { name: "nothing", path: "/runs?agent=analizer" },
        { name: "peek", path: `/runs?peek=${SHOWCASE}&state=ok&tool=run_python` },
        { name: "help", path: `/run/${SHOWCASE}`, before: (page) => page.keyboard.press("?") },
        { name: "filter", path: "/runs?environment=prod", before: typeFilter },
        { name: "problems", path: "/runs?from=yesterday&colour=red" },
      ]
    : [];
  await take(base, { theme: "light" }, "light", [...views, ...extra]);
  await take(base, { theme: "dark" }, "dark", views);
  await take(base, { width: 390, height: 844, touch: true }, "mobile", views);
  await mock?.close();
  if (!mock) return;
  const empty = new Mock({ empty: true });
  const start: Shot[] = [{ name: "empty", path: "/" }];
  const emptyUrl = await empty.listen();
  await take(emptyUrl, { theme: "light" }, "light", start);
  await take(emptyUrl, { theme: "dark" }, "dark", start);
  await take(emptyUrl, { width: 390, height: 844, touch: true }, "mobile", start);
  await empty.close();
}

await main();
