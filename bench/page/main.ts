// Measures the page in headless Chromium: how long a run of 30,000 spans takes to open, first paint, size of the bundle.
// node bench/page/main.ts [--url URL] [--run TRACE] [--only FIGURE]…  Without an address, $SEXTANT_BIN is started and given an
// invented run of 30,000 spans; without that too, the mock server answers. One JSON line per figure; the median of five.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { withBrowser } from "../../tests/page/browser.ts";
import { give, startServer } from "../../tests/page/real_server.ts";
import { LARGE } from "../../ui/mock/data.ts";
import { Mock } from "../../ui/mock/server.ts";
import { largeRun } from "../../ui/mock/showcase.ts";

const TIMES = 5;
const LARGE_SPANS = 30_000;
const KEY_PRESSES = 40;
const ASSETS = fileURLToPath(new URL("../../ui/dist/assets/", import.meta.url));

const option = (name: string) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : null);
const wanted = process.argv.flatMap((word, i) => (word === "--only" ? [process.argv[i + 1]] : []));
const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const share = (list: number[], p: number) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))];

function print(figure: string, value: number, unit: string, reach: number): void {
  if (wanted.length > 0 && !wanted.includes(figure)) return;
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

/** From a key's event until its frame was painted, one key at a time. */
async function keyMs(page: Page): Promise<number[]> {
  await page.evaluate(() => {
    const w = window as unknown as { keyTimes: number[] };
    w.keyTimes = [];
    // A task queued in the frame runs when that frame has been handed over.
    const painted = (event: Event) => setTimeout(() => w.keyTimes.push(performance.now() - event.timeStamp));
    document.addEventListener("keydown", (event) => requestAnimationFrame(() => painted(event)), true);
  });
  for (let i = 1; i <= KEY_PRESSES; i++) {
    await page.keyboard.press("j");
    await page.waitForFunction((n) => (window as unknown as { keyTimes: number[] }).keyTimes.length >= n, i);
  }
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

interface Target {
  url: string;
  trace: string;
  stop: () => Promise<void>;
}

/** What is measured: a server named by address, one started from $SEXTANT_BIN and filled, else the mock server. */
async function target(): Promise<Target> {
  const url = option("--url");
  const trace = option("--run") ?? LARGE;
  const binary = process.env.SEXTANT_BIN ?? "";
  if (!url && !existsSync(binary)) {
    const mock = new Mock();
    return { url: await mock.listen(), trace, stop: () => mock.close() };
  }
  const server = url ? { url, stop: async () => undefined } : await startServer(binary);
  if (trace === LARGE)
    await give(server.url, largeRun(LARGE, BigInt(Date.now() - 3_600_000) * 1_000_000n, LARGE_SPANS));
  return { ...server, trace };
}

/** The figures that need a browser. */
async function measure(page: Page, { url, trace }: Target): Promise<void> {
  const run = `${url}/run/${trace}`;
  await openMs(page, run); // the server's and the browser's caches are filled for all alike
  const opened: number[] = [];
  for (let i = 0; i < TIMES; i++) opened.push(await openMs(page, run));
  print("page.open_30k", median(opened), "ms", 1000);
  print("page.scroll_frame_p95", share(await frames(page), 0.95), "ms", 16.7);
  print("page.key_to_paint_p50", median(await keyMs(page)), "ms", 50);
  const painted: number[] = [];
  for (let i = 0; i < TIMES; i++) painted.push(await firstPaintMs(page, `${url}/runs?from=now-24h`));
  print("page.first_paint", median(painted), "ms", 300);
}

async function main(): Promise<void> {
  if (wanted.length === 0 || wanted.some((figure) => !figure.endsWith("_gzip"))) {
    const measured = await target();
    try {
      await withBrowser({}, (page) => measure(page, measured));
    } finally {
      await measured.stop();
    }
  }
  const size = bundle();
  print("page.bundle_gzip", size.all, "KB", 400);
  print("page.first_view_gzip", size.first, "KB", 160);
}

await main();
