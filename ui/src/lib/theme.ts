// Light, dark, or as the system has it. The colours themselves are custom properties in styles/tokens.css; canvases read
// them from there, so that each colour is written down once.

import { createStore, useStore } from "./store.ts";

export type Theme = "system" | "light" | "dark";
const KEY = "sextant.theme";

function saved(): Theme {
  const value = window.localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
}

const theme = createStore<Theme>(saved());
/** Counts changes of what is on screen; canvases redraw when it grows. */
const painted = createStore(0);
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

/** No attribute at all means: as the system has it. */
function apply(): void {
  const chosen = theme.get();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  palette = null;
  painted.set(painted.get() + 1);
}

export function startTheme(): void {
  systemDark.addEventListener("change", apply);
  apply();
}

export function setTheme(next: Theme): void {
  theme.set(next);
  if (next === "system") window.localStorage.removeItem(KEY);
  else window.localStorage.setItem(KEY, next);
  apply();
}

export const useTheme = (): Theme => useStore(theme);
export const usePainted = (): number => useStore(painted);

const NAMES = [
  "surface",
  "sunken",
  "border",
  "strong",
  "text",
  "text2",
  "text3",
  "accent",
  "error",
  "selected",
  "hover",
  "bar-ok",
  "bar-error",
  "kind-agent",
  "kind-model",
  "kind-tool",
  "kind-retrieval",
  "kind-handoff",
  "kind-guard",
  "kind-other",
  "heat-1",
  "heat-2",
  "heat-3",
  "heat-4",
  "heat-5",
  "heat-6",
] as const;
export type ColourName = (typeof NAMES)[number];
export type Palette = Record<ColourName, string>;

let palette: Palette | null = null;

/** The colours in force, for canvases. */
export function colours(): Palette {
  if (palette) return palette;
  const style = getComputedStyle(document.documentElement);
  const read = NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  palette = Object.fromEntries(read) as Palette;
  return palette;
}

/** Widths and other choices of this browser that no link carries. */
export function savedNumber(key: string, fallback: number, min: number, max: number): number {
  const value = Number(window.localStorage.getItem(`sextant.${key}`) ?? NaN);
  return Number.isFinite(value) && value >= min && value <= max ? value : fallback;
}

export function saveNumber(key: string, value: number): void {
  window.localStorage.setItem(`sextant.${key}`, String(Math.round(value)));
}
