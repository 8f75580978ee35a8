// Reads a large run off the page's own thread: parses the answer and builds its columns here, hands the arrays over.

import { buildStepTable, type StepTable } from "../lib/step_table.ts";
import type { StepList } from "./types.ts";

export interface WorkerAnswer {
  ticket: number;
  table: StepTable | null;
  error: string | null;
}

/** What changes hands with the answer: every typed array of the table. */
function buffers(table: StepTable): ArrayBuffer[] {
  const path = table.path;
  const arrays = [...Object.values(table), path.onPath, path.step, path.from, path.to];
  return arrays.filter((v) => ArrayBuffer.isView(v)).map((v) => v.buffer as ArrayBuffer);
}

self.onmessage = (message: MessageEvent<{ ticket: number; bytes: ArrayBuffer }>) => {
  const { ticket, bytes } = message.data;
  try {
    const table = buildStepTable(JSON.parse(new TextDecoder().decode(bytes)) as StepList);
    self.postMessage({ ticket, table, error: null } satisfies WorkerAnswer, { transfer: buffers(table) });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    self.postMessage({ ticket, table: null, error: said } satisfies WorkerAnswer);
  }
};
