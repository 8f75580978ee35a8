// Which steps hide their children. Kept by span id, so that it survives a renewal of the table.

import { useCallback, useMemo, useState } from "react";
import type { StepTable } from "../lib/step_table.ts";

/** Steps as indexes of the table that stands now. */
export interface Folding {
  folded: ReadonlySet<number>;
  fold: (step: number, want?: boolean) => void;
  reveal: (step: number) => void; // unfolds everything around a step
}

export function useFolding(table: StepTable): Folding {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const folded = useMemo(() => {
    const set = new Set<number>();
    if (ids.size) for (let i = 0; i < table.count; i++) if (ids.has(table.id[i])) set.add(i);
    return set;
  }, [ids, table]);
  const fold = useCallback(
    (step: number, want?: boolean) => {
      setIds((old) => {
        const next = new Set(old);
        const id = table.id[step];
        if (want ?? !next.has(id)) next.add(id);
        else next.delete(id);
        return next;
      });
    },
    [table],
  );
  const reveal = useCallback(
    (step: number) => {
      setIds((old) => {
        const next = new Set(old);
        for (let i = table.parent[step]; i !== -1; i = table.parent[i]) next.delete(table.id[i]);
        return next.size === old.size ? old : next;
      });
    },
    [table],
  );
  return { folded, fold, reveal };
}
