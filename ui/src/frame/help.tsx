// All keys of the view that is open, made from what the view declared: the list cannot be out of date.

import { useEffect, useRef } from "react";
import { declared, useKeys, type KeyBinding } from "../lib/keys.ts";
import { useStore } from "../lib/store.ts";
import { Icon } from "./icons.tsx";

const SHOWN: Record<string, string> = {
  ArrowDown: "↓",
  ArrowUp: "↑",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  "ctrl+k": "Ctrl K",
  "ctrl+f": "Ctrl F",
};

function Combo({ keys }: { keys: string[] }) {
  return (
    <span className="combo">
      {keys
        .slice(0, 2)
        .flatMap((k) => k.split(" "))
        .map((k, i) => (
          <kbd key={i}>{SHOWN[k] ?? k}</kbd>
        ))}
    </span>
  );
}

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const all = useStore(declared);
  useEffect(() => dialog.current?.showModal(), []);
  useKeys([{ keys: ["?"], label: "", group: "", inDialog: true, run: onClose }]);
  const groups = new Map<string, KeyBinding[]>();
  for (const binding of all) {
    if (!binding.label) continue;
    const group = groups.get(binding.group) ?? [];
    groups.set(binding.group, [...group, binding]);
  }
  return (
    <dialog
      ref={dialog}
      className="help"
      aria-labelledby="help-title"
      onClose={onClose}
      onClick={(e) => e.target === dialog.current && onClose()}
    >
      <header>
        <h2 id="help-title" className="grow">
          All keys
        </h2>
        <button className="iconbutton" aria-label="Close" onClick={onClose}>
          <Icon name="x" />
        </button>
      </header>
      <div className="groups">
        {[...groups].map(([group, bindings]) => (
          <section key={group}>
            <h3>{group}</h3>
            <ul>
              {bindings.map((b) => (
                <li key={b.label}>
                  <Combo keys={b.keys} />
                  <span>{b.label}</span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </dialog>
  );
}
