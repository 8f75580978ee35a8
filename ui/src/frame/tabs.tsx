// A row of tabs: one tab stop, arrow keys walk, the panel below is named by its tab.

import { useRef } from "react";

export interface TabItem {
  id: string;
  name: string;
  n?: number; // how many things stand there
}

interface Props {
  label: string;
  prefix: string; // ids: `${prefix}-${id}` of a tab, `${prefix}-panel` of what it shows
  items: TabItem[];
  at: number;
  onPick: (index: number) => void;
}

export function Tabs({ label, prefix, items, at, onPick }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? items.length - 1 : 0;
    if (!by) return;
    const next = (at + by) % items.length;
    onPick(next);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
      {items.map((item, i) => (
        <button
          key={item.id}
          role="tab"
          id={`${prefix}-${item.id}`}
          aria-selected={i === at}
          aria-controls={`${prefix}-panel`}
          tabIndex={i === at ? 0 : -1}
          onClick={() => onPick(i)}
        >
          {item.name}
          {item.n !== undefined && <span className="n num"> {item.n}</span>}
        </button>
      ))}
    </div>
  );
}
