// Icons: Lucide's paths (ISC licence), inlined at build time, and the kinds of step that have one.

import {
  ArrowDown,
  ArrowLeftRight,
  ArrowUp,
  BookOpen,
  Bot,
  Check,
  ChevronDown,
  ChevronRight,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleQuestionMark,
  Clock,
  Columns3,
  Copy,
  Download,
  Link,
  ListFilter,
  ListTree,
  Maximize2,
  MessageSquare,
  Minimize2,
  Monitor,
  Moon,
  OctagonAlert,
  Play,
  Search,
  ShieldCheck,
  Sparkle,
  Sun,
  Table,
  Terminal,
  TriangleAlert,
  Wrench,
  X,
  Plus,
  Funnel,
  ArrowLeft,
} from "lucide";
import { createElement } from "react";
import type { StepKind } from "../api/types.ts";

type IconNode = [string, Record<string, string | number | undefined>][];

const ICONS = {
  arrowDown: ArrowDown,
  arrowLeft: ArrowLeft,
  arrowUp: ArrowUp,
  back: ArrowLeft,
  book: BookOpen,
  bot: Bot,
  check: Check,
  chevronDown: ChevronDown,
  chevronRight: ChevronRight,
  clock: Clock,
  columns: Columns3,
  copy: Copy,
  dashed: CircleDashed,
  dot: CircleDot,
  download: Download,
  error: OctagonAlert,
  filter: Funnel,
  filters: ListFilter,
  help: CircleQuestionMark,
  link: Link,
  maximize: Maximize2,
  message: MessageSquare,
  minimize: Minimize2,
  moon: Moon,
  ok: CircleCheck,
  play: Play,
  plus: Plus,
  runs: ListTree,
  search: Search,
  shield: ShieldCheck,
  star: Sparkle,
  sun: Sun,
  swap: ArrowLeftRight,
  system: Monitor,
  table: Table,
  terminal: Terminal,
  warning: TriangleAlert,
  wrench: Wrench,
  x: X,
} as const;

export type IconName = keyof typeof ICONS;

/** An icon is decoration: what it says is also said in words beside it, or in the name of its button. */
export function Icon({ name, size = 16, className }: { name: IconName; size?: number; className?: string }) {
  const node = ICONS[name] as unknown as IconNode;
  return (
    <svg
      className={className ? `icon ${className}` : "icon"}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {node.map(([tag, attributes], i) => createElement(tag, { ...attributes, key: i }))}
    </svg>
  );
}

const KIND_ICON: Record<StepKind, IconName> = {
  agent: "bot",
  workflow: "bot",
  model: "star",
  embeddings: "book",
  tool: "wrench",
  retrieval: "book",
  handoff: "swap",
  guard: "shield",
  other: "dot",
};

export const KIND_NAME: Record<StepKind, string> = {
  agent: "agent",
  workflow: "workflow",
  model: "model call",
  embeddings: "embeddings",
  tool: "tool",
  retrieval: "retrieval",
  handoff: "handoff",
  guard: "guard",
  other: "other",
};

export function KindIcon({ kind }: { kind: StepKind }) {
  return (
    <span className={`kind kind-${kind}`} aria-hidden="true">
      <Icon name={KIND_ICON[kind]} size={12} />
    </span>
  );
}

/** The mark: a 60° sector with a brass index arm. */
export function Mark() {
  return (
    <svg className="mark" width={20} height={20} viewBox="0 0 20 20" fill="none" aria-hidden="true">
      <path d="M10 2.2 2.6 15a15 15 0 0 0 14.8 0Z" stroke="currentColor" strokeWidth={1.7} strokeLinejoin="round" />
      <path className="arm" d="M10 2.2 12.4 16.6" strokeWidth={1.9} strokeLinecap="round" />
    </svg>
  );
}

/** How a run stands: ring while running, tick, filled octagon. */
export function StateIcon({ state, size = 14 }: { state: "running" | "ok" | "error" | "silent"; size?: number }) {
  if (state === "running" || state === "silent") {
    return <span className={`ring ${state}`} aria-hidden="true" />;
  }
  if (state === "ok") return <Icon name="ok" size={size} className="state-ok" />;
  return (
    <svg className="state-error" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path className="ground" d="M5 .8h6L15.200 5v6L11 15.200H5L.8 11V5Z" />
      <path className="sign" d="M8 4.200v4.600M8 11.400v.1" strokeWidth={1.8} strokeLinecap="round" />
    </svg>
  );
}
