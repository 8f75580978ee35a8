// The tab row of a run and the tools at its right: search, critical path, zoom, errors.

import { useRef } from "react";
import { Icon } from "../frame/icons.tsx";
import { isMac } from "../frame/platform.ts";
import { count, plural } from "../lib/format.ts";
import { useKeys } from "../lib/keys.ts";

export interface ToolsProps {
  query: string;
  hits: number;
  hitAt: number; // place of the active row among the hits, -1: none
  errors: number;
  errorAt: number;
  showPath: boolean;
  zoomed: boolean;
  onQuery: (q: string) => void;
  onHit: (step: 1 | -1) => void;
  onError: (step: 1 | -1) => void;
  onPath: () => void;
  onResetZoom: () => void;
}

/** Search keeps its place among the hits; Enter walks on, Shift Enter back. */
export function RunTools(p: ToolsProps) {
  const input = useRef<HTMLInputElement>(null);
  const focus = () => {
    input.current?.focus();
    input.current?.select();
  };
  useKeys([{ keys: ["/", "ctrl+f"], label: "search in this run", group: "Run", run: focus }]);
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "Enter") p.onHit(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") {
      if (p.query) p.onQuery("");
      input.current?.blur();
    } else return;
    event.preventDefault();
  };
  const of = (at: number, n: number) => `${at >= 0 ? `${count(at + 1)} of ` : ""}${count(n)}`;
  return (
    <div className="run-tabs">
      <div className="tabs" role="tablist" aria-label="Views of this run">
        <button role="tab" aria-selected="true" aria-controls="run-timeline" id="tab-timeline">
          Timeline
        </button>
      </div>
      <span className="grow" />
      <div className="run-search">
        <Icon name="search" size={14} className="dim" />
        <input
          ref={input}
          type="search"
          aria-label="Search in this run"
          placeholder="Search in this run"
          value={p.query}
          onChange={(e) => p.onQuery(e.target.value)}
          onKeyDown={onKeyDown}
        />
        {p.query.trim() ? (
          <span className="num dim" role="status">
            {p.hits ? of(p.hitAt, p.hits) : "none"}
          </span>
        ) : (
          <kbd>{isMac() ? "⌘" : "Ctrl"} F</kbd>
        )}
      </div>
      <button
        className={p.showPath ? "button small on path-button" : "button small path-button"}
        aria-pressed={p.showPath}
        onClick={p.onPath}
        title="Critical path (p)"
      >
        Critical path
      </button>
      <button className="button small zoom-button" disabled={!p.zoomed} onClick={p.onResetZoom}>
        Reset zoom
      </button>
      {p.errors > 0 && (
        <button className="button small" onClick={() => p.onError(1)} title="Next error (e), previous (E)">
          <Icon name="error" size={13} className="bad" />
          <span className="num">{p.errorAt >= 0 ? of(p.errorAt, p.errors) : plural(p.errors, "error")}</span>
          <kbd>e</kbd>
        </button>
      )}
    </div>
  );
}
