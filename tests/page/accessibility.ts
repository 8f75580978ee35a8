// axe-core over each view, light and dark, wide and narrow: no serious or critical finding.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { SHOWCASE } from "../../ui/mock/data.ts";
import { uiPackageFile } from "./browser.ts";
import { openRun, openRuns } from "./support.ts";
import { test, type Scene } from "./harness.ts";

const AXE = readFileSync(uiPackageFile("axe-core/axe.min.js"), "utf8");

interface Finding {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary?: string }[];
}

async function examine(page: Page): Promise<void> {
  // Through the debugger: the page's own policy would refuse a script from elsewhere.
  await page.evaluate(AXE);
  const findings = await page.evaluate(async () => {
    const axe = (window as unknown as { axe: { run: () => Promise<{ violations: Finding[] }> } }).axe;
    return (await axe.run()).violations;
  });
  const serious = findings.filter((f) => f.impact === "serious" || f.impact === "critical");
  const said = serious.map(
    (f) =>
      `${f.id}: ${f.nodes
        .slice(0, 3)
        .map((n) => `${n.html.slice(0, 160)} ${n.failureSummary ?? ""}`)
        .join(" | ")}`,
  );
  assert.deepEqual(said, []);
}

const VIEWS: { name: string; need: "mock" | "empty"; width?: number; show: (scene: Scene) => Promise<void> }[] = [
  { name: "runs", need: "mock", show: ({ page, base }) => openRuns(page, base) },
  {
    name: "runs, a row active and a table open",
    need: "mock",
    show: async ({ page, base }) => {
      await openRuns(page, base, "?agent=planner");
      await page.keyboard.press("j");
      await page.getByRole("button", { name: "Duration: as table" }).click();
    },
  },
  {
    name: "runs, nothing found",
    need: "mock",
    show: ({ page, base }) => openRuns(page, base, "?agent=analizer&oops=1"),
  },
  { name: "runs, narrow", need: "mock", width: 390, show: ({ page, base }) => openRuns(page, base) },
  { name: "run", need: "mock", show: ({ page, base }) => openRun(page, base, SHOWCASE) },
  {
    name: "run with a model call",
    need: "mock",
    show: async ({ page, base }) => {
      await openRun(page, base, SHOWCASE);
      await page.locator(".step-row", { hasText: "claude-sonnet-4" }).nth(1).click();
      await page.locator(".result-table").waitFor();
    },
  },
  {
    name: "run with attributes",
    need: "mock",
    show: async ({ page, base }) => {
      await openRun(page, base, SHOWCASE, "?q=search_web");
      await page.locator(".step-row", { hasText: "timeout" }).click();
      await page.getByRole("tab", { name: /Attributes/ }).click();
    },
  },
  { name: "run, narrow", need: "mock", width: 390, show: ({ page, base }) => openRun(page, base, SHOWCASE) },
  {
    name: "help",
    need: "mock",
    show: async ({ page, base }) => {
      await openRuns(page, base);
      await page.keyboard.press("?");
    },
  },
  {
    name: "go to",
    need: "mock",
    show: async ({ page, base }) => {
      await openRuns(page, base);
      await page.keyboard.press("Control+k");
      await page.getByRole("option").first().waitFor();
    },
  },
  {
    name: "first start",
    need: "empty",
    show: async ({ page, base }) => {
      await page.goto(base);
      await page.locator("h1").waitFor();
    },
  },
];

for (const theme of ["light", "dark"] as const) {
  for (const view of VIEWS) {
    test(
      `axe: ${view.name}, ${theme}`,
      async (scene) => {
        await scene.page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
        await view.show(scene);
        await examine(scene.page);
      },
      { need: view.need, width: view.width },
    );
  }
}
