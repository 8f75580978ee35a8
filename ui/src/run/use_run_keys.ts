// The keys of a run. Each is also a button or a click somewhere on the page.

import { hasChildren, MODEL, type StepTable } from "../lib/step_table.ts";
import { useKeys } from "../lib/keys.ts";

export interface RunKeys {
  table: StepTable;
  rows: Int32Array;
  active: number;
  activeStep: number;
  folded: ReadonlySet<number>;
  panelOpen: boolean;
  errors: number[];
  found: number[];
  move: (by: number) => void;
  goTo: (step: number) => void;
  fold: (step: number, want?: boolean) => void;
  among: (list: number[], step: 1 | -1) => void;
  open: () => void;
  close: () => void;
  back: () => void;
  copyLink: () => void;
  zoom: () => void;
  path: () => void;
  wide: () => void;
}

const GROUP = "Run";

export function useRunKeys(k: RunKeys): void {
  const { table, activeStep } = k;
  const left = () => {
    if (hasChildren(table, activeStep) && !k.folded.has(activeStep)) k.fold(activeStep, true);
    else if (table.parent[activeStep] !== -1) k.goTo(table.parent[activeStep]);
  };
  const right = () => {
    if (!hasChildren(table, activeStep)) return;
    if (k.folded.has(activeStep)) k.fold(activeStep, false);
    else k.move(1);
  };
  const modelCall = (step: 1 | -1) => k.among(Array.from(table.order).filter((i) => table.kind[i] === MODEL), step);
  const ends = (first: boolean) => k.goTo(k.rows[first ? 0 : k.rows.length - 1]);
  useKeys([
    { keys: ["j", "ArrowDown"], label: "next step", group: GROUP, run: () => k.move(1) },
    { keys: ["k", "ArrowUp"], label: "previous step", group: GROUP, run: () => k.move(-1) },
    { keys: ["h", "ArrowLeft"], label: "fold, or to the parent", group: GROUP, run: left },
    { keys: ["l", "ArrowRight"], label: "unfold, or to the first child", group: GROUP, run: right },
    { keys: ["Home"], label: "first step", group: GROUP, run: () => ends(true) },
    { keys: ["End"], label: "last step", group: GROUP, run: () => ends(false) },
    { keys: ["PageDown"], label: "a screen down", group: GROUP, run: () => k.move(20) },
    { keys: ["PageUp"], label: "a screen up", group: GROUP, run: () => k.move(-20) },
    { keys: ["Enter"], label: "open step", group: GROUP, run: k.open },
    { keys: ["e"], label: "next error", group: GROUP, run: () => k.among(k.errors, 1) },
    { keys: ["E"], label: "previous error", group: GROUP, run: () => k.among(k.errors, -1) },
    { keys: ["]"], label: "next model call", group: GROUP, run: () => modelCall(1) },
    { keys: ["["], label: "previous model call", group: GROUP, run: () => modelCall(-1) },
    { keys: ["z"], label: "zoom to step, and back", group: GROUP, run: k.zoom },
    { keys: ["p"], label: "critical path", group: GROUP, run: k.path },
    { keys: ["t"], label: "show step in timeline", group: GROUP, run: () => k.goTo(activeStep) },
    { keys: ["y"], label: "copy link", group: "Everywhere", run: k.copyLink },
    { keys: ["Escape"], label: "close step, go back", group: "Everywhere", run: k.panelOpen ? k.close : k.back },
  ]);
}
