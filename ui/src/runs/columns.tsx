// Which columns the list shows. The choice is part of the address.

import { useEffect, useRef, useState } from "react";
import { Icon } from "../frame/icons.tsx";
import { COLUMNS, type Column } from "../lib/url.ts";
import { HEADS } from "./list.tsx";

const NAMES: Record<Column, string> = {
  ...(Object.fromEntries(COLUMNS.map((c) => [c, HEADS[c].label])) as Record<Column, string>),
  output: "Tokens out",
};

export function ColumnsButton({ cols, onChange }: { cols: Column[]; onChange: (cols: Column[]) => void }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const close = (e: PointerEvent) => !box.current?.contains(e.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, [open]);
  const flip = (c: Column) => onChange(COLUMNS.filter((x) => (x === c ? !cols.includes(c) : cols.includes(x))));
  return (
    <div
      className="columns-button"
      ref={box}
      onKeyDown={(e) => {
        if (e.key === "Escape" && open) (setOpen(false), e.preventDefault());
      }}
    >
      <button className="button small" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="columns" size={13} />
        Columns
      </button>
      {open && (
        <div className="pop right" role="group" aria-label="Columns">
          {COLUMNS.map((c) => (
            <label className="option" key={c}>
              <input type="checkbox" checked={cols.includes(c)} onChange={() => flip(c)} />
              {NAMES[c]}
            </label>
          ))}
        </div>
      )}
    </div>
  );
}
