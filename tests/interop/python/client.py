"""Stock OpenTelemetry for Python: makes spans with everything its API can say, sends them by the exporter named on the command
line, and prints what that exporter was given, in the flat form that ../run compares."""

import base64
import json
import math
import os
import random
import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.span import TraceState

SPANS_OF_MANY = 2000

VALUES = {
    "text": "plain",
    "empty": "",
    "unicode": "Zürich 東京 🧭 \x00\x01\n\t\"quoted\" \\ </script>",
    "long": "lorem ipsum " * 20_000,
    "yes": True,
    "no": False,
    "zero": 0,
    "largest": 2**63 - 1,
    "smallest": -(2**63),
    "fraction": 0.1,
    "whole_fraction": 3.0,
    "minus_zero": -0.0,
    "tiny": 5e-324,
    "not_a_number": math.nan,
    "infinite": math.inf,
    "bytes": b"\x00\x01\x7f\x80\xff",
    "texts": ["a", "", "ß"],
    "integers": [1, -2, 2**62],
    "fractions": [0.5, -1.25, 2.0],
    "booleans": [True, False],
    "nothing": [],
}


class Recorder(SpanExporter):
    """Passes everything on and keeps what was given."""

    def __init__(self, inner):
        self.inner = inner
        self.spans = []
        self.failures = 0

    def export(self, spans):
        self.spans.extend(spans)
        result = self.inner.export(spans)
        self.failures += result is not SpanExportResult.SUCCESS
        return result

    def shutdown(self):
        self.inner.shutdown()


def any_value(value):
    match value:
        case None:
            return {}
        case bool():
            return {"boolValue": value}
        case str():
            return {"stringValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": double(value)}
        case bytes():
            return {"bytesValue": base64.b64encode(value).decode()}
        case _ if hasattr(value, "items"):
            return {"kvlistValue": {"values": attributes_of(value)}}
        case _:
            return {"arrayValue": {"values": [any_value(each) for each in value]}}


def double(value):
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def attributes_of(attributes):
    return [{"key": key, "value": any_value(value)} for key, value in (attributes or {}).items()]


def flags_of(parent):
    """This exporter says whether the parent is remote, and leaves the trace flags out."""
    return 0x100 | (0x200 if parent and parent.is_remote else 0)


def flat(span):
    context = span.get_span_context()
    return {
        "trace_id": f"{context.trace_id:032x}",
        "span_id": f"{context.span_id:016x}",
        "parent_span_id": f"{span.parent.span_id:016x}" if span.parent else "",
        "trace_state": context.trace_state.to_header(),
        "flags": flags_of(span.parent),
        "name": span.name,
        "kind": span.kind.value + 1,
        "start": str(span.start_time),
        "end": str(span.end_time),
        "status": {"code": span.status.status_code.value, "message": span.status.description or ""},
        "attributes": attributes_of(span.attributes),
        "dropped_attributes": span.dropped_attributes,
        "events": [
            {
                "name": event.name,
                "time": str(event.timestamp),
                "attributes": attributes_of(event.attributes),
                "dropped_attributes": event.dropped_attributes,
            }
            for event in span.events
        ],
        "dropped_events": span.dropped_events,
        "links": [
            {
                "trace_id": f"{link.context.trace_id:032x}",
                "span_id": f"{link.context.span_id:016x}",
                "trace_state": "",  # not sent by this exporter
                "flags": flags_of(link.context),
                "attributes": attributes_of(link.attributes),
                "dropped_attributes": link.dropped_attributes,
            }
            for link in span.links
        ],
        "dropped_links": span.dropped_links,
        "resource": {"attributes": attributes_of(span.resource.attributes), "schema_url": span.resource.schema_url or ""},
        "scope": {
            "name": span.instrumentation_scope.name,
            "version": span.instrumentation_scope.version or "",
            "attributes": attributes_of(span.instrumentation_scope.attributes),
            "schema_url": span.instrumentation_scope.schema_url or "",
        },
    }


def everything(provider):
    tracer = provider.get_tracer("everything", "2.0.1", "https://opentelemetry.io/schemas/1.30.0", {"scope.attribute": 7})
    state = TraceState([("congo", "t61rcWkgMzE"), ("rojo", "00f067aa0ba902b7")])
    remote = SpanContext(random.getrandbits(128), 0x00F067AA0BA902B7, True, TraceFlags(1), state)
    parent = trace.set_span_in_context(NonRecordingSpan(remote))
    links = [Link(remote, VALUES), Link(SpanContext(1, 2, False))]
    with tracer.start_as_current_span("every attribute", parent, SpanKind.SERVER, VALUES, links) as root:
        for kind in SpanKind:
            span = tracer.start_span(f"kind {kind.name}", kind=kind, start_time=1_700_000_000_123_456_789)
            span.set_status(Status(StatusCode.OK))
            span.end(1_700_000_001_987_654_321)
        failing = tracer.start_span("fails")
        failing.record_exception(ValueError("it broke"), timestamp=1_700_000_000_000_000_005)
        failing.add_event("with everything", VALUES, 1_700_000_000_999_999_999)
        failing.add_event("bare", timestamp=1)
        failing.set_status(Status(StatusCode.ERROR, "it broke\nbadly"))
        failing.end()
        many = {f"key.{index}": index for index in range(150)}
        over = tracer.start_span("over the limits", attributes=many, links=[Link(remote, many)] * 140)
        for index in range(140):
            over.add_event(f"event {index}", many if index == 139 else {"index": index})
        over.end()
        provider.get_tracer("bare scope").start_span("in a scope without version").end()
        root.set_attribute("late", "yes")


def many(provider):
    tracer = provider.get_tracer("many")
    with tracer.start_as_current_span("many"):
        for index in range(SPANS_OF_MANY):
            tracer.start_span(f"step {index % 17}", attributes={"index": index, "half": index / 2}).end()


def main():
    what, protocol = sys.argv[1:3]
    recorder = Recorder({"grpc": GrpcExporter, "http/protobuf": HttpExporter}[protocol]())
    resource = Resource.create({"service.name": "python", "tags": ["a", "b"], "ratio": 0.25}, "https://opentelemetry.io/schemas/1.28.0")
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(recorder, max_queue_size=10_000))
    {"everything": everything, "many": many}[what](provider)
    provider.shutdown()
    json.dump({"spans": [flat(span) for span in recorder.spans], "failures": recorder.failures}, sys.stdout)


if __name__ == "__main__":
    os.environ.setdefault("OTEL_EXPORTER_OTLP_INSECURE", "true")
    main()
