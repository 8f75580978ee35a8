// Stock OpenTelemetry for a scenario: NodeSDK, one of its three OTLP trace exporters chosen by the usual environment
// variables, and around that exporter a recorder that notes what it was given. Nothing else is special to the tests.

import { writeFileSync } from 'node:fs';

import { NodeSDK } from '@opentelemetry/sdk-node';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';

import { flattenReadable } from './otlp.mjs';

/** Sends nothing: for recording what an instrumentation produces. */
class NoExporter {
  export(_, done) {
    done({ code: 0 });
  }

  async shutdown() {}
}

const exporters = {
  none: NoExporter,
  grpc: GrpcExporter,
  'http/json': JsonExporter,
  'http/protobuf': ProtobufExporter,
};

/** An exporter that passes everything on and keeps what was sent and how it ended. */
export class Recorder {
  constructor(inner) {
    this.inner = inner;
    this.spans = [];
    this.failures = [];
  }

  export(spans, done) {
    this.spans.push(...spans);
    this.inner.export(spans, (result) => {
      if (result.code !== 0) this.failures.push(String(result.error ?? 'export failed'));
      done(result);
    });
  }

  forceFlush() {
    return this.inner.forceFlush?.() ?? Promise.resolve();
  }

  shutdown() {
    return this.inner.shutdown();
  }

  /** Leaves what was sent where the parent process looks for it. */
  report(notes) {
    const report = { spans: this.spans.map(flattenReadable), failures: this.failures, notes };
    writeFileSync(process.env.CLIENT_REPORT, JSON.stringify(report));
  }
}

export function exporterFromEnvironment() {
  const protocol = process.env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf';
  return new exporters[protocol]();
}

/** Starts the SDK; `finish(notes)` flushes it and writes the report, in which `notes` say what the scenario saw. */
export function startTelemetry(options = {}) {
  const recorder = new Recorder(exporterFromEnvironment());
  const sdk = new NodeSDK({ traceExporter: recorder, ...options });
  sdk.start();
  const finish = async (notes = {}) => {
    await sdk.shutdown();
    recorder.report(notes);
  };
  return { finish };
}
