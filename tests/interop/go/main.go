// Stock OpenTelemetry for Go: makes spans with everything its API can say, sends them by the exporter named on the command
// line, and prints what that exporter was given, in the flat form that ../run compares.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const spansOfMany = 2000

var values = []attribute.KeyValue{
	attribute.String("text", "plain"),
	attribute.String("empty", ""),
	attribute.String("unicode", "Zürich 東京 🧭 \x00\x01\n\t\"quoted\" \\ </script>"),
	attribute.String("long", strings.Repeat("lorem ipsum ", 20000)),
	attribute.Bool("yes", true),
	attribute.Bool("no", false),
	attribute.Int64("zero", 0),
	attribute.Int64("largest", math.MaxInt64),
	attribute.Int64("smallest", math.MinInt64),
	attribute.Float64("fraction", 0.1),
	attribute.Float64("whole_fraction", 3),
	attribute.Float64("tiny", math.SmallestNonzeroFloat64),
	attribute.Float64("not_a_number", math.NaN()),
	attribute.Float64("infinite", math.Inf(-1)),
	attribute.StringSlice("texts", []string{"a", "", "ß"}),
	attribute.Int64Slice("integers", []int64{1, -2, math.MaxInt64}),
	attribute.Float64Slice("fractions", []float64{0.5, -1.25, 2}),
	attribute.BoolSlice("booleans", []bool{true, false}),
	attribute.StringSlice("nothing", []string{}),
}

// object is a JSON object of the flat form.
type object = map[string]any

// recorder passes everything on and keeps what was given.
type recorder struct {
	sdktrace.SpanExporter
	spans    []object
	failures int
}

func (r *recorder) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, span := range spans {
		r.spans = append(r.spans, flat(span))
	}
	err := r.SpanExporter.ExportSpans(ctx, spans)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		r.failures++
	}
	return err
}

func double(value float64) any {
	switch {
	case math.IsNaN(value):
		return "NaN"
	case math.IsInf(value, 1):
		return "Infinity"
	case math.IsInf(value, -1):
		return "-Infinity"
	}
	return value
}

func array[T any](list []T, each func(T) object) object {
	found := []object{}
	for _, value := range list {
		found = append(found, each(value))
	}
	return object{"arrayValue": object{"values": found}}
}

func text(value string) object    { return object{"stringValue": value} }
func integer(value int64) object  { return object{"intValue": strconv.FormatInt(value, 10)} }
func number(value float64) object { return object{"doubleValue": double(value)} }
func truth(value bool) object     { return object{"boolValue": value} }

func anyValue(value attribute.Value) object {
	switch value.Type() {
	case attribute.STRING:
		return text(value.AsString())
	case attribute.INT64:
		return integer(value.AsInt64())
	case attribute.FLOAT64:
		return number(value.AsFloat64())
	case attribute.BOOL:
		return truth(value.AsBool())
	case attribute.STRINGSLICE:
		return array(value.AsStringSlice(), text)
	case attribute.INT64SLICE:
		return array(value.AsInt64Slice(), integer)
	case attribute.FLOAT64SLICE:
		return array(value.AsFloat64Slice(), number)
	case attribute.BOOLSLICE:
		return array(value.AsBoolSlice(), truth)
	}
	panic("a kind of attribute that this program does not make: " + value.Type().String())
}

func attributesOf(list []attribute.KeyValue) []object {
	found := []object{}
	for _, each := range list {
		found = append(found, object{"key": string(each.Key), "value": anyValue(each.Value)})
	}
	return found
}

// flagsOf is what the exporter makes of trace flags and parent; its versions before 1.20 sent none.
func flagsOf(flags trace.TraceFlags, parent trace.SpanContext) uint32 {
	if strings.HasPrefix(otel.Version(), "1.16.") {
		return 0
	}
	found := uint32(flags) | 0x100
	if parent.IsRemote() {
		found |= 0x200
	}
	return found
}

func flat(span sdktrace.ReadOnlySpan) object {
	context := span.SpanContext()
	parent := ""
	if span.Parent().SpanID().IsValid() {
		parent = span.Parent().SpanID().String()
	}
	events := []object{}
	for _, event := range span.Events() {
		events = append(events, object{
			"name": event.Name, "time": nanoseconds(event.Time), "attributes": attributesOf(event.Attributes),
			"dropped_attributes": event.DroppedAttributeCount,
		})
	}
	links := []object{}
	for _, link := range span.Links() {
		links = append(links, object{
			"trace_id": link.SpanContext.TraceID().String(), "span_id": link.SpanContext.SpanID().String(),
			"trace_state": "", // not sent by this exporter
			"flags":       flagsOf(link.SpanContext.TraceFlags(), link.SpanContext),
			"attributes":  attributesOf(link.Attributes), "dropped_attributes": link.DroppedAttributeCount,
		})
	}
	scope := span.InstrumentationScope()
	return object{
		"trace_id": context.TraceID().String(), "span_id": context.SpanID().String(), "parent_span_id": parent,
		"trace_state": context.TraceState().String(), "flags": flagsOf(context.TraceFlags(), span.Parent()),
		"name": span.Name(), "kind": int(span.SpanKind()),
		"start": nanoseconds(span.StartTime()), "end": nanoseconds(span.EndTime()),
		"status":     object{"code": statusOf(span.Status().Code), "message": span.Status().Description},
		"attributes": attributesOf(span.Attributes()), "dropped_attributes": span.DroppedAttributes(),
		"events": events, "dropped_events": span.DroppedEvents(),
		"links": links, "dropped_links": span.DroppedLinks(),
		"resource": object{"attributes": attributesOf(span.Resource().Attributes()), "schema_url": span.Resource().SchemaURL()},
		"scope":    object{"name": scope.Name, "version": scope.Version, "attributes": []object{}, "schema_url": scope.SchemaURL},
	}
}

