// Starts the system's Chromium for a test or a measurement, with a profile of its own that is thrown away afterwards.

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";

// Why not a plain import: the packages lie in ui/node_modules, which is not above this folder.
const fromUi = createRequire(new URL("../../ui/package.json", import.meta.url));
const { chromium } = fromUi("playwright-core") as typeof import("playwright-core");

const EXECUTABLE = process.env.SEXTANT_CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Look {
  width?: number;
  height?: number;
  theme?: "light" | "dark";
  touch?: boolean;
}

/** Runs `work` with a new browser; it is closed and its profile removed whatever happens. */
export async function withBrowser<T>(
  look: Look,
  work: (page: Page, context: BrowserContext) => Promise<T>,
): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), "sextant-page-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    args: FLAGS,
    colorScheme: look.theme ?? "light",
    hasTouch: look.touch ?? false,
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
  });
  try {
    return await work(context.pages()[0] ?? (await context.newPage()), context);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** The text of a file inside ui/node_modules. */
export const uiPackageFile = (path: string): string => fromUi.resolve(path);
