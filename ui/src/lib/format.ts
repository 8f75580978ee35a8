// Numbers and times as people read them. One place, so that every view says the same thing the same way.
// Unknown is "–", never 0. Three figures; a space before the unit; the true minus sign.

export const UNKNOWN = "–";
const NARROW = "\u00a0"; // keeps number and unit on one line

/** A number with three significant figures: 2.84, 48.6, 190. */
function three(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  if (value < 99.95) return value.toFixed(1);
  return value.toFixed(0);
}

const two = (n: number) => String(n).padStart(2, "0");

/** Nanoseconds → "850 µs", "190 ms", "2.84 s", "1 m 05 s", "2 h 14 m". */
export function duration(ns: number | null | undefined): string {
  if (ns === null || ns === undefined || !Number.isFinite(ns)) return UNKNOWN;
  if (ns < 0) return "−" + duration(-ns);
  if (ns === 0) return `0${NARROW}s`;
  if (ns < 1e3) return `${Math.round(ns)}${NARROW}ns`;
  // Why the odd bounds: 999.6 µs rounds to 1,000 µs, which is said as 1.00 ms.
  if (ns < 999.5e3) return `${trimmed(ns / 1e3)}${NARROW}µs`;
  if (ns < 999.5e6) return `${trimmed(ns / 1e6)}${NARROW}ms`;
  if (ns < 59.95e9) return `${three(ns / 1e9)}${NARROW}s`;
  const seconds = Math.round(ns / 1e9);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${NARROW}m${NARROW}${two(seconds % 60)}${NARROW}s`;
  const minutes = Math.round(ns / 60e9);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}${NARROW}h${NARROW}${two(minutes % 60)}${NARROW}m`;
  const hours = Math.round(ns / 3600e9);
  return `${Math.floor(hours / 24)}${NARROW}d${NARROW}${hours % 24}${NARROW}h`;
}

/** Whole numbers of a small unit stay whole: "190", but "1.84" under ten. */
function trimmed(value: number): string {
  return Number.isInteger(value) ? String(value) : three(value);
}

/** Short form for axes and ticks: "0", "10 s", "2.5 ms", "1 m 30 s". */
export function axisTime(ns: number): string {
  if (ns === 0) return "0";
  const units: [number, string][] = [
    [1e9, "s"],
    [1e6, "ms"],
    [1e3, "µs"],
    [1, "ns"],
  ];
  if (ns >= 60e9) return duration(ns);
  for (const [size, unit] of units) {
    if (ns >= size) return `${Number((ns / size).toPrecision(4))}${NARROW}${unit}`;
  }
  return duration(ns);
}

/** Counts: exact to 9,999, then "12.4k", "1.28M", "3.05B". */
export function count(n: number | null | undefined): string {
  if (n === null || n === undefined || !Number.isFinite(n)) return UNKNOWN;
  if (n < 0) return "−" + count(-n);
  if (n < 9999.5) return Math.round(n).toLocaleString("en-US");
  if (n < 999.5e3) return three(n / 1e3) + "k";
  if (n < 999.5e6) return three(n / 1e6) + "M";
  return three(n / 1e9) + "B";
}

/** The same for the labels of an axis, whose steps are round: "0", "20k", "1.5M". */
export function axisCount(n: number): string {
  const units: [number, string][] = [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ];
  for (const [size, unit] of units) if (n >= size) return `${Number((n / size).toPrecision(3))}${unit}`;
  return String(Number(n.toPrecision(3)));
}

/** A bound of duration on an axis: "0.3 s", "30 s", "5 m", "2 h"; milliseconds below a tenth of a second. */
export function axisBound(ns: number): string {
  if (ns >= 3600e9) return `${Number((ns / 3600e9).toPrecision(2))}${NARROW}h`;
  if (ns >= 120e9) return `${Number((ns / 60e9).toPrecision(2))}${NARROW}m`;
  if (ns >= 0.1e9) return `${Number((ns / 1e9).toPrecision(3))}${NARROW}s`;
  return axisTime(ns);
}

/** A share of one → "0.4 %", "28 %". */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return UNKNOWN;
  const p = share * 100;
  if (p < 0) return "−" + percent(-share);
  return `${p !== 0 && p < 9.95 ? p.toFixed(1) : p.toFixed(0)}${NARROW}%`;
}