func nanoseconds(when time.Time) string { return strconv.FormatInt(when.UnixNano(), 10) }

// statusOf gives OTLP's number; this API orders them differently.
func statusOf(code codes.Code) int {
	return map[codes.Code]int{codes.Unset: 0, codes.Ok: 1, codes.Error: 2}[code]
}

func everything(provider *sdktrace.TracerProvider) {
	schema := trace.WithSchemaURL("https://opentelemetry.io/schemas/1.30.0")
	tracer := provider.Tracer("everything", trace.WithInstrumentationVersion("2.0.1"), schema)
	state, _ := trace.ParseTraceState("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7")
	traceID := trace.TraceID{}
	if _, err := rand.Read(traceID[:]); err != nil {
		panic(err)
	}
	spanID, _ := trace.SpanIDFromHex("00f067aa0ba902b7")
	remote := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: traceID, SpanID: spanID, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true,
	})
	link := trace.Link{SpanContext: remote, Attributes: values}
	ctx := trace.ContextWithRemoteSpanContext(context.Background(), remote)
	ctx, root := tracer.Start(ctx, "every attribute", trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(values...), trace.WithLinks(link))
	for kind := trace.SpanKindInternal; kind <= trace.SpanKindConsumer; kind++ {
		_, span := tracer.Start(ctx, "kind "+kind.String(), trace.WithSpanKind(kind), trace.WithTimestamp(time.Unix(1_700_000_000, 123_456_789)))
		span.SetStatus(codes.Ok, "")
		span.End(trace.WithTimestamp(time.Unix(1_700_000_001, 987_654_321)))
	}
	_, failing := tracer.Start(ctx, "fails")
	failing.RecordError(errors.New("it broke"), trace.WithTimestamp(time.Unix(1_700_000_000, 5)))
	failing.AddEvent("with everything", trace.WithAttributes(values...), trace.WithTimestamp(time.Unix(1_700_000_000, 999_999_999)))
	failing.SetStatus(codes.Error, "it broke\nbadly")
	failing.End()
	overLimits(ctx, tracer, remote)
	_, bare := provider.Tracer("bare scope").Start(ctx, "in a scope without version")
	bare.End()
	root.End()
}

// overLimits says more than the SDK keeps: it counts what it drops.
func overLimits(ctx context.Context, tracer trace.Tracer, other trace.SpanContext) {
	many := []attribute.KeyValue{}
	links := []trace.Link{}
	for index := 0; index < 150; index++ {
		many = append(many, attribute.Int(fmt.Sprintf("key.%d", index), index))
		links = append(links, trace.Link{SpanContext: other, Attributes: many})
	}
	_, span := tracer.Start(ctx, "over the limits", trace.WithAttributes(many...), trace.WithLinks(links...))
	for index := 0; index < 140; index++ {
		span.AddEvent(fmt.Sprintf("event %d", index), trace.WithAttributes(many...))
	}
	span.End()
}

func many(provider *sdktrace.TracerProvider) {
	tracer := provider.Tracer("many")
	ctx, root := tracer.Start(context.Background(), "many")
	for index := 0; index < spansOfMany; index++ {
		_, span := tracer.Start(ctx, fmt.Sprintf("step %d", index%17),
			trace.WithAttributes(attribute.Int("index", index), attribute.Float64("half", float64(index)/2)))
		span.End()
	}
	root.End()
}

func run(what, protocol string) error {
	ctx := context.Background()
	var exporter sdktrace.SpanExporter
	var err error
	if protocol == "grpc" {
		exporter, err = otlptracegrpc.New(ctx)
	} else {
		exporter, err = otlptracehttp.New(ctx)
	}
	if err != nil {
		return err
	}
	keep := &recorder{SpanExporter: exporter}
	attributes := resource.NewWithAttributes("https://opentelemetry.io/schemas/1.28.0",
		attribute.String("service.name", "go"), attribute.StringSlice("tags", []string{"a", "b"}), attribute.Float64("ratio", 0.25))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(keep, sdktrace.WithMaxQueueSize(10_000)), sdktrace.WithResource(attributes))
	if what == "many" {
		many(provider)
	} else {
		everything(provider)
	}
	if err := provider.Shutdown(ctx); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(object{"spans": keep.spans, "failures": keep.failures})
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
