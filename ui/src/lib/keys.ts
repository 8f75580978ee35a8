// The keyboard. Views declare their keys while they stand; the help dialog lists what is declared at the moment. Keys
// rest while somebody types, and while a dialog is open only the dialog's own act.

import { useEffect, useRef } from "react";
import { createStore } from "./store.ts";

export interface KeyBinding {
  keys: string[]; // any of: "j", "g r" (one after the other), "ctrl+k", "Enter"
  label: string;
  group: string; // heading in the help
  run: (event: KeyboardEvent) => void;
  inDialog?: boolean;
}

const SEQUENCE_MS = 1000;
const layers: KeyBinding[][] = [];
export const declared = createStore<KeyBinding[]>([]);
let pending = "";
let pendingAt = 0;

/** Keys rest where a letter would be text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** Command on a Mac and Control elsewhere are the same key to the page. */
function nameOf(event: KeyboardEvent): string {
  const key = event.key === " " ? "Space" : event.key;
  return event.ctrlKey || event.metaKey ? `ctrl+${key.toLowerCase()}` : key;
}

/** Enter and Space on a focused control are that control's. */
function belongsToControl(event: KeyboardEvent, name: string): boolean {
  if (name !== "Enter" && name !== "Space") return false;
  return event.target instanceof Element && event.target.closest("button, a, summary, input, [role=tab]") !== null;
}

/** The view declared last stands on top: its keys come first. */
function find(name: string, dialogOpen: boolean): KeyBinding | undefined {
  for (let i = layers.length - 1; i >= 0; i--) {
    const found = layers[i].find((b) => b.keys.includes(name) && (!dialogOpen || b.inDialog));
    if (found) return found;
  }
  return undefined;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const name = nameOf(event);
  const chord = name.startsWith("ctrl+");
  if (isTyping(event.target) && !chord) return;
  if (belongsToControl(event, name)) return;
  const dialogOpen = document.querySelector("dialog[open]") !== null;
  const fresh = event.timeStamp - pendingAt < SEQUENCE_MS;
  const sequence = pending && fresh ? `${pending} ${name}` : "";
  const binding = (sequence && find(sequence, dialogOpen)) || find(name, dialogOpen);
  pending = name;
  pendingAt = event.timeStamp;
  if (!binding) return;
  pending = "";
  event.preventDefault();
  binding.run(event);
}

export function startKeys(): void {
  document.addEventListener("keydown", onKey);
}

/** Declares keys for as long as the calling component stands. */
export function useKeys(bindings: KeyBinding[]): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  const shape = bindings.map((b) => b.keys.join()).join(";");
  useEffect(() => {
    // The layer stays in place; what its keys do follows the latest render.
    const layer = latest.current.map((b, i) => ({
      ...b,
      run: (e: KeyboardEvent) => latest.current[i]?.run(e),
    }));
    layers.push(layer);
    declared.set(layers.flat());
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      declared.set(layers.flat());
    };
  }, [shape]);
}

/** Does what a key does, for the buttons that stand for keys. */
export function pressKey(key: string): void {
  document.dispatchEvent(new KeyboardEvent("keydown", { key }));
}
