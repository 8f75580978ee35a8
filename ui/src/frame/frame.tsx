// What stands around every view: skip link, top bar, notice of a lost connection, toasts, the two dialogs.

import { useEffect, useState, type ReactNode } from "react";
import { clock, count } from "../lib/format.ts";
import { useNow } from "../lib/clock.ts";
import { useKeys } from "../lib/keys.ts";
import { followLink, open, usePlace } from "../lib/router.ts";
import { retryNow, useConnection } from "../lib/status.ts";
import { useStore } from "../lib/store.ts";
import { setTheme, useTheme, type Theme } from "../lib/theme.ts";
import { toast } from "../lib/toast.ts";
import { GoToDialog } from "./goto.tsx";
import { HelpDialog } from "./help.tsx";
import { Icon, Mark } from "./icons.tsx";
import { isMac } from "./platform.ts";

const NEXT_THEME: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const THEME_ICON = { system: "system", light: "sun", dark: "moon" } as const;

/** Walks through the three choices; its name says which one is in force. */
function ThemeButton() {
  const theme = useTheme();
  const said = `Theme: ${theme === "system" ? "as the system" : theme}. Change`;
  return (
    <button className="iconbutton theme" title={said} aria-label={said} onClick={() => setTheme(NEXT_THEME[theme])}>
      <Icon name={THEME_ICON[theme]} size={16} />
    </button>
  );
}

/** Proof of life: what the server accepts at the moment. */
function Pulse() {
  const { status, lost } = useConnection();
  if (!status) return null;
  const rate = Math.round(status.spans_per_second);
  const hover = `${count(rate)} spans accepted a second, mean of the last ten; ${count(status.received.spans_accepted)} since ${clock(Number(BigInt(status.started_unix_nano) / 1000000n))}`;
  return (
    <span className="pulse num" title={hover}>
      <span className={rate > 0 && !lost ? "dot live" : "dot"} />
      {count(rate)} spans/s
    </span>
  );
}

/** While the server cannot be reached. What is on screen stays. */
function LostStrip() {
  const { lost, retryAtMs } = useConnection();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!lost) return undefined;
    const timer = window.setInterval(() => setNow(Date.now()), 500);
    return () => window.clearInterval(timer);
  }, [lost]);
  if (!lost) return null;
  const seconds = Math.max(0, Math.ceil((retryAtMs - now) / 1000));
  return (
    <div className="lost" role="status">
      <Icon name="warning" size={14} />
      <span>Connection to the server lost. What is shown stays; next try in {seconds} s.</span>
      <button className="linkish" onClick={retryNow}>
        Try now
      </button>
    </div>
  );
}

function Toasts() {
  const said = useStore(toast);
  return (
    <div role="status" aria-live="polite">
      {said && (
        <div className="toast" key={said.serial}>
          <Icon name={said.bad ? "warning" : "ok"} size={15} />
          {said.text}
        </div>
      )}
    </div>
  );
}

function TopBar({ onGoTo, onHelp }: { onGoTo: () => void; onHelp: () => void }) {
  const { path } = usePlace();
  const onRuns = path === "/" || path.startsWith("/run");
  return (
    <header className="topbar">
      <a className="brand" href="/runs" onClick={followLink}>
        <Mark />
        Sextant
      </a>
      <nav aria-label="Views">
        <a href="/runs" aria-current={onRuns ? "page" : undefined} onClick={followLink}>
          Runs
        </a>
      </nav>
      <span className="grow" />
      <button className="goto" onClick={onGoTo} title="Go to run, trace id, agent or service">
        <Icon name="search" size={14} />
        <span className="grow">Go to run, trace id, agent…</span>
        <kbd>{isMac() ? "⌘" : "Ctrl"} K</kbd>
      </button>
      <Pulse />
      <ThemeButton />
      <button className="iconbutton helpbutton" title="All keys (?)" aria-label="All keys" onClick={onHelp}>
        <Icon name="help" size={16} />
      </button>
    </header>
  );
}

/** Narrow screens: the same entries at the thumb. */
function BottomBar({ onHelp }: { onHelp: () => void }) {
  const { path } = usePlace();
  const theme = useTheme();
  const onRuns = path === "/" || path.startsWith("/run");
  return (
    <nav className="bottombar" aria-label="Views, narrow">
      <a href="/runs" aria-current={onRuns ? "page" : undefined} onClick={followLink}>
        <Icon name="runs" size={18} />
        Runs
      </a>
      <button onClick={() => setTheme(NEXT_THEME[theme])}>
        <Icon name={THEME_ICON[theme]} size={18} />
        Theme
      </button>
      <button onClick={onHelp}>
        <Icon name="help" size={18} />
        Keys
      </button>
    </nav>
  );
}

export function Frame({ children }: { children: ReactNode }) {
  const [dialog, setDialog] = useState<"help" | "goto" | null>(null);
  useKeys([
    { keys: ["?"], label: "all keys", group: "Everywhere", run: () => setDialog("help") },
    { keys: ["ctrl+k"], label: "go to anything", group: "Everywhere", run: () => setDialog("goto") },
    { keys: ["g r"], label: "go to runs", group: "Everywhere", run: () => open("/runs") },
  ]);
  return (
    <div className="app">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <TopBar onGoTo={() => setDialog("goto")} onHelp={() => setDialog("help")} />
      <LostStrip />
      <div className="view" id="content" tabIndex={-1}>
        {children}
      </div>
      <BottomBar onHelp={() => setDialog("help")} />
      <Toasts />
      {dialog === "help" && <HelpDialog onClose={() => setDialog(null)} />}
      {dialog === "goto" && <GoToDialog onClose={() => setDialog(null)} />}
    </div>
  );
}

/** Names what the address holds that cannot be used. */
export function Problems({ problems }: { problems: string[] }) {
  if (problems.length === 0) return null;
  return (
    <div className="problems" role="alert">
      <Icon name="warning" size={15} />
      <span>Not everything in this address could be used: {problems.join("; ")}.</span>
    </div>
  );
}

/** One entry of the key bar. */
export interface Hint {
  keys: string[];
  label: string;
  run: () => void;
}

/** The bar at the foot of a view. Each hint is also a button that does what its key does. */
export function KeyBar({ hints, children }: { hints: Hint[]; children?: ReactNode }) {
  useNow();
  return (
    <footer className="keybar">
      {hints.map((hint) => (
        <button className="hint" key={hint.label} onClick={hint.run} tabIndex={-1}>
          {hint.keys.map((k) => (
            <kbd key={k}>{k}</kbd>
          ))}{" "}
          {hint.label}
        </button>
      ))}
      <span className="right num">{children}</span>
    </footer>
  );
}
