// Arguments and results of tools. What is structured is shown as such: long texts (a query, a letter) as text instead of
// escaped JSON, rows as a table. The JSON as received is one button away.

import { useMemo, useState } from "react";
import { PARSE_CHARACTERS_MAX } from "../../lib/any_value.ts";
import { count, plural } from "../../lib/format.ts";
import { CodeBlock, Folded } from "./text.tsx";

const LONG = 60; // characters; a longer text gets lines of its own
const TABLE_ROWS_MAX = 200;
const TABLE_COLUMNS_MAX = 12;

type Flat = string | number | boolean | null;

function parse(text: string): unknown {
  if (text.length > PARSE_CHARACTERS_MAX) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isFlat = (v: unknown): v is Flat => v === null || typeof v !== "object";
const isObject = (v: unknown): v is Record<string, unknown> => typeof v === "object" && v !== null && !Array.isArray(v);

/** Rows of a table, when the text is a list of flat objects. */
export function tableOf(text: string): { columns: string[]; rows: Flat[][]; total: number } | null {
  const value = parse(text);
  if (!Array.isArray(value) || value.length === 0 || !value.every((r) => isObject(r) && Object.values(r).every(isFlat)))
    return null;
  const columns = [...new Set(value.slice(0, TABLE_ROWS_MAX).flatMap((r) => Object.keys(r as object)))];
  if (columns.length === 0 || columns.length > TABLE_COLUMNS_MAX) return null;
  const rows = value.slice(0, TABLE_ROWS_MAX).map((r) => {
    const known = new Map(Object.entries(r as Record<string, Flat>));
    return columns.map((c) => known.get(c) ?? null);
  });
  return { columns, rows, total: value.length };
}

const SQL = /^\s*(select|with|insert|update|delete|create|explain)\b/i;
const SQL_TOKEN =
  /('(?:[^']|'')*')|\b(select|from|where|group|order|by|filter|as|and|or|not|in|is|null|join|left|right|inner|outer|on|limit|having|with|insert|into|values|update|set|delete|create|table|distinct|case|when|then|else|end|between|like|union|all|asc|desc)\b|\b(\d+(?:\.\d+)?)\b|\b([a-z_]+)(?=\()/gi;

function SqlText({ text }: { text: string }) {
  const out: React.ReactNode[] = [];
  let at = 0;
  for (const m of text.matchAll(SQL_TOKEN)) {
    const kind = m[1] ? "string" : m[2] ? "keyword" : m[3] ? "number" : "function";
    out.push(
      text.slice(at, m.index),
      <span key={m.index} className={`tok-${kind}`}>
        {m[0]}
      </span>,
    );
    at = m.index + m[0].length;
  }
  return (
    <>
      {out}
      {text.slice(at)}
    </>
  );
}

/** SQL is coloured as what it is; the rest as JSON or plain text. */
export function LongText({ text }: { text: string }) {
  if (!SQL.test(text)) return <CodeBlock text={text} />;
  return (
    <Folded text={text}>
      {(shown) => (
        <pre className="code said">
          <SqlText text={shown} />
        </pre>
      )}
    </Folded>
  );
}

const isLong = (v: unknown): v is string => typeof v === "string" && (v.length > LONG || v.includes("\n"));

/** Short values on one line, long texts below, each under its name. */
export function Arguments({ text, title = "Arguments" }: { text: string; title?: string }) {
  const value = useMemo(() => parse(text), [text]);
  const pairs = isObject(value) ? Object.entries(value) : [];
  const long = pairs.filter(([, v]) => isLong(v)) as [string, string][];
  const rest = pairs.filter(([, v]) => !isLong(v));
  if (long.length === 0 || !rest.every(([, v]) => isFlat(v)))
    return (
      <>
        <h4>{title}</h4>
        <CodeBlock text={text} />
      </>
    );
  return (
    <>
      <div className="args-line">
        <h4>{title}</h4>
        {rest.map(([k, v]) => (
          <span key={k} className="said">
            {k} <b className={typeof v === "string" ? "tok-string" : "tok-number"}>{String(v)}</b>
          </span>
        ))}
      </div>
      {long.map(([k, v]) => (
        <div key={k}>
          {long.length > 1 && <p className="arg-name said">{k}</p>}
          <LongText text={v} />
        </div>
      ))}
    </>
  );
}

const NUMERIC = /^[-−+]?[\d.,]+(\s?[%kMB])?$/;

export function Result({ text, title = "Result" }: { text: string; title?: string }) {
  const table = useMemo(() => tableOf(text), [text]);
  const [json, setJson] = useState(false);
  if (!table)
    return (
      <>
        <h4>{title}</h4>
        <LongText text={text} />
      </>
    );
  const right = table.columns.map((_, c) =>
    table.rows.every((r) => r[c] === null || typeof r[c] === "number" || NUMERIC.test(String(r[c]))),
  );
  return (
    <>
      <div className="result-head">
        <h4>
          {title}, {plural(table.total, "row")}
          {table.total > table.rows.length && `, ${count(table.rows.length)} shown`}
        </h4>
        <button aria-pressed={!json} onClick={() => setJson(false)}>
          Table
        </button>
        <button aria-pressed={json} onClick={() => setJson(true)}>
          JSON
        </button>
      </div>
      {json ? (
        <CodeBlock text={text} />
      ) : (
        <div className="result-table num" tabIndex={0} role="region" aria-label={title}>
          <table>
            <thead>
              <tr>
                {table.columns.map((c, i) => (
                  <th key={i} scope="col" className={right[i] ? "n" : ""}>
                    {c}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((r, i) => (
                <tr key={i}>
                  {r.map((v, c) => (
                    <td key={c} className={right[c] ? "n" : ""}>
                      {v === null ? "–" : String(v)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
