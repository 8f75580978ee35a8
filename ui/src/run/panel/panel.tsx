// The panel beside the timeline: one step in full. Numbers on top, then what it means, its attributes, events, links, raw.

import { useEffect, useRef, useState } from "react";
import { failureText } from "../../api/client.ts";
import type { Span } from "../../api/types.ts";
import { Icon, KindIcon } from "../../frame/icons.tsx";
import { Tabs, type TabItem } from "../../frame/tabs.tsx";
import { bytes, count, duration, percent, UNKNOWN } from "../../lib/format.ts";
import { isError, kindOf, text, type StepTable } from "../../lib/step_table.ts";
import { saveNumber, savedNumber } from "../../lib/theme.ts";
import { copy, download } from "../../lib/toast.ts";
import { Attributes } from "./attributes.tsx";
import { Conversation, Part } from "./conversation.tsx";
import { Events, Links } from "./events.tsx";
import { Arguments, Result } from "./structured.tsx";
import { CodeText, Folded } from "./text.tsx";
import { useSpan } from "./use_span.ts";

const WIDTH = 580;
const WIDTH_MIN = 400;
const WIDTH_MAX = 900;
const RAW_COLOUR_MAX = 60_000; // characters; beyond, one colour
const RAW_SHOWN_MAX = 2_000_000;

interface Props {
  table: StepTable;
  step: number;
  running: boolean;
  wide: boolean;
  narrow: boolean;
  onWide: () => void;
  onGoTo: (step: number) => void;
  onMove: (by: number) => void;
  onClose: () => void;
}

interface Stat {
  name: string;
  value: string;
  under: string;
}

/** The numbers on top: those of a model call where tokens are known, else those every step has. */
function statsOf(table: StepTable, i: number, span: Span | null, running: boolean): Stat[] {
  const view = span?.gen_ai ?? null;
  const ns = table.duration[i];
  const open = Number.isNaN(ns);
  const stats: Stat[] = [
    {
      name: "Duration",
      value: open ? (running ? "running" : "no end") : duration(ns),
      under: open ? "" : `${percent(ns / table.totalNs)} of run`,
    },
    { name: "Start", value: duration(table.start[i]), under: "after the run's start" },
  ];
  if (kindOf(table, i) !== "model" && !view?.tokens) {
    if (table.events[i]) stats.push({ name: "Events", value: count(table.events[i]), under: "" });
    if (text(table, table.agent[i])) stats.push({ name: "Agent", value: text(table, table.agent[i]), under: "" });
    return stats;
  }
  const t = view?.tokens ?? null;
  const first = view?.first_token_ns ?? (Number.isNaN(table.firstToken[i]) ? null : table.firstToken[i]);
  const speaking = first !== null && !open && t && ns > first ? t.output / ((ns - first) / 1e9) : null;
  stats.push(
    { name: "First token", value: duration(first), under: speaking !== null ? `${count(speaking)} tok/s` : "" },
    { name: "Input", value: count(t?.input), under: t && t.cached_input > 0 ? `${count(t.cached_input)} cached` : "" },
    { name: "Output", value: count(t?.output), under: t && t.reasoning > 0 ? `${count(t.reasoning)} reasoning` : "" },
    { name: "Finish", value: view?.finish_reasons.join(", ") || UNKNOWN, under: "" },
  );
  return stats.filter((s) => s.name !== "Start");
}

function StepState({ bad, open, running }: { bad: boolean; open: boolean; running: boolean }) {
  if (bad) return <span className="tag error">error</span>;
  if (!open) return <span className="tag ok">ok</span>;
  return running ? <span className="tag run">running</span> : <span className="tag warning">no end</span>;
}

