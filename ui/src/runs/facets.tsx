// The facets: what the runs of this query have in common, with counts. A count ignores its own facet's choice, so that a
// second value can be added; a chosen value whose count fell to zero stays in its place.

import { useRef, useState } from "react";
import type { FacetValue, Overview } from "../api/types.ts";
import { Icon, StateIcon } from "../frame/icons.tsx";
import { clip, count } from "../lib/format.ts";
import type { FacetKey, RunsQuery } from "../lib/url.ts";

const TITLES: Record<FacetKey, string> = {
  state: "Status",
  agent: "Agent",
  model: "Model",
  tool: "Tool",
  service: "Service",
  environment: "Environment",
};
const ORDER: FacetKey[] = ["state", "agent", "model", "tool", "service", "environment"];
const STATES = ["running", "ok", "error"];
const SHOWN = 5; // values of a facet before "n more"

interface Props {
  overview: Overview | null;
  query: RunsQuery;
  onToggle: (key: FacetKey, value: string) => void;
  onClear: (key: FacetKey) => void;
  open: boolean; // the drawer of narrower windows
  onClose: () => void;
}

/** The values to list: the server's, states always all three, and what was chosen but is gone. */
function valuesOf(key: FacetKey, overview: Overview, chosen: string[]): FacetValue[] {
  const got = overview.facets[key].filter((f) => f.value !== "");
  const listed = key === "state" ? STATES.map((s) => got.find((f) => f.value === s) ?? { value: s, count: 0 }) : got;
  const absent = chosen.filter((c) => !listed.some((f) => f.value === c)).map((value) => ({ value, count: 0 }));
  return [...listed, ...absent];
}

/** The line under a value is its share of the largest. */
function Row({
  facet,
  value,
  on,
  largest,
  onToggle,
}: {
  facet: FacetKey;
  value: FacetValue;
  on: boolean;
  largest: number;
  onToggle: () => void;
}) {
  const label = facet === "state" ? value.value[0].toUpperCase() + value.value.slice(1) : clip(value.value);
  const share = largest > 0 ? value.count / largest : 0;
  return (
    <li className={value.count === 0 ? "facet-row zero" : "facet-row"}>
      <label title={label}>
        <input type="checkbox" checked={on} onChange={onToggle} />
        {facet === "state" && <StateIcon state={value.value as "running" | "ok" | "error"} />}
        <span className="facet-name cut">{label}</span>
        <span className="facet-count num">{count(value.count)}</span>
        <span className={on ? "share on" : "share"} style={{ transform: `scaleX(${share})` }} />
      </label>
    </li>
  );
}

function Facet({
  facet,
  overview,
  query,
  onToggle,
  onClear,
}: Omit<Props, "overview" | "open" | "onClose"> & {
  facet: FacetKey;
  overview: Overview;
}) {
  const [folded, setFolded] = useState(false);
  const [all, setAll] = useState(false);
  const chosen = query[facet];
  const values = valuesOf(facet, overview, chosen);
  if (values.length === 0) return null;
  const largest = Math.max(...values.map((v) => v.count));
  const shown = all ? values : values.filter((v, i) => i < SHOWN || chosen.includes(v.value));
  return (
    <section className="facet" aria-label={TITLES[facet]}>
      <header>
        <button className="facet-title" aria-expanded={!folded} onClick={() => setFolded(!folded)}>
          <Icon name={folded ? "chevronRight" : "chevronDown"} size={14} />
          {TITLES[facet]}
        </button>
        {chosen.length > 0 && (
          <button className="linkish" title={`Clear ${TITLES[facet]}`} onClick={() => onClear(facet)}>
            {chosen.length} set
          </button>
        )}
      </header>
      {!folded && (
        <ul>
          {shown.map((v) => (
            <Row
              key={v.value}
              facet={facet}
              value={v}
              on={chosen.includes(v.value)}
              largest={largest}
              onToggle={() => onToggle(facet, v.value)}
            />
          ))}
          {values.length > shown.length && (
            <li className="more">
              <button className="linkish" onClick={() => setAll(true)}>
                {values.length - shown.length} more
              </button>
            </li>
          )}
          {all && values.length > SHOWN && (
            <li className="more">
              <button className="linkish" onClick={() => setAll(false)}>
                fewer
              </button>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

export function Facets(props: Props) {
  const { overview, open, onClose } = props;
  const box = useRef<HTMLElement>(null);
  return (
    <aside ref={box} id="facets" className={open ? "facets open" : "facets"} aria-label="Filters" tabIndex={-1}>
      <header className="drawer-head">
        <h2 className="grow">Filters</h2>
        <button className="iconbutton" aria-label="Close filters" onClick={onClose}>
          <Icon name="x" />
        </button>
      </header>
      {overview
        ? ORDER.map((facet) => <Facet key={facet} {...props} overview={overview} facet={facet} />)
        : Array.from({ length: 14 }, (_, i) => (
            <div className="facet-row ghost" key={i}>
              <span className="skeleton" />
            </div>
          ))}
    </aside>
  );
}
