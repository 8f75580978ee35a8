// The time button of the query bar: ranges that move with the clock, or two fixed times.

import { useEffect, useRef, useState } from "react";
import { Icon } from "../frame/icons.tsx";
import { useNow } from "../lib/clock.ts";
import { dayClock, duration } from "../lib/format.ts";
import { useKeys } from "../lib/keys.ts";
import { msToNano, timeMs, type RunsQuery } from "../lib/url.ts";

export const RANGES: { from: string; label: string; short: string }[] = [
  { from: "now-15m", label: "Last 15 minutes", short: "15 min" },
  { from: "now-1h", label: "Last 1 hour", short: "1 hour" },
  { from: "now-6h", label: "Last 6 hours", short: "6 hours" },
  { from: "now-24h", label: "Last 24 hours", short: "24 hours" },
  { from: "now-7d", label: "Last 7 days", short: "7 days" },
  { from: "now-14d", label: "Last 14 days", short: "14 days" },
];

const UNITS: Record<string, string> = { s: "seconds", m: "minutes", h: "hours", d: "days" };

export function rangeLabel(query: RunsQuery, nowMs: number): string {
  const preset = query.to === null ? RANGES.find((r) => r.from === query.from) : undefined;
  if (preset) return preset.label;
  const relative = /^now-(\d+)([smhd])$/.exec(query.from);
  if (query.to === null && relative) return `Last ${relative[1]} ${UNITS[relative[2]]}`;
  const length = timeMs(query.to ?? "now", nowMs) - timeMs(query.from, nowMs);
  return duration(Math.max(0, length) * 1e6);
}

/** The next wider range, for a list that came back empty. */
export function widerRange(query: RunsQuery, nowMs: number): { from: string; label: string } | null {
  const startMs = timeMs(query.from, nowMs);
  return RANGES.find((r) => timeMs(r.from, nowMs) < startMs - 1000) ?? null;
}

type Change = Pick<RunsQuery, "from" | "to" | "live">;

/** Milliseconds → the local text a datetime field takes. */
function fieldText(ms: number): string {
  const d = new Date(ms - new Date(ms).getTimezoneOffset() * 60000);
  return d.toISOString().slice(0, 19);
}

/** Two times as this browser's zone writes them. */
function Fixed({ query, nowMs, onChange }: { query: RunsQuery; nowMs: number; onChange: (c: Change) => void }) {
  const [from, setFrom] = useState(fieldText(timeMs(query.from, nowMs)));
  const [to, setTo] = useState(fieldText(timeMs(query.to ?? "now", nowMs)));
  const a = Date.parse(from);
  const b = Date.parse(to);
  const valid = Number.isFinite(a) && Number.isFinite(b) && a < b;
  return (
    <form
      className="fixed-times"
      onSubmit={(e) => {
        e.preventDefault();
        if (valid) onChange({ from: msToNano(a), to: msToNano(b), live: false });
      }}
    >
      <label>
        From <input type="datetime-local" step={1} value={from} onChange={(e) => setFrom(e.target.value)} />
      </label>
      <label>
        To <input type="datetime-local" step={1} value={to} onChange={(e) => setTo(e.target.value)} />
      </label>
      <button className="button small" disabled={!valid}>
        {valid ? "Use these times" : "From must be before to"}
      </button>
    </form>
  );
}

export function TimeRange({ query, onChange }: { query: RunsQuery; onChange: (c: Change) => void }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const nowMs = useNow();
  useKeys([{ keys: ["T"], label: "time range", group: "Everywhere", run: () => setOpen(!open) }]);
  useEffect(() => {
    if (!open) return undefined;
    box.current?.querySelector<HTMLElement>(".option.on, .option")?.focus();
    const close = (e: PointerEvent) => !box.current?.contains(e.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, [open]);
  const choose = (change: Change) => {
    setOpen(false);
    button.current?.focus();
    onChange(change);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "Escape" && open) {
      setOpen(false);
      button.current?.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const options = [...(box.current?.querySelectorAll<HTMLElement>(".option") ?? [])];
      const at = options.indexOf(document.activeElement as HTMLElement);
      options[Math.max(0, Math.min(options.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const from = timeMs(query.from, nowMs);
  const to = timeMs(query.to ?? "now", nowMs);
  return (
    <div className="timerange" ref={box} onKeyDown={onKeyDown}>
      <button
        ref={button}
        className="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        title="Time range (T)"
      >
        <Icon name="clock" size={14} />
        <span>{rangeLabel(query, nowMs)}</span>
        <span className="clocks num dim">
          {dayClock(from, nowMs)} – {dayClock(to, nowMs)}
        </span>
      </button>
      {open && (
        <div className="pop" role="dialog" aria-label="Time range">
          {RANGES.map((r) => (
            <button
              key={r.from}
              className={r.from === query.from && query.to === null ? "option on" : "option"}
              onClick={() => choose({ from: r.from, to: null, live: true })}
            >
              {r.label}
            </button>
          ))}
          <Fixed query={query} nowMs={nowMs} onChange={choose} />
        </div>
      )}
    </div>
  );
}
