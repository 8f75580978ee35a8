#include "config/section.h"

#include <algorithm>

namespace sextant::config {
namespace {

using Kind = Node::Kind;

const char* article(Kind kind) {
  return kind == Kind::kList ? "is a list" : kind == Kind::kMap ? "is a map" : "is empty";
}

}  // namespace

Section::Section(NodePtr node, std::string path, Context& context)
    : node_(std::move(node)),
      place_(node_ == nullptr ? Place{} : node_->place),
      path_(std::move(path)),
      context_(&context) {
  if (node_ == nullptr || node_->kind == Kind::kMap) return;
  if (node_->kind != Kind::kNull) context_->errors.add(node_->place, path_, "takes keys and values below it");
  node_ = nullptr;
}

std::string Section::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const Entry* Section::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  if (node_ == nullptr) return nullptr;
  for (const Entry& entry : node_->entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

Node::Kind Section::kind(std::string_view key) {
  const Entry* entry = find(key);
  return entry == nullptr ? Kind::kNull : entry->value->kind;
}

/// A key without a value counts as not there.
const Entry* Section::scalar(std::string_view key, const char* takes) {
  const Entry* entry = find(key);
  if (entry == nullptr || entry->value->kind == Kind::kNull) return nullptr;
  if (entry->value->kind == Kind::kScalar) return entry;
  wrong(key, std::string(article(entry->value->kind)) + ", and takes " + takes);
  return nullptr;
}

bool Section::expanded(const Node& node, const std::string& path, std::string& out) {
  Result<std::string> text = expand(node.scalar, context_->environment, context_->missing);
  if (!text) {
    context_->errors.add(node.place, path, text.error());
    return false;
  }
  out = std::move(*text);
  return true;
}

bool Section::text(std::string_view key, std::string& out) {
  const Entry* entry = scalar(key, "a text");
  if (entry == nullptr || !expanded(*entry->value, path_of(key), out)) return false;
  return true;
}

bool Section::boolean(std::string_view key, bool& out) {
  std::string value;
  if (scalar(key, "true or false") == nullptr || !text(key, value)) return false;
  if (value.empty() && context_->missing == Missing::kEmpty) return false;
  const bool yes = value == "true" || value == "True" || value == "TRUE";
  if (!yes && value != "false" && value != "False" && value != "FALSE") {
    wrong(key, "is '" + value + "', and takes true or false");
    return false;
  }
  out = yes;
  return true;
}

bool Section::integer(std::string_view key, std::uint64_t least, std::uint64_t most, std::uint64_t& out) {
  std::string value;
  if (scalar(key, "a number") == nullptr || !text(key, value)) return false;
  if (value.empty() && context_->missing == Missing::kEmpty) return false;
  const Result<std::uint64_t> number = wiring::parse_integer(value, least, most);
  if (!number) wrong(key, "is '" + value + "', and " + number.error());
  if (number) out = *number;
  return number.ok();
}

bool Section::number(std::string_view key, double least, double most, double& out) {
  std::string value;
  if (scalar(key, "a number") == nullptr || !text(key, value)) return false;
  if (value.empty() && context_->missing == Missing::kEmpty) return false;
  const Result<double> number = wiring::parse_number(value, least, most);
  if (!number) wrong(key, "is '" + value + "', and " + number.error());
  if (number) out = *number;
  return number.ok();
}

bool Section::duration(std::string_view key, std::chrono::milliseconds least, std::chrono::milliseconds& out) {
  std::string value;
  if (scalar(key, "a duration such as 60s") == nullptr || !text(key, value)) return false;
  const Result<std::chrono::milliseconds> duration = wiring::parse_duration(value);
  if (!duration) {
    wrong(key, "is '" + value + "', and " + duration.error());
  } else if (*duration < least) {
    wrong(key, "is '" + value + "', and takes at least " + std::to_string(least.count()) + "ms");
  } else {
    out = *duration;
    return true;
  }
  return false;
}

bool Section::milliseconds(std::string_view key, std::uint64_t least, std::chrono::milliseconds& out) {
  std::uint64_t value = 0;
  const auto most = static_cast<std::uint64_t>(wiring::kDurationMax.count());
  if (!integer(key, least, most, value)) return false;
  out = value == 0 ? wiring::kDurationMax : std::chrono::milliseconds(static_cast<std::int64_t>(value));
  return true;
}

bool Section::texts(std::string_view key, std::vector<std::string>& out) {
  const Entry* entry = find(key);
  if (entry == nullptr || entry->value->kind == Kind::kNull) return false;
  if (entry->value->kind != Kind::kList) {
    wrong(key, "takes a list of texts, such as [a, b]");
    return false;
  }
  std::vector<std::string> texts;
  for (const NodePtr& item : entry->value->items) {
    std::string value;
    if (item->kind != Kind::kScalar) {
      context_->errors.add(item->place, path_of(key),
                           "takes texts alone, and this one " + std::string(article(item->kind)));
    } else if (expanded(*item, path_of(key), value)) {
      texts.push_back(std::move(value));
    }
  }
  out = std::move(texts);
  return true;
}

bool Section::numbers(std::string_view key, std::vector<double>& out) {
  std::vector<std::string> all;
  const Entry* entry = find(key);
  if (entry != nullptr && entry->value->kind != Kind::kList) {
    wrong(key, "takes a list of numbers, such as [0.1, 0.5, 1]");
    return false;
  }
  if (!texts(key, all)) return false;
  std::vector<double> numbers;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Result<double> value = wiring::parse_number(all[i], -1e300, 1e300);
    if (!value) {
      context_->errors.add(entry->value->items[i]->place, path_of(key), "'" + all[i] + "' is no number");
      return false;
    }
    numbers.push_back(*value);
  }
  out = std::move(numbers);
  return true;
}

bool Section::pairs(std::string_view key, HttpHeaders& out) {
  Section below = section(key);
  if (!below.present()) return false;
  for (const std::string& name : below.keys()) {
    std::string value;
    if (below.text(name, value)) out.emplace_back(name, value);
  }
  return true;
}

Section Section::section(std::string_view key) {
  const Entry* entry = find(key);
  return {entry == nullptr ? nullptr : entry->value, path_of(key), *context_};
}

std::vector<Section> Section::sections(std::string_view key) {
  std::vector<Section> all;
  const Entry* entry = find(key);
  if (entry == nullptr || entry->value->kind == Kind::kNull) return all;
  if (entry->value->kind != Kind::kList) {
    wrong(key, "takes a list");
    return all;
  }
  for (std::size_t i = 0; i < entry->value->items.size(); ++i)
    all.emplace_back(entry->value->items[i], path_of(key) + "[" + std::to_string(i) + "]", *context_);
  return all;
}

std::string_view Section::either(std::string_view key, std::string_view other) {
  if (!has(other)) {
    accept(key);
    return key;
  }
  if (has(key)) wrong(other, "says the same as " + std::string(key) + ": one of them is enough");
  return other;
}

std::vector<std::string> Section::keys() const {
  std::vector<std::string> keys;
  if (node_ == nullptr) return keys;
  for (const Entry& entry : node_->entries) keys.push_back(entry.key);
  return keys;
}

Place Section::place(std::string_view key) const {
  if (node_ == nullptr) return {};
  for (const Entry& entry : node_->entries) {
    if (entry.key == key) return entry.place;
  }
  return node_->place;
}

void Section::wrong(std::string_view key, const std::string& what) {
  context_->errors.add(place(key), path_of(key), what);
}

void Section::fail(const std::string& what) {
  context_->errors.add(place_, path_, what);
}

void Section::wrong_word(std::string_view key, const std::string& value, const std::vector<std::string_view>& names) {
  std::string takes;
  for (const std::string_view name : names) takes.append(takes.empty() ? "" : ", ").append(name);
  const std::string near = wiring::nearest(value, names);
  wrong(key, "is '" + value + "', and takes one of " + takes + (near.empty() ? "" : "; did you mean " + near + "?"));
}

void Section::finish() {
  if (node_ == nullptr || everything_) return;
  const std::vector<std::string_view> names(known_.begin(), known_.end());
  for (const Entry& entry : node_->entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    const std::string near = wiring::nearest(entry.key, names);
    context_->errors.add(entry.place, path_of(entry.key),
                         near.empty() ? "unknown key" : "unknown key; did you mean " + near + "?");
  }
}

}  // namespace sextant::config