/** Bytes → "96 B", "14 KB", "2.1 MB", "48.2 GB", "1.30 TB" (powers of 1,000). */
export function bytes(n: number | null | undefined): string {
  if (n === null || n === undefined || !Number.isFinite(n)) return UNKNOWN;
  if (n < 1000) return `${n}${NARROW}B`;
  if (n < 999.5e3) return `${n < 9.95e3 ? (n / 1e3).toFixed(1) : (n / 1e3).toFixed(0)}${NARROW}KB`;
  if (n < 999.95e6) return `${(n / 1e6).toFixed(1)}${NARROW}MB`;
  if (n < 999.95e9) return `${(n / 1e9).toFixed(1)}${NARROW}GB`;
  return `${(n / 1e12).toFixed(2)}${NARROW}TB`;
}

/** "1 run", "2 runs". */
export function plural(n: number, one: string, many = one + "s"): string {
  return `${count(n)}${NARROW}${n === 1 ? one : many}`;
}

/** Unix nanoseconds as text → milliseconds with fraction, exact enough to show. */
export function nanoToMs(nano: string): number {
  const n = BigInt(nano);
  return Number(n / 1_000_000n) + Number(n % 1_000_000n) / 1e6;
}

/** How long ago: "now", "14 s ago", "11 min ago", "3 h ago", then the local date. */
export function ago(ms: number, nowMs: number): string {
  const s = Math.round((nowMs - ms) / 1000);
  if (s < -1) return clock(ms);
  if (s < 2) return "now";
  if (s < 60) return `${s}${NARROW}s ago`;
  if (s < 3600) return `${Math.floor(s / 60)}${NARROW}min ago`;
  if (s < 86400) return `${Math.floor(s / 3600)}${NARROW}h ago`;
  return shortDate(ms, nowMs);
}

/** The same without "ago", for narrow places. */
export function agoShort(ms: number, nowMs: number): string {
  return ago(ms, nowMs).replace(/ ago$/, "");
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export function shortDate(ms: number, nowMs: number): string {
  const day = new Date(ms);
  const yesterday = new Date(nowMs);
  yesterday.setDate(yesterday.getDate() - 1);
  if (day.toDateString() === yesterday.toDateString()) return "yesterday";
  const year = day.getFullYear() === new Date(nowMs).getFullYear() ? "" : ` ${day.getFullYear()}`;
  return `${day.getDate()} ${MONTHS[day.getMonth()]}${year}`;
}

/** Local time of day: "14:21:07" or, without seconds, "14:21". */
export function clock(ms: number, seconds = true): string {
  const d = new Date(ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}${seconds ? ":" + two(d.getSeconds()) : ""}`;
}

/** "14:21", with the day before it when that is not today's. */
export function dayClock(ms: number, nowMs: number): string {
  const d = new Date(ms);
  const same = d.toDateString() === new Date(nowMs).toDateString();
  return same ? clock(ms, false) : `${d.getDate()} ${MONTHS[d.getMonth()]} ${clock(ms, false)}`;
}

/** What the hover says: exact to the millisecond, UTC, distance, zone. */
export function exactTime(ms: number, nowMs: number): string {
  const d = new Date(ms);
  const millis = String(d.getMilliseconds()).padStart(3, "0");
  const local = `${DAYS[d.getDay()]} ${d.getDate()} ${MONTHS[d.getMonth()]} ${d.getFullYear()}, ${clock(ms)}.${millis}`;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `${local}\nUTC ${d.toISOString().slice(11, 23)} · ${longAgo(nowMs - ms)} · ${zone}`;
}

function longAgo(deltaMs: number): string {
  if (deltaMs < 0) return `in ${duration(-deltaMs * 1e6)}`;
  const s = Math.round(deltaMs / 1000);
  if (s < 60) return `${s} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s ago`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min ago`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h ago`;
}

export const LINE_CHARACTERS_MAX = 300;

/** One line's worth of a text from outside: names may be megabytes long, and a row must not lay them out. */
export function clip(text: string): string {
  return text.length > LINE_CHARACTERS_MAX ? text.slice(0, LINE_CHARACTERS_MAX) + "…" : text;
}

/** "8f3c2a91…d07e" */
export function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
}
