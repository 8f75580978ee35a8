// What every canvas of the page needs: sharp pixels, the page's own type, redrawing when size or theme change.

import { useEffect, useRef, useState } from "react";
import { usePainted } from "./theme.ts";

export const CANVAS_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

export interface Size {
  width: number;
  height: number;
}

/** The size of an element, followed while it changes. */
export function useSize<T extends HTMLElement>(): [React.RefObject<T | null>, Size] {
  const ref = useRef<T>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    setSize({ width: element.clientWidth, height: element.clientHeight });
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}

/** Sets a canvas up for `size` CSS pixels and clears it; coordinates are CSS pixels afterwards. */
export function prepare(canvas: HTMLCanvasElement, size: Size): CanvasRenderingContext2D | null {
  const scale = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(size.width * scale));
  const height = Math.max(1, Math.round(size.height * scale));
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  return context;
}

/** Draws when anything in `inputs`, the size or the theme changes. */
export function useDrawing(
  canvas: React.RefObject<HTMLCanvasElement | null>,
  size: Size,
  draw: (context: CanvasRenderingContext2D) => void,
  inputs: unknown[],
): void {
  const painted = usePainted();
  useEffect(() => {
    if (!canvas.current || size.width === 0) return;
    const context = prepare(canvas.current, size);
    if (context) draw(context);
  }, [canvas, size.width, size.height, painted, ...inputs]);
}

/** Round steps for an axis: 1, 2 or 5 times a power of ten, at most `max` of them. */
export function niceStep(range: number, max: number): number {
  const raw = range / Math.max(1, max);
  const power = 10 ** Math.floor(Math.log10(raw));
  for (const m of [1, 2, 5, 10]) if (power * m >= raw * (1 - 1e-9)) return power * m;
  return power * 10;
}

/** Round steps for a time axis in nanoseconds: decimal below a minute, then as clocks count. */
export function niceTimeStep(range: number, max: number): number {
  const raw = range / Math.max(1, max);
  const clockSteps = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
  if (raw <= 10e9) return niceStep(range, max);
  return (clockSteps.find((s) => s * 1e9 >= raw) ?? 86400 * Math.ceil(raw / 86400e9)) * 1e9;
}
