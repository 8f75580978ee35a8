// Stock OpenTelemetry: traces go by OTLP to OTEL_EXPORTER_OTLP_ENDPOINT, as in any other program. Imported first, so that it
// is set up before the first span.

import { NodeSDK } from '@opentelemetry/sdk-node';

// What a user sets in the environment wins over these.
process.env.OTEL_SERVICE_NAME ??= 'on-call-team';
process.env.OTEL_RESOURCE_ATTRIBUTES ??= 'deployment.environment.name=demo,service.version=1.4.0';
process.env.OTEL_EXPORTER_OTLP_ENDPOINT ??= 'http://127.0.0.1:4318';
process.env.OTEL_TRACES_EXPORTER ??= 'otlp';
process.env.OTEL_METRICS_EXPORTER ??= 'none';
process.env.OTEL_LOGS_EXPORTER ??= 'none';
// Steps that have ended are sent twice a second, so that a run is seen while it goes on.
process.env.OTEL_BSP_SCHEDULE_DELAY ??= '500';
process.env.OTEL_NODE_RESOURCE_DETECTORS ??= 'env,host,os,serviceinstance';

const sdk = new NodeSDK();
sdk.start();

/** Sends what is left. */
export const stopTelemetry = () => sdk.shutdown();
