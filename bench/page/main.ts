// Measures the page in headless Chromium: how long a run of 30,000 spans takes to open, first paint, size of the bundle.
// node bench/page/main.ts [--url URL --run TRACE]. Without an address the mock server answers with invented data. One JSON
// line per figure; the median of five.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { withBrowser } from "../../tests/page/browser.ts";
import { LARGE } from "../../ui/mock/data.ts";
import { Mock } from "../../ui/mock/server.ts";

const TIMES = 5;
const LARGE_SPANS = 30_000;
const KEY_PRESSES = 40;
const ASSETS = fileURLToPath(new URL("../../ui/dist/assets/", import.meta.url));

const option = (name: string) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : null);
const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const share = (list: number[], p: number) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))];

function print(figure: string, value: number, unit: string, reach: number): void {
  console.log(JSON.stringify({ figure, value: Math.round(value * 10) / 10, unit, reach }));
}

/** From the navigation's start until the frame in which rows and bars stand. */
async function openMs(page: Page, url: string): Promise<number> {
  await page.goto("about:blank");
  await page.goto(url, { waitUntil: "commit" });
  return page.evaluate(
    () =>
      new Promise<number>((done) => {
        const look = () => {
          const bars = document.querySelector<HTMLCanvasElement>("canvas.bars");
          if (document.querySelectorAll(".step-row").length > 10 && bars && bars.height > 100)
            requestAnimationFrame(() => done(performance.now()));
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

async function firstPaintMs(page: Page, url: string): Promise<number> {
  await page.goto("about:blank");
  await page.goto(url);
  return page.evaluate(
    () =>
      new Promise<number>((done) => {
        const seen = performance.getEntriesByName("first-contentful-paint")[0];
        if (seen) done(seen.startTime);
        else
          new PerformanceObserver((list) => done(list.getEntries()[0].startTime)).observe({
            type: "paint",
            buffered: true,
          });
      }),
  );
}

/** Time between frames while the tree is scrolled through. */
async function frames(page: Page): Promise<number[]> {
  return page.evaluate(
    () =>
      new Promise<number[]>((done) => {
        const scroller = document.querySelector(".steps-scroll") as HTMLElement;
        const times: number[] = [];
        let last = performance.now();
        const step = () => {
          const now = performance.now();
          times.push(now - last);
          last = now;
          scroller.scrollTop += 90;
          if (times.length < 180) requestAnimationFrame(step);
          else done(times.slice(2));
        };
        requestAnimationFrame(step);
      }),
  );
}

/** From a key's event until the frame after the row it moved to has the focus. */
async function keyMs(page: Page): Promise<number[]> {
  await page.evaluate(() => {
    const w = window as unknown as { keyTimes: number[] };
    w.keyTimes = [];
    document.addEventListener(
      "keydown",
      (e) => requestAnimationFrame(() => requestAnimationFrame(() => w.keyTimes.push(performance.now() - e.timeStamp))),
      true,
    );
  });
  for (let i = 0; i < KEY_PRESSES; i++) await page.keyboard.press("j");
  return page.evaluate(() => (window as unknown as { keyTimes: number[] }).keyTimes);
}

function bundle(): { all: number; first: number } {
  const sizes = readdirSync(ASSETS).map((name) => ({
    name,
    bytes: gzipSync(readFileSync(ASSETS + name), { level: 9 }).length,
  }));
  const sum = (list: typeof sizes) => list.reduce((n, f) => n + f.bytes, 0) / 1000;
  return { all: sum(sizes), first: sum(sizes.filter((f) => f.name.startsWith("index-"))) };
}

async function largeRun(base: string): Promise<string> {
  const answer = await fetch(`${base}/api/traces?from=now-24h&limit=1000`);
  const { traces } = (await answer.json()) as { traces: { trace_id: string; span_count: number }[] };
  const found = traces.find((t) => t.span_count >= LARGE_SPANS);
  if (!found) throw new Error(`no run of ${LARGE_SPANS} spans among the newest thousand; name one with --run`);
  return found.trace_id;
}

async function main(): Promise<void> {
  const outside = option("--url");
  const mock = outside ? null : new Mock();
  const base = outside ?? (await mock!.listen());
  const trace = option("--run") ?? (mock ? LARGE : await largeRun(base));
  await withBrowser({}, async (page) => {
    await openMs(page, `${base}/run/${trace}`); // the server's and the browser's caches are filled for all alike
    const opened: number[] = [];
    for (let i = 0; i < TIMES; i++) opened.push(await openMs(page, `${base}/run/${trace}`));
    print("page.open_30k", median(opened), "ms", 1000);
    const scrolled = await frames(page);
    print("page.scroll_frame_p95", share(scrolled, 0.95), "ms", 16.7);
    print("page.key_to_paint_p50", median(await keyMs(page)), "ms", 50);
    const painted: number[] = [];
    for (let i = 0; i < TIMES; i++) painted.push(await firstPaintMs(page, `${base}/runs?from=now-24h`));
    print("page.first_paint", median(painted), "ms", 300);
  });
  const size = bundle();
  print("page.bundle_gzip", size.all, "KB", 400);
  print("page.first_view_gzip", size.first, "KB", 160);
  await mock?.close();
}

await main();
