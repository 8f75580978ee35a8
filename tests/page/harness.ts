// A small runner for browser tests: one browser for all, a new page for each test, and rules that hold for every page:
// no fault in the page, nothing the policy had to refuse, no request to anywhere but the server.

import type { BrowserContext, Page } from "playwright-core";
import { Mock } from "../../ui/mock/server.ts";
import { withBrowser } from "./browser.ts";
import { HANG_MS } from "./support.ts";

export interface Scene {
  page: Page;
  base: string; // address of the server under test
  mock: Mock; // only in tests that need the mock server
  faults: string[];
}

type Need = "any" | "mock" | "empty";
interface Test {
  name: string;
  need: Need; // which server: any (a real one too), the mock with runs, the mock with nothing stored
  work: (scene: Scene) => Promise<void>;
  width?: number;
  allowFaults?: boolean; // the test causes failed requests on purpose
  allowRefused?: boolean; // the server may answer 400 to what the test asks
}

const tests: Test[] = [];
const NARROW_HEIGHT = 844;

export function test(name: string, work: Test["work"], options: Partial<Omit<Test, "name" | "work">> = {}): void {
  tests.push({ name, work, need: "mock", ...options });
}

function watch(page: Page, base: string): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`fault in the page: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith("data:") && !url.startsWith("blob:")) faults.push(`request to ${url}`);
  });
  return faults;
}

async function runOne(t: Test, context: BrowserContext, outside: string | null): Promise<string | null> {
  const mock = new Mock({ empty: t.need === "empty" });
  const base = outside && t.need === "any" ? outside : await mock.listen();
  const page = await context.newPage();
  page.setDefaultTimeout(HANG_MS);
  await page.setViewportSize({ width: t.width ?? 1440, height: t.width ? NARROW_HEIGHT : 900 });
  const faults = watch(page, base);
  try {
    await t.work({ page, base, mock, faults });
    const left = t.allowRefused ? faults.filter((f) => !f.includes("responded with a status of 400")) : faults;
    return left.length && !t.allowFaults ? left.slice(0, 5).join("\n    ") : null;
  } catch (error) {
    return [error instanceof Error ? error.message : String(error), ...faults.slice(0, 5)].join("\n    ");
  } finally {
    await page.close();
    if (mock.url) await mock.close();
  }
}

/** Runs what was declared; `outside` is the address of a real server. Returns the number of failures. */
export async function runAll(outside: string | null, only: string | null): Promise<number> {
  const chosen = tests.filter((t) => (!outside || t.need === "any") && (!only || t.name.includes(only)));
  let failed = 0;
  await withBrowser({}, async (_page, context) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    for (const t of chosen) {
      const problem = await runOne(t, context, outside);
      if (problem) failed++;
      console.log(problem ? `FAIL ${t.name}\n    ${problem}` : `ok   ${t.name}`);
    }
  });
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  return chosen.length === 0 ? 1 : failed;
}
