// Export requests taken apart, for tests to look into.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "otlp/wire.h"

namespace sextant::tests {

/// An AnyValue as text: `"text"`, `true`, `7`, `0.5`, `[…]`, `{k=v}`, `bytes(n)`, empty for an empty value.
inline std::string value_text(std::string_view any) {
  otlp::Reader fields(any);
  if (!fields.next()) return {};
  std::string out;
  switch (fields.field()) {
    case 1:
      return '"' + std::string(fields.bytes()) + '"';
    case 2:
      return fields.number() != 0 ? "true" : "false";
    case 3:
      return std::to_string(static_cast<std::int64_t>(fields.number()));
    case 4:
      return std::to_string(fields.real());
    case 7:
      return "bytes(" + std::to_string(fields.bytes().size()) + ")";
    default:
      break;
  }
  otlp::Reader elements(fields.bytes());
  while (elements.next()) {
    if (!out.empty()) out += ',';
    if (fields.field() == 5) {
      out += value_text(elements.bytes());
      continue;
    }
    otlp::Reader pair(elements.bytes());
    std::string key;
    std::string value;
    while (pair.next())
      (pair.field() == 1 ? key : value) = pair.field() == 1 ? std::string(pair.bytes()) : value_text(pair.bytes());
    out += key + '=' + value;
  }
  return fields.field() == 5 ? '[' + out + ']' : '{' + out + '}';
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

inline void add_pair(Pairs& pairs, std::string_view key_value) {
  otlp::Reader pair(key_value);
  pairs.emplace_back();
  while (pair.next()) {
    if (pair.field() == 1) pairs.back().first = std::string(pair.bytes());
    if (pair.field() == 2) pairs.back().second = value_text(pair.bytes());
  }
}

inline std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

struct DecodedEvent {
  std::string name;
  std::uint64_t time_ns = 0;
  Pairs attributes;
  std::uint64_t dropped = 0;
};

struct DecodedLink {
  std::string trace_id, span_id, trace_state;
  std::uint64_t flags = 0;
  Pairs attributes;
};

struct DecodedSpan {
  std::string scope;
  std::string trace_id, span_id, parent_id, trace_state, name, status_message;
  std::uint64_t kind = 0, start_ns = 0, end_ns = 0, flags = 0, status = 0;
  std::uint64_t attributes_dropped = 0, events_dropped = 0, links_dropped = 0;
  Pairs attributes;
  std::vector<DecodedEvent> events;
  std::vector<DecodedLink> links;

  /// Empty where there is no such key.
  std::string attribute(std::string_view key) const {
    for (const auto& [name_of, value] : attributes) {
      if (name_of == key) return value;
    }
    return {};
  }
};

inline DecodedEvent decode_event(std::string_view bytes) {
  DecodedEvent event;
  otlp::Reader fields(bytes);
  while (fields.next()) {
    if (fields.field() == 1) event.time_ns = fields.number();
    if (fields.field() == 2) event.name = std::string(fields.bytes());
    if (fields.field() == 3) add_pair(event.attributes, fields.bytes());
    if (fields.field() == 4) event.dropped = fields.number();
  }
  return event;
}

inline DecodedLink decode_link(std::string_view bytes) {
  DecodedLink link;
  otlp::Reader fields(bytes);
  while (fields.next()) {
    if (fields.field() == 1) link.trace_id = hex(fields.bytes());
    if (fields.field() == 2) link.span_id = hex(fields.bytes());
    if (fields.field() == 3) link.trace_state = std::string(fields.bytes());
    if (fields.field() == 4) add_pair(link.attributes, fields.bytes());
    if (fields.field() == 6) link.flags = fields.number();
  }
  return link;
}

inline DecodedSpan decode_span(std::string_view bytes) {
  DecodedSpan span;
  otlp::Reader fields(bytes);
  while (fields.next()) {
    switch (fields.field()) {
      case 1:
        span.trace_id = hex(fields.bytes());
        break;
      case 2:
        span.span_id = hex(fields.bytes());
        break;
      case 3:
        span.trace_state = std::string(fields.bytes());
        break;
      case 4:
        span.parent_id = hex(fields.bytes());
        break;
      case 5:
        span.name = std::string(fields.bytes());
        break;
      case 6:
        span.kind = fields.number();
        break;
      case 7:
        span.start_ns = fields.number();
        break;
      case 8:
        span.end_ns = fields.number();
        break;
      case 9:
        add_pair(span.attributes, fields.bytes());
        break;
      case 10:
        span.attributes_dropped = fields.number();
        break;
      case 11:
        span.events.push_back(decode_event(fields.bytes()));
        break;
      case 12:
        span.events_dropped = fields.number();
        break;
      case 13:
        span.links.push_back(decode_link(fields.bytes()));
        break;
      case 14:
        span.links_dropped = fields.number();
        break;
      case 15: {
        otlp::Reader status(fields.bytes());
        while (status.next()) {
          if (status.field() == 2) span.status_message = std::string(status.bytes());
          if (status.field() == 3) span.status = status.number();
        }
        break;
      }
      case 16:
        span.flags = fields.number();
        break;
      default:
        break;
    }
  }
  return span;
}

/// What an export request holds, in its order.
struct DecodedRequest {
  Pairs resource;
  std::vector<DecodedSpan> spans;
  bool whole = true;  // the bytes were a message to their end
};

inline DecodedRequest decode_traces(std::string_view request) {
  DecodedRequest decoded;
  otlp::Reader resources(request);
  while (resources.next()) {
    otlp::Reader parts(resources.bytes());
    while (parts.next()) {
      otlp::Reader inner(parts.bytes());
      std::string scope;
      while (inner.next()) {
        if (parts.field() == 1 && inner.field() == 1) add_pair(decoded.resource, inner.bytes());
        if (parts.field() == 2 && inner.field() == 1) {
          otlp::Reader name(inner.bytes());
          while (name.next()) {
            if (name.field() == 1) scope = std::string(name.bytes());
          }
        }
        if (parts.field() == 2 && inner.field() == 2) {
          decoded.spans.push_back(decode_span(inner.bytes()));
          decoded.spans.back().scope = scope;
        }
      }
      decoded.whole = decoded.whole && !inner.failed();
    }
    decoded.whole = decoded.whole && !parts.failed();
  }
  decoded.whole = decoded.whole && !resources.failed();
  return decoded;
}

}  // namespace sextant::tests
