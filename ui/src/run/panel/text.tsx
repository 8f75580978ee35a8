// Text that came from outside, as text: folded when long, coloured when it is JSON, never read as markup. The few marks of
// Markdown that models write all the time (code, bold, lists, headings) become elements made here.

import { useState, type ReactNode } from "react";
import { bytes } from "../../lib/format.ts";
import { download } from "../../lib/toast.ts";
import { jsonTokens, prettyJson } from "../../lib/any_value.ts";

const FOLD_LINES = 8;
const FOLD_CHARS = 900; // about as much as eight lines hold
const SHOWN_MAX = 2_000_000; // more than that is saved as a file: no window lays it out in bearable time
const COLOUR_CHARS_MAX = 200_000;

const byteLength = (text: string) => new Blob([text]).size;

/** Cuts text to the first lines; the whole is a key away. */
export function Folded({ text, children }: { text: string; children: (shown: string) => ReactNode }) {
  const [all, setAll] = useState(false);
  let end = text.length;
  let at = -1;
  for (let lines = 0; lines < FOLD_LINES; lines++) {
    at = text.indexOf("\n", at + 1);
    if (at === -1) break;
    if (lines === FOLD_LINES - 1) end = at;
  }
  end = Math.min(end, FOLD_CHARS);
  // Why the margin: hiding one more line behind a button saves nobody anything.
  const folds = text.length > end + 120;
  const save = () => download("text.txt", "text/plain;charset=utf-8", text);
  const large = text.length > SHOWN_MAX;
  return (
    <>
      {children(all || !folds ? text : text.slice(0, end))}
      {folds && (
        <button className="linkish show-all" onClick={large ? save : () => setAll(!all)}>
          {all ? "Show less" : `${large ? "Save" : "Show"} all, ${bytes(byteLength(text))}`}
        </button>
      )}
    </>
  );
}

/** Above some length colours would cost more than they tell. */
export function CodeText({ text }: { text: string }) {
  if (text.length > COLOUR_CHARS_MAX) return <>{text}</>;
  return (
    <>
      {jsonTokens(text).map((t, i) =>
        t.kind ? (
          <span key={i} className={`tok-${t.kind}`}>
            {t.text}
          </span>
        ) : (
          t.text
        ),
      )}
    </>
  );
}

/** A block of code: JSON is laid out and coloured, anything else stands as it came. */
export function CodeBlock({ text }: { text: string }) {
  const pretty = prettyJson(text);
  return (
    <Folded text={pretty ?? text}>
      {(shown) => <pre className="code said">{pretty === null ? shown : <CodeText text={shown} />}</pre>}
    </Folded>
  );
}

/** `code` and **bold** inside a line. */
function inline(line: string): ReactNode[] {
  return line.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/).map((part, i) => {
    if (i % 2 === 0) return part;
    return part.startsWith("`") ? (
      <code key={i}>{part.slice(1, -1)}</code>
    ) : (
      <strong key={i}>{part.slice(2, -2)}</strong>
    );
  });
}

/** One line: heading, list item, gap or text. */
function proseLine(line: string, key: number): ReactNode {
  const heading = /^#{1,4} (.+)$/.exec(line);
  if (heading)
    return (
      <p key={key} className="md-head">
        {inline(heading[1])}
      </p>
    );
  const item = /^(\s*)([-*]|\d+\.) (.+)$/.exec(line);
  if (item) {
    const mark = /\d/.test(item[2]) ? item[2] : "•";
    return (
      <p key={key} className="md-item" style={{ marginLeft: Math.min(4, item[1].length / 2) * 14 }}>
        <span>{mark}</span>
        <span>{inline(item[3])}</span>
      </p>
    );
  }
  return line.trim() === "" ? <p key={key} className="md-gap" /> : <p key={key}>{inline(line)}</p>;
}

/** What a model wrote. HTML in it stays text; links and images are neither followed nor loaded. */
export function Prose({ text }: { text: string }) {
  if (prettyJson(text) !== null) return <CodeBlock text={text} />;
  return (
    <Folded text={text}>
      {(shown) => (
        <div className="prose said">
          {shown.split(/(```[^\n]*\n[\s\S]*?(?:```|$))/).map((block, i) =>
            i % 2 === 1 ? (
              <pre key={i} className="code">
                {block.replace(/^```[^\n]*\n/, "").replace(/\n?```$/, "")}
              </pre>
            ) : (
              <div key={i}>
                {block
                  .replace(/^\n|\n$/g, "")
                  .split("\n")
                  .map(proseLine)}
              </div>
            ),
          )}
        </div>
      )}
    </Folded>
  );
}
