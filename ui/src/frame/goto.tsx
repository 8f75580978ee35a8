// "Go to": one field for a trace id, an agent, a service, a model, a tool or a run's words. What it offers comes from the
// runs of the last day.

import { useEffect, useMemo, useRef, useState } from "react";
import { getJson, failureText } from "../api/client.ts";
import type { Overview, RunList, ServiceList } from "../api/types.ts";
import { defaultRunsQuery, formatRunsUrl, isTraceId } from "../lib/url.ts";
import { open } from "../lib/router.ts";
import { Icon, type IconName } from "./icons.tsx";

interface Target {
  label: string;
  what: string;
  icon: IconName;
  url: string;
}

const RECENT = "from=now-24h";
const SHOWN_MAX = 12;

async function loadTargets(): Promise<Target[]> {
  const [overview, services, runs] = await Promise.all([
    getJson<Overview>(`/api/traces/overview?${RECENT}&steps=60`),
    getJson<ServiceList>("/api/services"),
    getJson<RunList>(`/api/traces?${RECENT}&limit=100&sort=newest`),
  ]);
  const list = (key: "agent" | "model" | "tool", icon: IconName): Target[] =>
    overview.facets[key]
      .filter((f) => f.value !== "")
      .map((f) => ({
        label: f.value,
        what: key,
        icon,
        url: formatRunsUrl({ ...defaultRunsQuery(), from: "now-24h", [key]: [f.value] }),
      }));
  const named = services.services.map((s): Target => ({
    label: s.name,
    what: "service",
    icon: "terminal",
    url: formatRunsUrl({ ...defaultRunsQuery(), from: "now-24h", service: [s.name] }),
  }));
  const recent = runs.traces.map((r): Target => ({
    label: r.task ?? r.name,
    what: `run of ${r.agent ?? r.service}`,
    icon: "runs",
    url: `/run/${r.trace_id}`,
  }));
  return [...list("agent", "bot"), ...named, ...list("model", "star"), ...list("tool", "wrench"), ...recent];
}

/** A whole trace id needs no list: it is taken at its word. */
function matches(targets: Target[], typed: string): Target[] {
  const words = typed.trim().toLowerCase();
  if (isTraceId(words)) return [{ label: words, what: "open this trace", icon: "runs", url: `/run/${words}` }];
  const hits = words === "" ? targets : targets.filter((t) => t.label.toLowerCase().includes(words));
  return hits.slice(0, SHOWN_MAX);
}

function Choices({
  list,
  at,
  onPoint,
  onGo,
}: {
  list: Target[];
  at: number;
  onPoint: (i: number) => void;
  onGo: (t: Target) => void;
}) {
  return (
    <ul id="goto-list" role="listbox" aria-label="Places">
      {list.map((target, i) => (
        <li
          key={target.url + i}
          id={`goto-${i}`}
          role="option"
          aria-selected={i === at}
          className="option"
          onPointerMove={() => onPoint(i)}
          onClick={() => onGo(target)}
        >
          <Icon name={target.icon} size={14} className="dim" />
          <span className="cut">{target.label}</span>
          <span className="what">{target.what}</span>
        </li>
      ))}
    </ul>
  );
}

export function GoToDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const [targets, setTargets] = useState<Target[]>([]);
  const [failed, setFailed] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  useEffect(() => {
    dialog.current?.showModal();
    loadTargets().then(setTargets, (e) => setFailed(failureText(e)));
  }, []);
  const shown = useMemo(() => matches(targets, typed), [targets, typed]);
  const go = (target: Target | undefined) => {
    if (!target) return;
    onClose();
    open(target.url);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, shown.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") go(shown[at]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      className="goto-box"
      aria-label="Go to"
      onClose={onClose}
      onClick={(e) => e.target === dialog.current && onClose()}
    >
      <header>
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="goto-list"
          aria-autocomplete="list"
          aria-activedescendant={shown[at] ? `goto-${at}` : undefined}
          aria-label="Trace id, agent, service or words of a run"
          placeholder="Trace id, agent, service, model, tool or words of a run"
          value={typed}
          onChange={(e) => {
            setTyped(e.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </header>
      <Choices list={shown} at={at} onPoint={setAt} onGo={go} />
      {shown.length === 0 && (
        <p className="none">
          {failed ?? "Nothing of the last 24 hours has these words. A trace id of 32 hex digits opens at once."}
        </p>
      )}
    </dialog>
  );
}
