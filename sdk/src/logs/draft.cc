#include "logs/draft.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace sextant {
namespace detail {

LogDraft::LogDraft(const logs::RecordView& record, const Context& given_context) noexcept
    : scope(record.scope),
      context(given_context),
      severity(record.severity),
      body(record.body),
      event_name(record.event_name),
      time_ns(record.time_ns) {
  record.for_each_attribute([this](const Attribute& attribute) { append(attribute); });
}

void LogDraft::append(const Attribute& attribute) noexcept {
  if (count_ == capacity_) {
    const std::size_t capacity = capacity_ == 0 ? 16 : 2 * capacity_;
    auto* more = arena_.take<Attribute>(capacity);
    if (more == nullptr) return;
    std::uninitialized_copy_n(attributes_, count_, more);
    attributes_ = more;
    capacity_ = capacity;
  }
  new (&attributes_[count_++]) Attribute(attribute);
}

Attribute* LogDraft::find(std::string_view key) noexcept {
  for (std::size_t i = 0; i < count_; ++i) {
    if (attributes_[i].key == key) return &attributes_[i];
  }
  return nullptr;
}

void LogDraft::set(std::string_view key, const Value& value) noexcept {
  if (key.empty()) return;
  if (Attribute* found = find(key); found != nullptr) {
    found->value = copy(value);
    return;
  }
  const std::string_view owned = copy_text(key);
  if (!owned.empty()) append({owned, copy(value)});
}

void LogDraft::remove(std::string_view key) noexcept {
  Attribute* const found = find(key);
  if (found == nullptr) return;
  std::copy(found + 1, attributes_ + count_, found);
  --count_;
}

std::string_view LogDraft::copy_text(std::string_view text) noexcept {
  if (text.empty()) return {};
  char* const made = arena_.take<char>(text.size());
  if (made == nullptr) return {};
  std::memcpy(made, text.data(), text.size());
  return {made, text.size()};
}

template <class T>
Value LogDraft::copy_list(View<T> list) noexcept {
  T* const made = arena_.take<T>(list.size());
  if (made == nullptr) return {};
  if (!list.empty()) std::memcpy(made, list.data(), list.size() * sizeof(T));
  return View<T>(made, list.size());
}

template <class T>
Value LogDraft::copy_texts(View<T> list) noexcept {
  auto* const made = arena_.take<std::string_view>(list.size());
  if (made == nullptr) return {};
  for (std::size_t i = 0; i < list.size(); ++i) new (&made[i]) std::string_view(copy_text(list[i]));
  return View<std::string_view>(made, list.size());
}

Value LogDraft::copy_values(View<Value> list, int depth) noexcept {
  auto* const made = arena_.take<Value>(list.size());
  if (made == nullptr) return {};
  for (std::size_t i = 0; i < list.size(); ++i) new (&made[i]) Value(copy(list[i], depth + 1));
  return View<Value>(made, list.size());
}

Value LogDraft::copy_map(View<Attribute> map, int depth) noexcept {
  auto* const made = arena_.take<Attribute>(map.size());
  if (made == nullptr) return {};
  for (std::size_t i = 0; i < map.size(); ++i)
    new (&made[i]) Attribute{copy_text(map[i].key), copy(map[i].value, depth + 1)};
  return Map{{made, map.size()}};
}

Value LogDraft::copy(const Value& value, int depth) noexcept {
  if (depth > otlp::kDepthMax) return {};
  switch (value.kind()) {
    case ValueKind::kEmpty:
    case ValueKind::kBool:
    case ValueKind::kInt:
    case ValueKind::kDouble:
      return value;
    case ValueKind::kString:
      return copy_text(value.as_string());
    case ValueKind::kBytes: {
      const Bytes bytes = value.as_bytes();
      const std::string_view owned = copy_text({static_cast<const char*>(bytes.data), bytes.size});
      return Bytes{owned.data(), owned.size()};
    }
    case ValueKind::kBools:
      return copy_list(value.as_bools());
    case ValueKind::kInts:
      return copy_list(value.as_ints());
    case ValueKind::kDoubles:
      return copy_list(value.as_doubles());
    case ValueKind::kStrings:
      return copy_texts(value.as_strings());
    case ValueKind::kTexts:
      return copy_texts(value.as_texts());
    case ValueKind::kValues:
      return copy_values(value.as_values(), depth);
    case ValueKind::kMap:
      return copy_map(value.as_map(), depth);
  }
  return {};
}

}  // namespace detail

std::string_view LogRecord::logger_name() const noexcept {
  return draft_.scope.name;
}
Severity LogRecord::severity() const noexcept {
  return draft_.severity;
}
const Value& LogRecord::body() const noexcept {
  return draft_.body;
}
std::string_view LogRecord::event_name() const noexcept {
  return draft_.event_name;
}
const Context& LogRecord::context() const noexcept {
  return draft_.context;
}
Time LogRecord::time() const noexcept {
  return Time(std::chrono::nanoseconds(draft_.time_ns));
}
Attributes LogRecord::attributes() const noexcept {
  return draft_.all();
}
const Value* LogRecord::find(std::string_view key) const noexcept {
  const Attribute* const found = draft_.find(key);
  return found != nullptr ? &found->value : nullptr;
}
void LogRecord::set_body(const Value& body) noexcept {
  draft_.body = draft_.copy(body);
}
void LogRecord::set_severity(Severity severity) noexcept {
  draft_.severity = severity;
}
void LogRecord::set(std::string_view key, const Value& value) noexcept {
  draft_.set(key, value);
}
void LogRecord::remove(std::string_view key) noexcept {
  draft_.remove(key);
}
void LogRecord::discard() noexcept {
  draft_.discarded = true;
}

namespace {

class EventsToSpans final : public LogProcessor {
 public:
  void on_emit(LogRecord& record) noexcept override {
    if (record.event_name().empty() || !record.context().span().valid()) return;
    const Scope scope(record.context());
    current_span().add_event(record.event_name(), record.attributes(), record.time());
  }
};

}  // namespace

std::shared_ptr<LogProcessor> events_to_spans() {
  return std::make_shared<EventsToSpans>();
}

}  // namespace sextant