function Head(p: Props & { span: Span | null }) {
  const { table, step } = p;
  const bad = isError(table, step);
  const owner = text(table, table.agent[step]) || text(table, table.service[step]);
  const link = () => void copy(window.location.href, "Link");
  return (
    <header className="panel-head">
      <KindIcon kind={kindOf(table, step)} />
      <h2 className="cut" title={text(table, table.title[step])}>
        {text(table, table.title[step])}
      </h2>
      <StepState bad={bad} open={Number.isNaN(table.duration[step])} running={p.running} />
      <span className="dim cut">
        {owner && `${owner}, `}step {count(table.rank[step] + 1)} of {count(table.count)}
      </span>
      <span className="grow" />
      <button className="iconbutton" aria-label="Previous step" title="Previous step (k)" onClick={() => p.onMove(-1)}>
        <Icon name="arrowUp" />
      </button>
      <button className="iconbutton" aria-label="Next step" title="Next step (j)" onClick={() => p.onMove(1)}>
        <Icon name="arrowDown" />
      </button>
      <button className="iconbutton" aria-label="Copy link to this step" title="Copy link (y)" onClick={link}>
        <Icon name="link" />
      </button>
      {!p.narrow && (
        <button
          className="iconbutton"
          aria-pressed={p.wide}
          aria-label={p.wide ? "Beside the timeline" : "Whole width"}
          title={p.wide ? "Beside the timeline" : "Whole width"}
          onClick={p.onWide}
        >
          <Icon name={p.wide ? "minimize" : "maximize"} size={15} />
        </button>
      )}
      <button className="iconbutton" aria-label="Close" title="Close (Esc)" onClick={p.onClose}>
        <Icon name="x" />
      </button>
    </header>
  );
}

/** A tool's call: what it was given, what it gave. */
function Call({ span }: { span: Span }) {
  const view = span.gen_ai;
  if (!view) return null;
  return (
    <div className="call">
      {view.arguments !== null && <Arguments text={view.arguments} />}
      {view.result !== null && <Result text={view.result} />}
      {view.input_messages.length > 0 && <h3 className="rule">Input</h3>}
      {view.input_messages.flatMap((m, i) => m.parts.map((part, j) => <Part key={`${i}/${j}`} part={part} />))}
      {view.output_messages.length > 0 && <h3 className="rule">Output</h3>}
      {view.output_messages.flatMap((m, i) => m.parts.map((part, j) => <Part key={`${i}/${j}`} part={part} />))}
    </div>
  );
}

/** The span as the API gave it; what no window could lay out is offered as a file. */
function Raw({ span }: { span: Span }) {
  const json = JSON.stringify(span, null, 2);
  if (json.length > RAW_SHOWN_MAX) {
    const save = () => download(`${span.span_id}.json`, "application/json", json);
    return (
      <p>
        This span is {bytes(json.length)} long.{" "}
        <button className="linkish" onClick={save}>
          Save it as a file
        </button>
      </p>
    );
  }
  return <pre className="code said raw">{json.length > RAW_COLOUR_MAX ? json : <CodeText text={json} />}</pre>;
}

/** Tabs exist only where there is something behind them. */
function tabsOf(span: Span): TabItem[] {
  const view = span.gen_ai;
  const tabs: TabItem[] = [];
  const hasCall = view !== null && (view.arguments !== null || view.result !== null);
  const hasMessages = view !== null && view.input_messages.length + view.output_messages.length > 0;
  if (view?.kind === "model") tabs.push({ id: "conversation", name: "Conversation" });
  else if (hasCall || hasMessages) {
    tabs.push({ id: "call", name: view.kind === "agent" || view.kind === "workflow" ? "In and out" : "Call" });
  }
  tabs.push({ id: "attributes", name: "Attributes", n: span.attributes.length });
  const events = span.events.length;
  const links = span.links.length;
  if (events + span.dropped_events_count > 0) tabs.push({ id: "events", name: "Events", n: events });
  if (links + span.dropped_links_count > 0) tabs.push({ id: "links", name: "Links", n: links });
  return [...tabs, { id: "raw", name: "Raw" }];
}

type BodyProps = Pick<Props, "table" | "step" | "onGoTo"> & { spans: Span[] };

function TabContent({ id, span, table, step, onGoTo }: Omit<BodyProps, "spans"> & { id: string; span: Span }) {
  switch (id) {
    case "conversation":
      return span.gen_ai && <Conversation view={span.gen_ai} table={table} step={step} onGoTo={onGoTo} />;
    case "call":
      return <Call span={span} />;
    case "attributes":
      return <Attributes span={span} />;
    case "events":
      return <Events span={span} />;
    case "links":
      return <Links span={span} />;
    default:
      return <Raw span={span} />;
  }
}

/** Says that copies with different content came, and lets each be looked at. */
function Copies({ n, at, onPick }: { n: number; at: number; onPick: (at: number) => void }) {
  if (n < 2) return null;
  return (
    <p className="tag warning block">
      <span className="grow">{n} copies of this span with different content were received.</span>
      {Array.from({ length: n }, (_, i) => (
        <button key={i} className="button small" aria-pressed={i === at} onClick={() => onPick(i)}>
          {i + 1}
        </button>
      ))}
    </p>
  );
}

