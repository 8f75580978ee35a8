// A model call as it was held: what was sent again, what was new, what came back. Each tool call shows its arguments and,
// where the run has it, its result.

import { useEffect, useState } from "react";
import type { Message, MessagePart, StepView } from "../../api/types.ts";
import { Icon, KindIcon } from "../../frame/icons.tsx";
import { count, duration, percent, plural } from "../../lib/format.ts";
import { useKeys } from "../../lib/keys.ts";
import { isError, TOOL, text, type StepTable } from "../../lib/step_table.ts";
import { Capped } from "./capped.tsx";
import { Arguments, Result } from "./structured.tsx";
import { CodeBlock, Prose } from "./text.tsx";
import { fetchSpan } from "./use_span.ts";

/** Everything up to the model's own last words was in an earlier call already. */
export function earlierCount(messages: Message[]): number {
  return messages.findLastIndex((m) => m.role === "assistant" || m.role === "model") + 1;
}

/** One line of a message, for the folded history. */
export function firstLine(message: Message): string {
  const words = message.parts.map((p) => {
    if (p.type === "tool_call") return `→ ${p.name ?? "tool"}`;
    return (p.text ?? "").trim();
  });
  return words.filter(Boolean).join(" ").replace(/\s+/g, " ").slice(0, 240);
}

/** History that was sent again, folded to a count. */
function Earlier({ messages }: { messages: Message[] }) {
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState<number | null>(null);
  return (
    <section className="earlier">
      <button className="earlier-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? "chevronDown" : "chevronRight"} size={14} />
        <strong>{plural(messages.length, "earlier message")}</strong> <span className="dim">sent again</span>
      </button>
      {open && (
        <ul>
          <Capped list={messages}>
            {(m, i) => (
              <li key={i}>
                <button
                  className="earlier-line"
                  aria-expanded={shown === i}
                  onClick={() => setShown(shown === i ? null : i)}
                >
                  <span className="dim role">{m.role}</span>
                  <span className="cut">{firstLine(m)}</span>
                </button>
                {shown === i && (
                  <div className="earlier-whole">
                    {m.parts.map((p, j) => (
                      <Part key={j} part={p} />
                    ))}
                  </div>
                )}
              </li>
            )}
          </Capped>
        </ul>
      )}
    </section>
  );
}

function Reasoning({ words, open }: { words: string; open: boolean }) {
  const [mine, setMine] = useState<boolean | null>(null);
  const shown = mine ?? open;
  return (
    <div className="reasoning">
      <button className="reasoning-head" aria-expanded={shown} onClick={() => setMine(!shown)}>
        <Icon name={shown ? "chevronDown" : "chevronRight"} size={13} />
        <strong>Reasoning</strong>
        {!shown && <em className="cut dim">{words.replace(/\s+/g, " ").slice(0, 160)}</em>}
      </button>
      {shown && (
        <div className="reasoning-text">
          <Prose text={words} />
        </div>
      )}
    </div>
  );
}

export interface JoinedResult {
  step: number;
  result: string | null;
}

const CANDIDATES_MAX = 12; // spans asked for to find the one that answers a call

/** Finds the tool step that carries a call's id: after the model call that asked for it, before the one that was told. */
function useJoined(table: StepTable, step: number, part: MessagePart, side: "after" | "before"): JoinedResult | null {
  const [joined, setJoined] = useState<JoinedResult | null>(null);
  useEffect(() => {
    let current = true;
    setJoined(null);
    const named: number[] = [];
    const by = side === "after" ? 1 : -1;
    for (let i = step + by; i >= 0 && i < table.count && named.length < CANDIDATES_MAX; i += by) {
      if (table.kind[i] === TOOL && (!part.name || text(table, table.title[i]) === part.name)) named.push(i);
    }
    const look = async () => {
      for (const i of named) {
        const [span] = await fetchSpan(table.traceId, table.id[i], String(table.duration[i]));
        if (!current) return;
        if (span?.gen_ai?.tool_call_id === part.id) return setJoined({ step: i, result: span.gen_ai.result });
      }
    };
    if (part.id) look().catch(() => undefined); // Why silent: the call itself is shown; its result is an addition
    return () => {
      current = false;
    };
  }, [table, step, part.id, part.name, side]);
  return joined;
}

/** What the model asked for and, joined to it, what came back. */
function ToolCall({
  part,
  table,
  step,
  onGoTo,
}: {
  part: MessagePart;
  table: StepTable;
  step: number;
  onGoTo: (step: number) => void;
}) {
  const joined = useJoined(table, step, part, "after");
  return (
    <section className="toolcall" aria-label={`tool call ${part.name ?? ""}`}>
      <header>
        <KindIcon kind="tool" />
        <strong className="mono">{part.name ?? "tool"}</strong>
        {part.id && <span className="mono dim cut">{part.id}</span>}
        <span className="grow" />
        {joined && (
          <>
            <span className="num">{duration(table.duration[joined.step])}</span>
            {isError(table, joined.step) ? (
              <span className="tag error">error</span>
            ) : (
              <span className="tag ok">ok</span>
            )}
            <button className="linkish num" onClick={() => onGoTo(joined.step)}>
              step {table.rank[joined.step] + 1}
            </button>
          </>
        )}
      </header>
      {part.arguments !== null && (
        <div className="toolcall-part">
          <Arguments text={part.arguments} />
        </div>
      )}
      {joined?.result != null && (
        <div className="toolcall-part">
          <Result text={joined.result} />
        </div>
      )}
    </section>
  );
}

