#include "metrics/attribute_set.h"

#include <algorithm>
#include <utility>

#include "base/buffer.h"
#include "otlp/items.h"
#include "otlp/value_writer.h"

namespace sextant::metrics {

KeyFilter::KeyFilter(std::optional<std::vector<std::string>> included, std::vector<std::string> excluded)
    : included_(std::move(included)), excluded_(std::move(excluded)) {
  if (included_) std::sort(included_->begin(), included_->end());
  std::sort(excluded_.begin(), excluded_.end());
}

bool KeyFilter::keeps(std::string_view key) const noexcept {
  if (included_ && !std::binary_search(included_->begin(), included_->end(), key)) return false;
  return !std::binary_search(excluded_.begin(), excluded_.end(), key);
}

std::string canonical(Attributes attributes) {
  std::vector<const Attribute*> sorted;
  sorted.reserve(attributes.size());
  for (const Attribute& attribute : attributes) sorted.push_back(&attribute);
  // Equal keys in the order in which they were given, which is that of their addresses.
  std::sort(sorted.begin(), sorted.end(),
            [](const Attribute* a, const Attribute* b) { return a->key != b->key ? a->key < b->key : a < b; });
  Buffer<512> out;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const bool last = i + 1 == sorted.size() || sorted[i + 1]->key != sorted[i]->key;
    if (last && !sorted[i]->key.empty()) otlp::append_attribute<kAttributesField>(out, *sorted[i], {});
  }
  return std::string(out.view());
}

std::string filtered(const std::string& canonical, const KeyFilter& filter, Part part) {
  if (filter.keeps_all()) return part == Part::kKept ? canonical : std::string();
  std::string out;
  for (otlp::Reader reader(canonical); reader.next();) {
    if (filter.keeps(otlp::read_key_value(reader.bytes()).key) != (part == Part::kKept)) continue;
    out.append(reader.begin(), static_cast<std::size_t>(reader.position() - reader.begin()));
  }
  return out;
}

void FlatKey::long_text(const char* text, std::size_t size, std::uint64_t salt) noexcept {
  std::size_t at = 0;
  for (; at + 16 < size; at += 16) add(load_8(text + at), load_8(text + at + 8), salt);
  // The last 16 bytes, which overlap those before: the length stands in the header.
  add(load_8(text + size - 16), load_8(text + size - 8), salt);
}

}  // namespace sextant::metrics
