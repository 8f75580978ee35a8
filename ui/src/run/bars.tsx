// The canvas with the bars of the rows in sight. It lies inside what scrolls, so bars and words move as one.

import { useEffect, useMemo, useRef } from "react";
import { prepare } from "../lib/canvas.ts";
import { usePainted } from "../lib/theme.ts";
import type { StepTable } from "../lib/step_table.ts";
import { drawRows, type Scale } from "./draw.ts";
import type { RunView } from "./use_run_view.ts";

/** The row of each step, or of the fold that hides it. */
function useRowOfStep(table: StepTable, rows: Int32Array): (step: number) => number {
  return useMemo(() => {
    const at = new Int32Array(table.count).fill(-1);
    for (let r = 0; r < rows.length; r++) at[rows[r]] = r;
    return (step: number) => {
      let i = step;
      while (i !== -1 && at[i] === -1) i = table.parent[i];
      return i === -1 ? 0 : at[i];
    };
  }, [table, rows]);
}

interface Props {
  table: StepTable;
  view: RunView;
  scale: Scale;
  left: number; // px: where the bars begin
  first: number; // rows first … last are drawn
  last: number;
  rowHeight: number;
}

export function Bars({ table, view, scale, left, first, last, rowHeight }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painted = usePainted();
  const { rows, running, endNs, showPath } = view;
  const rowOfStep = useRowOfStep(table, rows);
  const height = Math.max(0, last - first + 1) * rowHeight;
  useEffect(() => {
    if (!canvas.current || height === 0) return;
    const g = prepare(canvas.current, { width: scale.width, height });
    if (g) drawRows(g, { table, rows, first, last, rowHeight, scale, running, endNs, showPath, rowOfStep });
  }, [table, rows, first, last, rowHeight, height, scale, running, endNs, showPath, rowOfStep, painted]);
  return (
    <canvas
      ref={canvas}
      className="bars"
      aria-hidden="true"
      style={{ top: first * rowHeight, left, width: scale.width, height }}
    />
  );
}