/** What a tool gave back, as the model was told it. */
function ToolResult({
  part,
  table,
  step,
  onGoTo,
}: {
  part: MessagePart;
  table: StepTable;
  step: number;
  onGoTo: (step: number) => void;
}) {
  const joined = useJoined(table, step, part, "before");
  const bad = joined !== null && isError(table, joined.step);
  return (
    <div className={bad ? "toolresult error" : "toolresult"}>
      <p className="dim">
        <span className="mono cut">{part.name ?? part.id}</span>
        {bad && (
          <span className="tag error">
            <Icon name="error" size={12} />
            error
          </span>
        )}
        <span className="grow" />
        {joined && (
          <button className="linkish num" onClick={() => onGoTo(joined.step)}>
            step {table.rank[joined.step] + 1}
          </button>
        )}
      </p>
      <CodeBlock text={part.text ?? ""} />
    </div>
  );
}

interface PartProps {
  part: MessagePart;
  table?: StepTable;
  step?: number;
  reasoning?: boolean;
  onGoTo?: (step: number) => void;
}

/** Without a table (in folded history) calls and results stand alone. */
export function Part({ part, table, step, reasoning, onGoTo }: PartProps) {
  switch (part.type) {
    case "text":
      return <Prose text={part.text ?? ""} />;
    case "reasoning":
      return <Reasoning words={part.text ?? ""} open={reasoning ?? false} />;
    case "tool_call":
      if (table && step !== undefined && onGoTo)
        return <ToolCall part={part} table={table} step={step} onGoTo={onGoTo} />;
      return (
        <div className="toolcall">
          <header>
            <KindIcon kind="tool" />
            <strong className="mono">{part.name ?? "tool"}</strong>
          </header>
          {part.arguments !== null && (
            <div className="toolcall-part">
              <CodeBlock text={part.arguments} />
            </div>
          )}
        </div>
      );
    case "tool_result":
      if (table && step !== undefined && onGoTo)
        return <ToolResult part={part} table={table} step={step} onGoTo={onGoTo} />;
      return (
        <div className="toolresult">
          {(part.name ?? part.id) && <p className="dim mono">{part.name ?? part.id}</p>}
          <CodeBlock text={part.text ?? ""} />
        </div>
      );
    default:
      return (
        <div className="toolresult">
          <p className="dim">{part.type === "media" ? "media, not loaded" : "other content"}</p>
          <CodeBlock text={part.text ?? ""} />
        </div>
      );
  }
}

function Said({ message, extra, ...rest }: { message: Message; extra?: string } & Omit<PartProps, "part">) {
  return (
    <article
      className={`message role-${message.role === "assistant" || message.role === "model" ? "assistant" : "other"}`}
    >
      <header>
        <strong>{message.role}</strong>
        {extra && <span className="dim">{extra}</span>}
      </header>
      {message.parts.map((p, i) => (
        <Part key={i} part={p} {...rest} />
      ))}
      {message.parts.length === 0 && <p className="dim">empty</p>}
    </article>
  );
}

const NOT_RECORDED = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

export function Conversation({
  view,
  table,
  step,
  onGoTo,
}: {
  view: StepView;
  table: StepTable;
  step: number;
  onGoTo: (s: number) => void;
}) {
  const [reasoning, setReasoning] = useState(false);
  useKeys([{ keys: ["r"], label: "reasoning", group: "Run", run: () => setReasoning(!reasoning) }]);
  const earlier = earlierCount(view.input_messages);
  const fresh = view.input_messages.slice(earlier);
  const shared = { table, step, reasoning, onGoTo };
  if (view.input_messages.length === 0 && view.output_messages.length === 0) {
    return (
      <div className="panel quietly">
        <h3>No messages recorded</h3>
        <p>
          This call has its times{view.tokens ? " and tokens" : ""}, but not what was said. Instrumentations leave
          messages out unless told otherwise; <code>{NOT_RECORDED}=SPAN_ONLY</code> (some: <code>true</code>) in the
          agent's environment records them.
        </p>
      </div>
    );
  }
  return (
    <div className="conversation">
      {view.tokens && <TokenBar view={view} />}
      {earlier > 0 && <Earlier messages={view.input_messages.slice(0, earlier)} />}
      {fresh.length > 0 && <h3 className="rule">{earlier > 0 ? "New in this call" : "Sent"}</h3>}
      <Capped list={fresh}>{(m, i) => <Said key={i} message={m} {...shared} />}</Capped>
      <h3 className="rule">Answer</h3>
      {view.output_messages.map((m, i) => (
        <Said key={i} message={m} extra={view.response_model ?? view.request_model ?? undefined} {...shared} />
      ))}
      {view.output_messages.length === 0 && <p className="dim">No answer was recorded.</p>}
    </div>
  );
}

/** Where the call's tokens went, as far as the provider says. */
function TokenBar({ view }: { view: StepView }) {
  const t = view.tokens;
  if (!t || t.input + t.output === 0) return null;
  const fresh = Math.max(0, t.input - t.cached_input);
  const answer = Math.max(0, t.output - t.reasoning);
  const parts = [
    { name: "cached", n: t.cached_input, c: "cached" },
    { name: "not cached", n: fresh, c: "fresh" },
    { name: "reasoning", n: t.reasoning, c: "thought" },
    { name: "answer", n: answer, c: "answer" },
  ].filter((x) => x.n > 0);
  return (
    <div className="tokenbar num">
      <p>
        <strong>{count(t.input)} in</strong>
        {parts.map((x) => (
          <span key={x.name} title={percent(x.n / (t.input + t.output))}>
            <i className={x.c} />
            {x.name} {count(x.n)}
          </span>
        ))}
        <strong className="end">{count(t.output)} out</strong>
      </p>
      <div aria-hidden="true">
        {parts.map((x) => (
          <i key={x.name} className={x.c} style={{ flexGrow: x.n }} />
        ))}
      </div>
    </div>
  );
}