function Body({ spans, ...rest }: BodyProps) {
  const [wanted, setWanted] = useState<string | null>(null);
  const [copyAt, setCopyAt] = useState(0);
  const span = spans[copyAt] ?? spans[0];
  const tabs = tabsOf(span);
  const at = Math.max(
    0,
    tabs.findIndex((t) => t.id === wanted),
  );
  const id = tabs[at].id;
  const copyJson = () => void copy(JSON.stringify(span, null, 2), "JSON");
  return (
    <>
      <div className="panel-tabs">
        <Tabs label="About this step" prefix="step" items={tabs} at={at} onPick={(i) => setWanted(tabs[i].id)} />
        <span className="grow" />
        <button className="linkish copy-json" onClick={copyJson}>
          <Icon name="copy" size={13} />
          Copy as JSON
        </button>
      </div>
      <div
        className="panel-scroll"
        role="tabpanel"
        id="step-panel"
        aria-labelledby={`step-${id}`}
        tabIndex={0}
        key={`${span.span_id}/${id}`}
      >
        <Copies n={spans.length} at={copyAt} onPick={setCopyAt} />
        {span.status_message && (
          <div className="status-message said">
            <Folded text={span.status_message}>{(shown) => shown}</Folded>
          </div>
        )}
        <TabContent id={id} span={span} {...rest} />
      </div>
    </>
  );
}

/** The panel's edge: drag it, or move it with the arrow keys. */
function Edge({ width, onWidth }: { width: number; onWidth: (w: number) => void }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const set = (w: number) => {
    const next = Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, w));
    onWidth(next);
    saveNumber("panel", next);
  };
  return (
    <div
      className="panel-edge"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the panel"
      tabIndex={0}
      aria-valuenow={width}
      aria-valuemin={WIDTH_MIN}
      aria-valuemax={WIDTH_MAX}
      onPointerDown={(e) => {
        from.current = { x: e.clientX, width };
        e.currentTarget.setPointerCapture(e.pointerId);
      }}
      onPointerMove={(e) => from.current && set(from.current.width - e.clientX + from.current.x)}
      onPointerUp={() => {
        from.current = null;
      }}
      onKeyDown={(e) => {
        const step = e.key === "ArrowLeft" ? 20 : e.key === "ArrowRight" ? -20 : 0;
        if (step) (set(width + step), e.preventDefault(), e.stopPropagation());
      }}
    />
  );
}

function StepFailed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div className="panel-scroll">
      <section className="panel failed" role="alert">
        <h3>
          <Icon name="error" />
          Could not load this step
        </h3>
        <p>{failureText(error)}</p>
        <div className="actions">
          <button className="button small" onClick={onRetry}>
            Try again
          </button>
        </div>
      </section>
    </div>
  );
}

export function StepPanel(p: Props) {
  const { table, step } = p;
  const [width, setWidth] = useState(() => savedNumber("panel", WIDTH, WIDTH_MIN, WIDTH_MAX));
  const [attempt, setAttempt] = useState(0);
  const spanId = table.id[step];
  const { spans, spanId: loadedId, error } = useSpan(table.traceId, spanId, String(table.duration[step]), attempt);
  const [held, setHeld] = useState<Span[]>([]);
  const current = loadedId === spanId && spans.length > 0;
  const span = current ? spans[0] : null;
  // The step before stays on screen until the next one is here, so that moving through steps does not flicker.
  useEffect(() => {
    if (current) setHeld(spans);
  }, [current, spans]);
  const shown = current ? spans : error ? [] : held;
  return (
    <aside className="step-panel" aria-label="Step" style={p.wide || p.narrow ? undefined : { width }}>
      {!p.wide && !p.narrow && <Edge width={width} onWidth={setWidth} />}
      <Head {...p} span={span} />
      <dl className="stats num">
        {statsOf(table, step, span, p.running).map((s) => (
          <div key={s.name}>
            <dt>{s.name}</dt>
            <dd title={s.value}>{s.value}</dd>
            <dd className="under">{s.under}</dd>
          </div>
        ))}
      </dl>
      {error && loadedId === spanId ? (
        <StepFailed error={error} onRetry={() => setAttempt(attempt + 1)} />
      ) : (
        shown.length > 0 && <Body spans={shown} table={table} step={step} onGoTo={p.onGoTo} />
      )}
    </aside>
  );
}
