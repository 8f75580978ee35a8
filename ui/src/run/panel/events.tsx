// Events and links of a step.

import type { KeyValue, Span, SpanLink } from "../../api/types.ts";
import { clip, duration, exactTime, nanoToMs, shortId } from "../../lib/format.ts";
import { followLink } from "../../lib/router.ts";
import { serverNow } from "../../lib/status.ts";
import { formatRunUrl, isSpanId, isTraceId } from "../../lib/url.ts";
import { valueText } from "../../lib/any_value.ts";
import { dropped } from "./attributes.tsx";
import { Capped } from "./capped.tsx";
import { CodeBlock } from "./text.tsx";

function Pairs({ pairs }: { pairs: KeyValue[] }) {
  return (
    <dl className="event-pairs">
      <Capped list={pairs}>
        {(p, i) => (
          <div key={i}>
            <dt className="mono said">{clip(p.key)}</dt>
            <dd>
              <CodeBlock text={valueText(p.value)} />
            </dd>
          </div>
        )}
      </Capped>
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
      <Capped list={span.events}>
        {(e, i) => (
          <article key={i} className={e.name === "exception" ? "event bad-event" : "event"}>
            <header>
              <strong className="said">{clip(e.name) || "no name"}</strong>
              <span className="num dim" title={exactTime(nanoToMs(e.time_unix_nano), serverNow())}>
                {duration(Number(BigInt(e.time_unix_nano) - start))} after the step's start
              </span>
            </header>
            <Pairs pairs={e.attributes} />
            {e.dropped_attributes_count > 0 && <p className="dim">{dropped(e.dropped_attributes_count)}</p>}
          </article>
        )}
      </Capped>
    </div>
  );
}

/** Where a link leads; an id that is none leads nowhere. */
function Place({ link }: { link: SpanLink }) {
  const { trace_id, span_id } = link;
  if (!isTraceId(trace_id) || !isSpanId(span_id)) {
    return (
      <span className="mono said">
        {clip(trace_id)} / {clip(span_id)}
      </span>
    );
  }
  return (
    <a className="mono" href={formatRunUrl(trace_id, { step: span_id })} onClick={followLink}>
      {shortId(trace_id)} / {span_id}
    </a>
  );
}

export function Links({ span }: { span: Span }) {
  const note = dropped(span.dropped_links_count);
  return (
    <div className="events">
      {note && <p className="dim">{note}</p>}
      <Capped list={span.links}>
        {(l, i) => (
          <article key={i} className="event">
            <header>
              <Place link={l} />
              {l.trace_state && <span className="dim said">{clip(l.trace_state)}</span>}
            </header>
            <Pairs pairs={l.attributes} />
          </article>
        )}
      </Capped>
    </div>
  );
}
