// Where the reader is. Opening something pushes an entry of history; refining what is shown replaces it.

import { createStore, useStore } from "./store.ts";

export interface Place {
  path: string;
  search: string;
}

const here = (): Place => ({ path: window.location.pathname, search: window.location.search });
const place = createStore<Place>(here());

window.addEventListener("popstate", () => place.set(here()));

export function usePlace(): Place {
  return useStore(place);
}

/** Goes to another view; Back returns. */
export function open(url: string): void {
  if (url === window.location.pathname + window.location.search) return;
  window.history.pushState(null, "", url);
  place.set(here());
}

/** Refines this view; Back leaves it. */
export function replace(url: string): void {
  if (url === window.location.pathname + window.location.search) return;
  window.history.replaceState(null, "", url);
  place.set(here());
}

/** For links: a plain click stays in the page, a click with a modifier is the browser's. */
export function followLink(event: React.MouseEvent<HTMLAnchorElement>): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  open(event.currentTarget.pathname + event.currentTarget.search);
}
