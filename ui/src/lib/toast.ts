// Short confirmations ("Link copied"), and the clipboard they mostly speak of.

import { createStore } from "./store.ts";

export interface Toast {
  text: string;
  bad: boolean;
  serial: number;
}

const SHOWN_MS = 2200;
export const toast = createStore<Toast | null>(null);
let serial = 0;

/** A newer sentence replaces the one before. */
export function say(text: string, bad = false): void {
  const mine = { text, bad, serial: ++serial };
  toast.set(mine);
  window.setTimeout(() => toast.get() === mine && toast.set(null), SHOWN_MS);
}

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    // Why the detour: without HTTPS, browsers give the clipboard only to 127.0.0.1 and localhost.
    if (copyBySelection(text)) say(`${what} copied`);
    else say("The browser does not let this page copy", true);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "offscreen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

/** Hands the reader a file made in the page. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
