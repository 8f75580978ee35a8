// First start: the server runs and nothing has come yet. Real addresses, something to copy, a list that ticks itself. The
// first run appears here; the list of runs is a key away.

import { useEffect, useState } from "react";
import { failureText, getJson, postJson } from "../api/client.ts";
import type { RunList, RunSummary, ServerStatus } from "../api/types.ts";
import { KeyBar } from "../frame/frame.tsx";
import { Icon, StateIcon } from "../frame/icons.tsx";
import { Tabs } from "../frame/tabs.tsx";
import { useNow } from "../lib/clock.ts";
import { bytes, clock, count, duration, nanoToMs, plural } from "../lib/format.ts";
import { pressKey, useKeys } from "../lib/keys.ts";
import { followLink, open } from "../lib/router.ts";
import { copy, say } from "../lib/toast.ts";
import { agentOf, durationText, shownState, taskOf } from "../runs/run_text.ts";
import { colourLine, contentLine, reachable, snippets, type Snippet } from "./snippets.ts";

function Address({ title, value }: { title: string; value: string }) {
  return (
    <div className="address">
      <h2>{title}</h2>
      <p>
        <code className="grow cut" title={value}>
          {value}
        </code>
        <button className="iconbutton tiny" aria-label={`Copy ${title}`} onClick={() => void copy(value, "Address")}>
          <Icon name="copy" size={14} />
        </button>
      </p>
    </div>
  );
}

