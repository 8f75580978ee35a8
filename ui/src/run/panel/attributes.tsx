// Attributes by scope: what the step means to an agent, the span's own, the resource's, the scope's. Filterable; each value
// can be copied or becomes a filter of the runs list.

import { useState } from "react";
import type { KeyValue, Span, StepView } from "../../api/types.ts";
import { Icon } from "../../frame/icons.tsx";
import { isComparable, kindOfValue, valueText } from "../../lib/any_value.ts";
import { clip, count, duration, plural } from "../../lib/format.ts";
import { followLink } from "../../lib/router.ts";
import { copy } from "../../lib/toast.ts";
import { defaultRunsQuery, formatRunsUrl } from "../../lib/url.ts";
import { Capped } from "./capped.tsx";
import { CodeText, Folded } from "./text.tsx";

const TONE: Record<string, string> = {
  string: "string",
  int: "number",
  double: "number",
  bool: "keyword",
  bytes: "string",
};

function Value({ pair }: { pair: KeyValue }) {
  const kind = kindOfValue(pair.value);
  const said = valueText(pair.value);
  if (kind === "empty") return <span className="dim">empty</span>;
  return (
    <Folded text={said}>
      {(shown) =>
        kind === "array" || kind === "map" ? (
          <span className="said">
            <CodeText text={shown} />
          </span>
        ) : (
          <span className={`said tok-${TONE[kind]}`}>
            {shown}
            {said === "" && <span className="dim">""</span>}
          </span>
        )
      }
    </Folded>
  );
}

/** A value that can be compared leads to the runs that have it. */
function Pair({ pair, filter }: { pair: KeyValue; filter: boolean }) {
  const said = valueText(pair.value);
  const url = formatRunsUrl({ ...defaultRunsQuery(), from: "now-24h", attr: [`${pair.key}=${said}`] });
  return (
    <div className="pair">
      <dt className="mono said">{clip(pair.key)}</dt>
      <dd className="mono">
        <Value pair={pair} />
        <span className="pair-actions">
          <button
            className="iconbutton tiny"
            aria-label={`Copy value of ${pair.key}`}
            title="Copy value"
            onClick={() => void copy(said, "Value")}
          >
            <Icon name="copy" size={13} />
          </button>
          {filter && isComparable(pair.value) && (
            <a
              className="iconbutton tiny"
              href={url}
              onClick={followLink}
              aria-label={`Runs with this ${pair.key}`}
              title="Runs with this value"
            >
              <Icon name="filter" size={13} />
            </a>
          )}
        </span>
      </dd>
    </div>
  );
}

function Group({
  title,
  note,
  pairs,
  needle,
  filter,
}: {
  title: string;
  note?: string;
  pairs: KeyValue[];
  needle: string;
  filter: boolean;
}) {
  const shown =
    needle === ""
      ? pairs
      : pairs.filter((p) => p.key.toLowerCase().includes(needle) || valueText(p.value).toLowerCase().includes(needle));
  if (shown.length === 0) return null;
  return (
    <section className="attr-group" aria-label={title}>
      <h3 className="rule">
        {title}{" "}
        <span className="dim num">
          {needle ? `${shown.length} of ` : ""}
          {pairs.length}
          {note && `, ${note}`}
        </span>
      </h3>
      <dl>
        <Capped list={shown}>{(p, i) => <Pair key={`${clip(p.key)}/${i}`} pair={p} filter={filter} />}</Capped>
      </dl>
    </section>
  );
}

const str = (stringValue: string) => ({ stringValue });

/** The meaning read from whichever dialect the span came in, as pairs. */
export function viewPairs(view: StepView): KeyValue[] {
  const pairs: [string, string | null][] = [
    ["kind", view.kind],
    ["dialect", view.dialect],
    ["operation", view.operation],
    ["agent", view.agent],
    ["tool", view.tool],
    ["tool call id", view.tool_call_id],
    ["provider", view.provider],
    ["model asked for", view.request_model],
    ["model that answered", view.response_model],
    ["conversation", view.conversation_id],
    ["finish reasons", view.finish_reasons.length ? view.finish_reasons.join(", ") : null],
    ["first token", view.first_token_ns === null ? null : duration(view.first_token_ns)],
    [
      "tokens",
      view.tokens
        ? `${count(view.tokens.input)} in, ${count(view.tokens.output)} out, ${count(view.tokens.cached_input)} cached, ${count(view.tokens.reasoning)} reasoning`
        : null,
    ],
  ];
  return pairs.flatMap(([key, value]) => (value === null ? [] : [{ key, value: str(value) }]));
}

/** Facts of the span that OpenTelemetry keeps outside its attributes. */
function factPairs(span: Span): KeyValue[] {
  const pairs: [string, string][] = [
    ["name", span.name],
    ["span id", span.span_id],
    ["parent span id", span.parent_span_id ?? ""],
    ["kind", span.kind],
    ["status", span.status],
    ["status message", span.status_message],
    ["start", span.start_time],
    ["end", span.end_time ?? "not received"],
    ["trace state", span.trace_state],
    ["flags", span.flags ? `0x${span.flags.toString(16)}` : ""],
  ];
  return pairs.filter(([, v]) => v !== "").map(([key, v]) => ({ key, value: str(v) }));
}

/** What the sender says it left out. */
export const dropped = (n: number): string | undefined => (n > 0 ? `${count(n)} dropped by the sender` : undefined);

export function Attributes({ span }: { span: Span }) {
  const [typed, setTyped] = useState("");
  const needle = typed.trim().toLowerCase();
  const scope: KeyValue[] = [
    { key: "name", value: str(span.scope.name) },
    { key: "version", value: str(span.scope.version) },
    { key: "schema url", value: str(span.scope.schema_url) },
  ].filter((p) => p.value.stringValue !== "");
  const resource = span.resource.schema_url
    ? [...span.resource.attributes, { key: "schema url", value: str(span.resource.schema_url) }]
    : span.resource.attributes;
  return (
    <div className="attributes">
      <div className="run-search wide">
        <Icon name="search" size={14} className="dim" />
        <input
          type="search"
          placeholder={`Filter ${plural(span.attributes.length + resource.length + span.scope.attributes.length, "attribute")}`}
          aria-label="Filter attributes"
          value={typed}
          onChange={(e) => setTyped(e.target.value)}
        />
      </div>
      {span.gen_ai && <Group title="GenAI view" pairs={viewPairs(span.gen_ai)} needle={needle} filter={false} />}
      <Group
        title="Span"
        note={dropped(span.dropped_attributes_count)}
        pairs={span.attributes}
        needle={needle}
        filter
      />
      <Group
        title="Resource"
        note={dropped(span.resource.dropped_attributes_count)}
        pairs={resource}
        needle={needle}
        filter
      />
      <Group
        title="Scope"
        note={dropped(span.scope.dropped_attributes_count)}
        pairs={[...scope, ...span.scope.attributes]}
        needle={needle}
        filter={false}
      />
      <Group title="Span record" pairs={factPairs(span)} needle={needle} filter={false} />
    </div>
  );
}
