// What to type so that an agent sends its telemetry here, with the server's real addresses in it.

import type { ServerStatus } from "../api/types.ts";

export interface Snippet {
  name: string;
  code: string;
  note: string;
}

const CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

/** The line of a snippet that records prompts and answers, from 1. */
export function contentLine(code: string): number {
  return code.split("\n").findIndex((line) => line.includes(CONTENT)) + 1;
}

function recordsMessages(code: string): string {
  const line = contentLine(code);
  return `Line ${line} records prompts and answers. Without it you see timing and tokens, but no messages.`;
}

/** Without a note of its own, the snippet's note is about recorded messages. */
function withNote(name: string, lines: string[], note?: string): Snippet {
  const code = lines.join("\n");
  return { name, code, note: note ?? recordsMessages(code) };
}

/** Addresses as this browser can reach them: a server that listens everywhere is where the page came from. */
export function reachable(addresses: ServerStatus["addresses"], host: string): ServerStatus["addresses"] {
  const named = (address: string) => address.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, host);
  return {
    http: named(addresses.http),
    otlp_http: named(addresses.otlp_http),
    otlp_grpc: named(addresses.otlp_grpc),
  };
}

export function snippets(addresses: ServerStatus["addresses"]): Snippet[] {
  const http = `http://${addresses.otlp_http}`;
  return [...instrumented(http), cpp(http, addresses.otlp_grpc), ...byHand(http)];
}

/** Languages whose model clients are traced without a change in the program. */
function instrumented(http: string): Snippet[] {
  return [
    withNote("Python", [
      "# traces the openai client without a change in your code",
      "pip install opentelemetry-distro opentelemetry-exporter-otlp \\",
      "            opentelemetry-instrumentation-openai-v2",
      "",
      `export OTEL_EXPORTER_OTLP_ENDPOINT=${http}`,
      "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
      "export OTEL_SERVICE_NAME=my-agent",
      "export OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental",
      `export ${CONTENT}=SPAN_ONLY`,
      "",
      "opentelemetry-instrument python agent.py",
    ]),
    withNote("Node", [
      "# traces the openai client; agent.js stays as it is",
      "npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node \\",
      "            @opentelemetry/instrumentation-openai",
      "",
      `export OTEL_EXPORTER_OTLP_ENDPOINT=${http}`,
      "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
      "export OTEL_SERVICE_NAME=my-agent",
      `export ${CONTENT}=true`,
      "",
      "node --require @opentelemetry/auto-instrumentations-node/register agent.js",
    ]),
  ];
}

function cpp(http: string, grpc: string): Snippet {
  return withNote(
    "C++",
    [
      "# any program that exports through opentelemetry-cpp's OtlpHttpExporter",
      `export OTEL_EXPORTER_OTLP_ENDPOINT=${http}`,
      "export OTEL_SERVICE_NAME=my-agent",
      "./my-agent",
      "",
      "# or over gRPC, with OtlpGrpcExporter",
      `export OTEL_EXPORTER_OTLP_ENDPOINT=http://${grpc}`,
    ],
    "Spans become steps of an agent by their gen_ai.* attributes; others are shown as they are.",
  );
}

function byHand(http: string): Snippet[] {
  return [
    withNote(
      "curl",
      [
        "# one span by hand",
        `curl -i ${http}/v1/traces -H 'content-type: application/json' -d '{`,
        `  "resourceSpans": [{`,
        `    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "by-hand"}}]},`,
        `    "scopeSpans": [{"spans": [{`,
        `      "traceId": "'$(openssl rand -hex 16)'", "spanId": "'$(openssl rand -hex 8)'",`,
        `      "name": "hello", "kind": 1,`,
        `      "startTimeUnixNano": "'$(date +%s%N)'", "endTimeUnixNano": "'$(date +%s%N)'"`,
        `    }]}]`,
        `  }]`,
        `}'`,
      ],
      'The answer {"partialSuccess":{}} or {} means: stored. An error says what was wrong.',
    ),
    withNote(
      "Collector",
      [
        "# otel-collector.yaml: send on what already arrives there",
        "exporters:",
        "  otlphttp/sextant:",
        `    endpoint: ${http}`,
        "    tls: {insecure: true}",
        "service:",
        "  pipelines:",
        "    traces:",
        "      receivers: [otlp]",
        "      exporters: [otlphttp/sextant]",
      ],
      "Add the exporter to the pipeline you have; the others stay.",
    ),
  ];
}

export interface Token {
  text: string;
  kind: "" | "comment" | "keyword" | "name" | "string";
}

/** Colours of one line of shell or YAML. A reading aid only, so it may be coarse. */
export function colourLine(line: string): Token[] {
  if (line.trimStart().startsWith("#")) return [{ text: line, kind: "comment" }];
  const assign = /^(export )([A-Z_]+)(=)(.*)$/.exec(line);
  if (assign) {
    return [
      { text: assign[1], kind: "keyword" },
      { text: assign[2], kind: "name" },
      { text: assign[3], kind: "" },
      { text: assign[4], kind: "string" },
    ];
  }
  const field = /^(\s*)([\w/]+)(:)( .*)?$/.exec(line);
  if (field) {
    return [
      { text: field[1], kind: "" },
      { text: field[2], kind: "name" },
      { text: field[3], kind: "" },
      { text: field[4] ?? "", kind: "string" },
    ];
  }
  return line.split(/("[^"]*")/).map((text, i) => ({ text, kind: i % 2 ? "string" : "" }));
}
