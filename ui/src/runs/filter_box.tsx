// The middle of the query bar: the filters in force as chips, and a field to add one by hand. The query language takes
// this place later; until then `key = value`, `duration > 2s` and a trace id are understood.

import { useRef, useState } from "react";
import { Icon } from "../frame/icons.tsx";
import { useKeys } from "../lib/keys.ts";
import { parseTypedFilter, type FilterError } from "../lib/typed_filter.ts";
import { emptyFilters, LIST_KEYS, type Filters, type RunsQuery } from "../lib/url.ts";
import type { Overview } from "../api/types.ts";
import { useSuggestions, type Suggestion } from "./suggest.ts";

const EXAMPLES = "service = checkout, duration > 2s, any.attribute = value, or a trace id";

interface Chip {
  text: string;
  without: Filters;
}

/** The filters as chips, each with what is left when it is taken away. */
export function chipsOf(f: Filters): Chip[] {
  const chips: Chip[] = [];
  for (const key of LIST_KEYS) {
    for (const value of f[key]) {
      const text = key === "attr" ? value.replace("=", " = ") : `${key} = ${value}`;
      chips.push({ text, without: { ...f, [key]: f[key].filter((v) => v !== value) } });
    }
  }
  if (f.duration_min) chips.push({ text: `duration ≥ ${f.duration_min}`, without: { ...f, duration_min: null } });
  if (f.duration_max) chips.push({ text: `duration ≤ ${f.duration_max}`, without: { ...f, duration_max: null } });
  if (f.trace_id) chips.push({ text: `trace = ${f.trace_id.slice(0, 8)}…`, without: { ...f, trace_id: null } });
  return chips;
}

function Marked({ text, typed }: { text: string; typed: string }) {
  const at = typed ? text.toLowerCase().indexOf(typed.toLowerCase()) : -1;
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <b>{text.slice(at, at + typed.length)}</b>
      {text.slice(at + typed.length)}
    </>
  );
}

function Suggestions({
  list,
  at,
  help,
  onTake,
  onPoint,
}: {
  list: Suggestion[];
  at: number;
  help: string;
  onTake: (s: Suggestion) => void;
  onPoint: (i: number) => void;
}) {
  return (
    <div className="pop complete">
      <ul id="filter-options" role="listbox" aria-label="Completions">
        {list.map((s, i) => (
          <li
            key={s.insert}
            id={`filter-option-${i}`}
            role="option"
            aria-selected={i === at}
            className="option"
            onPointerMove={() => onPoint(i)}
            onPointerDown={(e) => {
              e.preventDefault();
              onTake(s);
            }}
          >
            <span className="mono grow cut">
              <Marked text={s.text} typed={s.typed} />
            </span>
            <span className="dim">{s.type}</span>
            {s.count !== null && <span className="num muted">{s.count}</span>}
          </li>
        ))}
      </ul>
      <div className="foot">
        <span className="grow">{help}</span>
        <kbd>↑</kbd>
        <kbd>↓</kbd> choose <kbd>Tab</kbd> insert <kbd>Esc</kbd> close
      </div>
    </div>
  );
}

interface Props {
  query: RunsQuery;
  overview: Overview | null;
  serverError: string | null; // what the server says of the filters
  onFilters: (f: Filters) => void;
}

/** What is wrong, where, and the cure to take with Tab. */
function FilterProblem({
  error,
  server,
  onFix,
}: {
  error: FilterError | null;
  server: string | null;
  onFix: (fix: string) => void;
}) {
  if (!error && !server) return null;
  const fix = error?.fix ?? null;
  return (
    <p className="said-wrong" role="alert">
      <Icon name="error" size={13} />
      {error ? `column ${error.column}: ${error.message}` : server}
      {fix !== null && (
        <button
          className="linkish"
          onPointerDown={(e) => {
            e.preventDefault();
            onFix(fix);
          }}
        >
          {fix} <kbd>Tab</kbd>
        </button>
      )}
    </p>
  );
}

