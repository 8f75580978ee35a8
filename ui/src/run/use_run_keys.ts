// The keys of a run. Each is also a button or a click somewhere on the page.

import { hasChildren, type StepTable } from "../lib/step_table.ts";
import { useKeys } from "../lib/keys.ts";
import type { RunView } from "./use_run_view.ts";

const GROUP = "Run";
const SCREEN = 20; // rows that Page Up and Page Down move

export function useRunKeys(table: StepTable, v: RunView, copyLink: () => void, back: () => void): void {
  const left = () => {
    if (hasChildren(table, v.here) && !v.folded.has(v.here)) v.fold(v.here, true);
    else if (table.parent[v.here] !== -1) v.goTo(table.parent[v.here]);
  };
  const right = () => {
    if (!hasChildren(table, v.here)) return;
    if (v.folded.has(v.here)) v.fold(v.here, false);
    else v.move(1);
  };
  const last = v.rows.length - 1;
  useKeys([
    { keys: ["j", "ArrowDown"], label: "next step", group: GROUP, run: () => v.move(1) },
    { keys: ["k", "ArrowUp"], label: "previous step", group: GROUP, run: () => v.move(-1) },
    { keys: ["h", "ArrowLeft"], label: "fold, or to the parent", group: GROUP, run: left },
    { keys: ["l", "ArrowRight"], label: "unfold, or to the first child", group: GROUP, run: right },
    { keys: ["Home"], label: "first step", group: GROUP, run: () => v.goTo(v.rows[0]) },
    { keys: ["End"], label: "last step", group: GROUP, run: () => v.goTo(v.rows[last]) },
    { keys: ["PageDown"], label: "a screen down", group: GROUP, run: () => v.move(SCREEN) },
    { keys: ["PageUp"], label: "a screen up", group: GROUP, run: () => v.move(-SCREEN) },
    { keys: ["Enter"], label: "open step", group: GROUP, run: () => v.pick(v.active) },
    { keys: ["e"], label: "next error", group: GROUP, run: () => v.among(v.errors, 1) },
    { keys: ["E"], label: "previous error", group: GROUP, run: () => v.among(v.errors, -1) },
    { keys: ["]"], label: "next model call", group: GROUP, run: () => v.modelCall(1) },
    { keys: ["["], label: "previous model call", group: GROUP, run: () => v.modelCall(-1) },
    { keys: ["z"], label: "zoom to step, and back", group: GROUP, run: v.zoomHere },
    { keys: ["p"], label: "critical path", group: GROUP, run: v.togglePath },
    { keys: ["t"], label: "show step in timeline", group: GROUP, run: () => v.goTo(v.here) },
    { keys: ["y"], label: "copy link", group: "Everywhere", run: copyLink },
    { keys: ["Escape"], label: "close step, go back", group: "Everywhere", run: v.selected >= 0 ? v.close : back },
  ]);
}
