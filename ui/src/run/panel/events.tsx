// Events and links of a step.

import type { KeyValue, Span } from "../../api/types.ts";
import { duration, exactTime, nanoToMs, shortId } from "../../lib/format.ts";
import { followLink } from "../../lib/router.ts";
import { serverNow } from "../../lib/status.ts";
import { formatRunUrl, isSpanId, isTraceId } from "../../lib/url.ts";
import { valueText } from "../../lib/any_value.ts";
import { dropped } from "./attributes.tsx";
import { CodeBlock } from "./text.tsx";

function Pairs({ pairs }: { pairs: KeyValue[] }) {
  return (
    <dl className="event-pairs">
      {pairs.map((p, i) => (
        <div key={i}>
          <dt className="mono said">{p.key}</dt>
          <dd>
            <CodeBlock text={valueText(p.value)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Times count from the start of the step, as one reads a log beside it. */
export function Events({ span }: { span: Span }) {
  const start = BigInt(span.start_unix_nano);
  const note = dropped(span.dropped_events_count);
  return (
    <div className="events">
      {note && <p className="dim">{note}</p>}
      {span.events.map((e, i) => {
        const bad = e.name === "exception";
        return (
          <article key={i} className={bad ? "event bad-event" : "event"}>
            <header>
              <strong className="said">{e.name || "no name"}</strong>
              <span className="num dim" title={exactTime(nanoToMs(e.time_unix_nano), serverNow())}>
                {duration(Number(BigInt(e.time_unix_nano) - start))} after the step's start
              </span>
            </header>
            <Pairs pairs={e.attributes} />
            {e.dropped_attributes_count > 0 && <p className="dim">{dropped(e.dropped_attributes_count)}</p>}
          </article>
        );
      })}
    </div>
  );
}

export function Links({ span }: { span: Span }) {
  const note = dropped(span.dropped_links_count);
  return (
    <div className="events">
      {note && <p className="dim">{note}</p>}
      {span.links.map((l, i) => {
        const known = isTraceId(l.trace_id) && isSpanId(l.span_id);
        return (
          <article key={i} className="event">
            <header>
              {known ? (
                <a className="mono" href={formatRunUrl(l.trace_id, { step: l.span_id })} onClick={followLink}>
                  {shortId(l.trace_id)} / {l.span_id}
                </a>
              ) : (
                <span className="mono said">
                  {l.trace_id} / {l.span_id}
                </span>
              )}
              {l.trace_state && <span className="dim said">{l.trace_state}</span>}
            </header>
            <Pairs pairs={l.attributes} />
          </article>
        );
      })}
    </div>
  );
}
