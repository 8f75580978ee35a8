#include "export/request.h"

#include <algorithm>
#include <utility>

#include "otlp/wire.h"
#include "scope/scope_registry.h"

namespace sextant::exporting {
namespace {

using otlp::bytes_field_size;
using otlp::WireType;
using otlp::write_bytes;
using otlp::write_tag;
using otlp::write_text;
using otlp::write_varint;

// Export…ServiceRequest { repeated Resource… = 1 }, Resource… { Resource = 1; repeated Scope… = 2; string schema_url =
// 3 }, Scope… { InstrumentationScope = 1; repeated item = 2; string schema_url = 3 }.

struct Group {
  std::size_t end;  // index past its last record
  std::size_t bytes;
};

std::size_t url_size(std::string_view url) {
  return url.empty() ? 0 : bytes_field_size(url.size());
}

Group group_from(const std::vector<queue::Record>& records, std::size_t begin) {
  const detail::ScopeInfo& scope = detail::scope_at(records[begin].tag);
  Group group{begin, bytes_field_size(scope.encoded.size()) + url_size(scope.schema_url)};
  for (; group.end < records.size() && records[group.end].tag == records[begin].tag; ++group.end) {
    group.bytes += bytes_field_size(records[group.end].bytes.size());
  }
  return group;
}

char* write_group(char* out, const std::vector<queue::Record>& records, std::size_t begin, const Group& group) {
  const detail::ScopeInfo& scope = detail::scope_at(records[begin].tag);
  out = write_varint(write_tag<2>(out, WireType::kBytes), group.bytes);
  out = write_bytes<1>(out, scope.encoded);
  for (std::size_t i = begin; i < group.end; ++i) out = write_bytes<2>(out, records[i].bytes);
  return scope.schema_url.empty() ? out : write_text<3>(out, scope.schema_url);
}

/// By scope; those of one scope keep their order. Why: std::stable_sort, as libstdc++ 12 has it, uses what C++17
/// deprecates.
void sort_by_tag(std::vector<queue::Record>& records) {
  const auto by_tag = [](const queue::Record& a, const queue::Record& b) { return a.tag < b.tag; };
  if (std::is_sorted(records.begin(), records.end(), by_tag)) return;
  std::vector<std::pair<std::uint32_t, std::size_t>> order;
  order.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) order.emplace_back(records[i].tag, i);
  std::sort(order.begin(), order.end());
  std::vector<queue::Record> sorted;
  sorted.reserve(records.size());
  for (const auto& entry : order) sorted.push_back(records[entry.second]);
  records = std::move(sorted);
}

}  // namespace

std::string build_request(std::string_view resource, std::string_view schema_url, std::vector<queue::Record>& records) {
  sort_by_tag(records);
  std::size_t bytes = bytes_field_size(resource.size()) + url_size(schema_url);
  for (std::size_t i = 0; i < records.size();) {
    const Group group = group_from(records, i);
    bytes += bytes_field_size(group.bytes);
    i = group.end;
  }
  std::string request(bytes_field_size(bytes), '\0');
  char* out = write_varint(write_tag<1>(request.data(), WireType::kBytes), bytes);
  out = write_bytes<1>(out, resource);
  for (std::size_t i = 0; i < records.size();) {
    const Group group = group_from(records, i);
    out = write_group(out, records, i, group);
    i = group.end;
  }
  if (!schema_url.empty()) write_text<3>(out, schema_url);
  return request;
}

}  // namespace sextant::exporting