function Code({ code }: { code: string }) {
  return (
    <pre tabIndex={0} aria-label="Commands">
      {code.split("\n").map((line, i) => (
        <span className="line" key={i}>
          <span className="no" aria-hidden="true">
            {i + 1}
          </span>
          {colourLine(line).map((t, j) => (
            <span key={j} className={t.kind ? `tok-${t.kind}` : undefined}>
              {t.text}
            </span>
          ))}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

interface Check {
  title: string;
  detail: string;
  done: boolean;
}

/** A stored test trace did not come through a receiver: it is no proof that a client can reach one. */
function receivedText(spans: number): string {
  return spans > 0 ? `${count(spans)} received` : "stored, none from a client yet";
}

/** Ticks are the server's own words, not this page's memory: they survive a reload. */
function checksOf(status: ServerStatus, line: number): Check[] {
  const { received, first } = status;
  const ports = [status.addresses.otlp_grpc, status.addresses.otlp_http].map((a) => a.slice(a.lastIndexOf(":") + 1));
  const local = [status.addresses.otlp_grpc, status.addresses.otlp_http].every((a) =>
    /^(127\.|localhost|\[::1\])/.test(a),
  );
  return [
    {
      title: "Server ready",
      done: true,
      detail: `started ${clock(nanoToMs(status.started_unix_nano))}, ${bytes(status.data_dir_free_bytes)} free for data`,
    },
    {
      title: `Listening on ${ports.join(", ")}`,
      done: true,
      detail: local ? "reachable from this machine only" : "reachable from other machines",
    },
    {
      title: "First request",
      done: received.requests_accepted > 0,
      detail: `${count(received.requests_accepted)} accepted, ${count(received.requests_refused)} refused`,
    },
    {
      title: "First span",
      done: first.span,
      detail: first.span ? receivedText(received.spans_accepted) : "service name, agent name",
    },
    { title: "First model call", done: first.model_call, detail: "model, tokens" },
    {
      title: "First message",
      done: first.message,
      detail: line > 0 ? `needs content capture, line ${line}` : "needs content capture",
    },
  ];
}

function Checklist({ checks }: { checks: Check[] }) {
  const current = checks.findIndex((c) => !c.done);
  return (
    <ol className="checks">
      {checks.map((c, i) => (
        <li key={c.title} className={c.done || i === current ? "" : "later"}>
          {c.done ? (
            <Icon name="ok" className="done" />
          ) : i === current ? (
            <span className="ring" aria-hidden="true" />
          ) : (
            <Icon name="dashed" className="dim" />
          )}
          <span>
            <strong>
              {c.title}
              <span className="offscreen">{c.done ? ", done" : ", waiting"}</span>
            </strong>
            <small className="num">{c.detail}</small>
          </span>
        </li>
      ))}
    </ol>
  );
}

/** The newest run, once there is one. */
function useFirstRun(version: number, arrived: boolean): RunSummary | null {
  const [run, setRun] = useState<RunSummary | null>(null);
  useEffect(() => {
    if (!arrived) return;
    getJson<RunList>("/api/traces?from=now-24h&limit=1&sort=newest").then(
      (list) => setRun(list.traces[0] ?? null),
      () => undefined, // Why silent: the next change of the data asks again
    );
  }, [version, arrived]);
  return run;
}

function WhatYouSee({ run, nowMs }: { run: RunSummary | null; nowMs: number }) {
  if (!run) {
    return (
      <section className="card">
        <h2>What you will see</h2>
        <div className="preview" aria-hidden="true">
          {[0, 1, 2].map((i) => (
            <div key={i}>
              <i />
              <span className="skeleton" />
              <span className="skeleton" />
              <span className="skeleton" />
            </div>
          ))}
        </div>
      </section>
    );
  }
  return (
    <section className="card first" role="status">
      <h2>The first run is here</h2>
      <div className="arrived">
        <a className="row" href={`/run/${run.trace_id}`} onClick={followLink}>
          <StateIcon state={shownState(run, nowMs)} />
          <strong>{agentOf(run)}</strong>
          <span className="cut grow">{taskOf(run)}</span>
          <span className="num">{durationText(run, nowMs)}</span>
        </a>
        <div className="row">
          <button className="button primary small" onClick={() => open(`/run/${run.trace_id}`)}>
            Open it <kbd>Enter</kbd>
          </button>
          <a className="button small" href="/runs?from=now-24h" onClick={followLink}>
            All runs
          </a>
        </div>
      </div>
    </section>
  );
}

/** What the server refused comes first: it is the likeliest reason. */
function IfNothing({ status }: { status: ServerStatus }) {
  const port = status.addresses.otlp_http.slice(status.addresses.otlp_http.lastIndexOf(":") + 1);
  return (
    <section className="card" aria-label="If nothing arrives">
      <h2>If nothing arrives</h2>
      <ul className="bullets">
        {status.recent_refusals.length === 0 && <li>A request that cannot be read is shown here with its reason.</li>}
        {status.recent_refusals.map((r, i) => (
          <li key={i} className="bad">
            <span className="num">{clock(nanoToMs(r.time_unix_nano))}</span> {r.protocol}: {r.message}
          </li>
        ))}
        <li>
          In a container, use the host's address, and start Sextant with <code>--otlp-http-listen 0.0.0.0:{port}</code>.
        </li>
        <li>Batches are sent every 5 s; short scripts must flush before they end.</li>
      </ul>
    </section>
  );
}

/** Commands to copy, one tab a language. */
function Snippets({
  list,
  tab,
  onTab,
  onCopy,
}: {
  list: Snippet[];
  tab: number;
  onTab: (i: number) => void;
  onCopy: () => void;
}) {
  return (
    <section className="snippet" aria-label="How to send">
      <div className="snippet-head">
        <Tabs
          label="Language"
          prefix="lang"
          items={list.map((s) => ({ id: s.name, name: s.name }))}
          at={tab}
          onPick={onTab}
        />
        <span className="grow" />
        <span className="also dim cut">also OpenInference, OpenLLMetry, Vercel AI SDK</span>
        <button className="button small" onClick={onCopy}>
          <Icon name="copy" size={13} />
          Copy <kbd>y</kbd>
        </button>
      </div>
      <div role="tabpanel" id="lang-panel" aria-labelledby={`lang-${list[tab].name}`}>
        <Code code={list[tab].code} />
      </div>
      <p className="snippet-note">
        <Icon name="message" size={14} />
        {list[tab].note}
      </p>
    </section>
  );
}

function Actions({ sending, onSend }: { sending: boolean; onSend: () => void }) {
  const copyDemo = () => void copy("make demo", "Command");
  return (
    <div className="start-actions">
      <button className="button" disabled={sending} onClick={onSend}>
        <Icon name="play" size={14} />
        Send a test trace
      </button>
      <span>or start the demo agents:</span>
      <code>make demo</code>
      <button className="iconbutton tiny" aria-label="Copy make demo" onClick={copyDemo}>
        <Icon name="copy" size={14} />
      </button>
    </div>
  );
}

/** Whole seconds: a counter is not a measurement. */
function waited(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : duration(seconds * 1e9);
}

/** What has arrived so far; ticks itself. */
function Arrived({ status, line, nowMs }: { status: ServerStatus; line: number; nowMs: number }) {
  const seconds = Math.max(0, Math.floor((nowMs - nanoToMs(status.started_unix_nano)) / 1000));
  const arrived = status.received.spans_accepted > 0;
  return (
    <section className="card first" aria-label="What has arrived">
      <header>
        <span className="beacon" aria-hidden="true" />
        <h2>{arrived ? "Receiving spans" : `Waiting for the first ${status.first.span ? "client" : "span"}…`}</h2>
        <span className="num muted">{arrived ? plural(status.received.spans_accepted, "span") : waited(seconds)}</span>
      </header>
      <Checklist checks={checksOf(status, line)} />
    </section>
  );
}

function useTestTrace() {
  const [sending, setSending] = useState(false);
  const send = async () => {
    setSending(true);
    try {
      await postJson<{ trace_id: string }>("/api/test-trace");
      say("Test trace stored");
    } catch (error) {
      say(failureText(error), true);
    }
    setSending(false);
  };
  return { sending, send: () => void send() };
}

function Lead({ addresses, arrived }: { addresses: ServerStatus["addresses"]; arrived: boolean }) {
  const now = arrived ? "has data" : "has received nothing yet";
  return (
    <>
      <h1>Send the first trace</h1>
      <p className="lead">
        Sextant is running and {now}. Point any OpenTelemetry exporter at one of the addresses below; the run appears
        here by itself.
      </p>
      <div className="addresses">
        <Address title="OTLP over HTTP" value={`http://${addresses.otlp_http}`} />
        <Address title="OTLP over gRPC" value={addresses.otlp_grpc} />
        <Address title="Page and JSON API" value={`http://${addresses.http}`} />
      </div>
    </>
  );
}

export function StartPage({ status }: { status: ServerStatus }) {
  const [tab, setTab] = useState(0);
  const nowMs = useNow();
  const addresses = reachable(status.addresses, window.location.hostname);
  const list = snippets(addresses);
  const run = useFirstRun(status.data_version, status.first.span);
  const shown = list[tab];
  const { sending, send } = useTestTrace();
  const copyCode = () => void copy(shown.code, `${shown.name} commands`);
  const openRun = () => run && open(`/run/${run.trace_id}`);
  useKeys([
    ...list.map((s, i) => ({ keys: [String(i + 1)], label: s.name, group: "First start", run: () => setTab(i) })),
    { keys: ["y"], label: "copy code", group: "First start", run: copyCode },
    { keys: ["t"], label: "send a test trace", group: "First start", run: send },
    { keys: ["Enter"], label: "open the first run", group: "First start", run: openRun },
  ]);
  const hints = [
    { keys: ["1", "…", "5"], label: "language", run: () => setTab((tab + 1) % list.length) },
    { keys: ["y"], label: "copy", run: copyCode },
    { keys: ["t"], label: "send a test trace", run: send },
    { keys: ["?"], label: "all keys", run: () => pressKey("?") },
  ];
  return (
    <>
      <main className="start">
        <div className="start-columns">
          <div>
            <Lead addresses={addresses} arrived={status.first.span} />
            <Snippets list={list} tab={tab} onTab={setTab} onCopy={copyCode} />
            <Actions sending={sending} onSend={send} />
          </div>
          <div className="start-side">
            <Arrived status={status} line={contentLine(shown.code)} nowMs={nowMs} />
            {run && <WhatYouSee run={run} nowMs={nowMs} />}
            <IfNothing status={status} />
            {!run && <WhatYouSee run={null} nowMs={nowMs} />}
          </div>
        </div>
      </main>
      <KeyBar hints={hints}>
        <span>Sextant {status.version}</span>
      </KeyBar>
    </>
  );
}
