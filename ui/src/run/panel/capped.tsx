// A list of things from outside, in portions: a span may have a hundred thousand attributes.

import { useState, type ReactNode } from "react";
import { count } from "../../lib/format.ts";

const PORTION = 200;

export function Capped<T>({ list, children }: { list: T[]; children: (item: T, index: number) => ReactNode }) {
  const [shown, setShown] = useState(PORTION);
  const more = list.length - shown;
  return (
    <>
      {list.slice(0, shown).map(children)}
      {more > 0 && (
        <button className="linkish show-all" onClick={() => setShown(shown + PORTION)}>
          {count(Math.min(more, PORTION))} more of {count(more)}
        </button>
      )}
    </>
  );
}