function Chips({ chips, onFilters }: { chips: Chip[]; onFilters: (f: Filters) => void }) {
  return chips.map((c) => (
    <span className="chip" key={c.text}>
      <span className="mono cut">{c.text}</span>
      <button aria-label={`Remove filter ${c.text}`} onClick={() => onFilters(c.without)}>
        <Icon name="x" size={12} />
      </button>
    </span>
  ));
}

/** The field's state: what is typed, which completion is chosen, whether Enter found a fault. */
function useField(overview: Overview | null, filters: Filters, chips: Chip[], onFilters: (f: Filters) => void) {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [focused, setFocused] = useState(false);
  const [tried, setTried] = useState(false); // errors are shown once Enter was pressed
  const [at, setAt] = useState(-1);
  const { list, help } = useSuggestions(typed, focused, overview);
  const parsed = parseTypedFilter(typed);
  const error = tried && typed !== "" && !parsed.ok ? parsed.error : null;
  const change = (value: string) => {
    setTyped(value);
    setTried(false);
    setAt(-1);
  };
  const take = (s: Suggestion) => {
    change(s.insert);
    input.current?.focus();
  };
  const apply = () => {
    if (!parsed.ok) return setTried(true);
    change("");
    onFilters(parsed.apply(filters));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown" && list.length) setAt((at + 1) % list.length);
    else if (event.key === "ArrowUp" && list.length) setAt((at - 1 + list.length) % list.length);
    else if (event.key === "Tab" && error?.fix) change(error.fix);
    else if (event.key === "Tab" && !event.shiftKey && typed !== "" && list.length) take(list[Math.max(0, at)]);
    else if (event.key === "Enter" && at >= 0 && list[at]) take(list[at]);
    else if (event.key === "Enter") apply();
    else if (event.key === "Escape") input.current?.blur();
    else if (event.key === "Backspace" && typed === "" && chips.length) onFilters(chips[chips.length - 1].without);
    else return;
    event.preventDefault();
  };
  const expanded = focused && list.length > 0 && !error;
  return { input, typed, setFocused, at, setAt, list, help, error, change, take, onKeyDown, expanded };
}

export function FilterBox({ query, overview, serverError, onFilters }: Props) {
  const filters: Filters = { ...emptyFilters(), ...pick(query) };
  const chips = chipsOf(filters);
  const f = useField(overview, filters, chips, onFilters);
  const focus = () => f.input.current?.focus();
  useKeys([{ keys: ["/"], label: "query", group: "Everywhere", run: focus }]);
  return (
    <div className="filterbox">
      <div className={f.error || serverError ? "box wrong" : "box"} onClick={focus}>
        <Icon name="search" size={15} className="dim" />
        <Chips chips={chips} onFilters={onFilters} />
        <input
          ref={f.input}
          className="mono"
          role="combobox"
          aria-label="Add a filter"
          aria-autocomplete="list"
          spellCheck={false}
          autoComplete="off"
          aria-expanded={f.expanded}
          aria-controls="filter-options"
          aria-invalid={f.error !== null}
          aria-activedescendant={f.expanded && f.at >= 0 ? `filter-option-${f.at}` : undefined}
          placeholder={chips.length ? "add a filter" : EXAMPLES}
          value={f.typed}
          onChange={(e) => f.change(e.target.value)}
          onKeyDown={f.onKeyDown}
          onFocus={() => f.setFocused(true)}
          onBlur={() => f.setFocused(false)}
        />
        {chips.length > 0 && (
          <button
            className="iconbutton tiny"
            aria-label="Clear all filters"
            title="Clear all filters"
            onClick={() => onFilters(emptyFilters())}
          >
            <Icon name="x" size={14} />
          </button>
        )}
      </div>
      {f.expanded && <Suggestions list={f.list} at={f.at} help={f.help} onTake={f.take} onPoint={f.setAt} />}
      <FilterProblem error={f.error} server={serverError} onFix={f.change} />
    </div>
  );
}

/** The filters of a query without what concerns only the page. */
function pick(query: RunsQuery): Filters {
  const { state, agent, model, tool, service, environment, name, kind, attr, duration_min, duration_max, trace_id } =
    query;
  return { state, agent, model, tool, service, environment, name, kind, attr, duration_min, duration_max, trace_id };
}
