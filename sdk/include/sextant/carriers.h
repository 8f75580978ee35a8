// What a context travels in: HTTP headers, maps, metadata of FIPA ACL messages, `_meta` of MCP messages, environment
// variables.
//
//   sextant::HttpHeaders headers;
//   sextant::HeaderWriter writer(headers);
//   sextant::inject(writer);                                                     // the current context
//   sextant::Context parent = sextant::extract(sextant::HeaderReader(headers));  // on the other side
//
// A carrier of another kind is a class that implements FieldReader or FieldWriter: one function each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sextant {

struct Field {
  std::string_view name;
  std::string_view value;
};

/// What is read from. Views that it gives must live as long as the reader.
class FieldReader {
 public:
  virtual ~FieldReader() = default;
  /// Writes the values of the field, in the order in which they stand, to `values`, at most `max` of them. Returns how
  /// many there are, which may be more. Names are given in lower case, `X-B3-…` apart.
  virtual std::size_t get_all(std::string_view name, std::string_view* values, std::size_t max) const = 0;
  /// The same for fields whose name begins with `prefix`; the names that are written are without it. Only formats that
  /// spread baggage over fields (Jaeger's) ask for it.
  virtual std::size_t get_prefixed(std::string_view prefix, Field* fields, std::size_t max) const;
  /// The first value; empty where there is none.
  std::string_view get(std::string_view name) const {
    std::string_view value;
    return get_all(name, &value, 1) > 0 ? value : std::string_view();
  }
};

/// What is written to.
class FieldWriter {
 public:
  virtual ~FieldWriter() = default;
  /// Replaces what the field had. Both views end with the call.
  virtual void set(std::string_view name, std::string_view value) = 0;
};

namespace detail {
bool equal_fold_same_size(const char* a, const char* b, std::size_t size) noexcept;
/// Whether two texts differ in nothing but the case of ASCII letters.
inline bool equal_fold(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && equal_fold_same_size(a.data(), b.data(), a.size());
}
inline bool begins_fold(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() && equal_fold_same_size(text.data(), prefix.data(), prefix.size());
}

/// Whether a container can be looked up by key.
template <class Container, class = void>
inline constexpr bool kKeyed = false;
template <class Container>
inline constexpr bool kKeyed<Container, std::void_t<typename Container::mapped_type>> = true;

template <class Container>
std::size_t read_prefixed(const Container& all, std::string_view prefix, Field* fields, std::size_t max) {
  std::size_t found = 0;
  for (const auto& [name, value] : all) {
    if (!begins_fold(name, prefix)) continue;
    if (found < max) fields[found] = {std::string_view(name).substr(prefix.size()), value};
    ++found;
  }
  return found;
}
}  // namespace detail

/// HTTP headers: any container of pairs of texts, whatever the case of its names. Fields may stand several times.
template <class Headers>
class HeaderReader final : public FieldReader {
 public:
  explicit HeaderReader(const Headers& headers) noexcept : headers_(headers) {}
  explicit HeaderReader(const Headers&&) = delete;
  std::size_t get_all(std::string_view name, std::string_view* values, std::size_t max) const override {
    std::size_t found = 0;
    for (const auto& [key, value] : headers_) {
      if (!detail::equal_fold(key, name)) continue;
      if (found < max) values[found] = value;
      ++found;
    }
    return found;
  }
  std::size_t get_prefixed(std::string_view prefix, Field* fields, std::size_t max) const override {
    return detail::read_prefixed(headers_, prefix, fields, max);
  }

 private:
  const Headers& headers_;
};

/// A list of pairs of texts, such as HttpHeaders: what has the name, in any case, is replaced.
template <class Headers>
class HeaderWriter final : public FieldWriter {
 public:
  explicit HeaderWriter(Headers& headers) noexcept : headers_(headers) {}
  void set(std::string_view name, std::string_view value) override {
    const auto same = [name](const auto& header) { return detail::equal_fold(header.first, name); };
    const auto first = std::find_if(headers_.begin(), headers_.end(), same);
    if (first == headers_.end()) {
      headers_.emplace_back(name, value);
      return;
    }
    first->second.assign(value.data(), value.size());
    headers_.erase(std::remove_if(std::next(first), headers_.end(), same), headers_.end());
  }

 private:
  Headers& headers_;
};

/// A map of texts, such as the `_meta` of an MCP message as a program holds it, with names exactly as formats write
/// them.
template <class Map>
class MapReader final : public FieldReader {
 public:
  explicit MapReader(const Map& map) noexcept : map_(map) {}
  explicit MapReader(const Map&&) = delete;
  std::size_t get_all(std::string_view name, std::string_view* values, std::size_t max) const override {
    const auto found = map_.find(typename Map::key_type(name));
    if (found == map_.end()) return 0;
    if (max > 0) values[0] = found->second;
    return 1;
  }
  std::size_t get_prefixed(std::string_view prefix, Field* fields, std::size_t max) const override {
    return detail::read_prefixed(map_, prefix, fields, max);
  }

 private:
  const Map& map_;
};

template <class Map>
class MapWriter final : public FieldWriter {
 public:
  explicit MapWriter(Map& map) noexcept : map_(map) {}
  void set(std::string_view name, std::string_view value) override {
    map_.insert_or_assign(typename Map::key_type(name), typename Map::mapped_type(value));
  }

 private:
  Map& map_;
};

/// The name of a field among the parameters of a FIPA ACL message. FIPA leaves parameters whose name begins with `X-`
/// to users (SC00061G, "FIPA ACL Message Structure", section 2), so that agents which do not know them pass over them:
/// `traceparent` is `X-traceparent`. Names that begin so already are not changed.
std::string fipa_parameter(std::string_view field);

/// The parameters of a FIPA ACL message: any container of pairs of texts. The case of names does not matter.
template <class Parameters>
class FipaReader final : public FieldReader {
 public:
  explicit FipaReader(const Parameters& parameters) noexcept : headers_(parameters) {}
  explicit FipaReader(const Parameters&&) = delete;
  std::size_t get_all(std::string_view name, std::string_view* values, std::size_t max) const override {
    return headers_.get_all(fipa_parameter(name), values, max);
  }
  std::size_t get_prefixed(std::string_view prefix, Field* fields, std::size_t max) const override {
    return headers_.get_prefixed(fipa_parameter(prefix), fields, max);
  }

 private:
  HeaderReader<Parameters> headers_;
};

/// A map, or a list of pairs.
template <class Parameters>
class FipaWriter final : public FieldWriter {
 public:
  explicit FipaWriter(Parameters& parameters) noexcept : writer_(parameters) {}
  void set(std::string_view name, std::string_view value) override { writer_.set(fipa_parameter(name), value); }

 private:
  std::conditional_t<detail::kKeyed<Parameters>, MapWriter<Parameters>, HeaderWriter<Parameters>> writer_;
};

/// Which part of an MCP message a JSON text is.
enum class McpText : std::uint8_t {
  kMessage,  // a JSON-RPC request or notification: the fields are those of its params._meta
  kMeta      // a `_meta` object by itself
};

/// The `_meta` of an MCP message: `traceparent`, `tracestate` and `baggage` stand there without a prefix
/// (Model Context Protocol 2026-07-28, "_meta"). Text that is no JSON has no fields.
class McpReader final : public FieldReader {
 public:
  explicit McpReader(std::string_view json, McpText part = McpText::kMessage);
  std::size_t get_all(std::string_view name, std::string_view* values, std::size_t max) const override;
  std::size_t get_prefixed(std::string_view prefix, Field* fields, std::size_t max) const override;

 private:
  std::string_view json_;
  std::size_t meta_;                       // where the object begins; npos where there is none
  mutable std::deque<std::string> texts_;  // values that were written with escapes
};

/// Adds fields to the JSON text, and `params` and `_meta` where there are none. Text that is no JSON object is left as
/// it is.
class McpWriter final : public FieldWriter {
 public:
  explicit McpWriter(std::string& json, McpText part = McpText::kMessage) noexcept : json_(json), part_(part) {}
  void set(std::string_view name, std::string_view value) override;
  /// Whether all that was set could be written.
  bool ok() const noexcept { return ok_; }

 private:
  std::string& json_;
  const McpText part_;
  bool ok_ = true;
};

/// The name of a field among environment variables (OpenTelemetry, "Environment Variables as Context Propagation
/// Carriers"): capitals, digits and underscores, not beginning with a digit. `traceparent` is TRACEPARENT.
std::string environment_name(std::string_view field);

/// The environment of this process: what the process that started it wants to be known. To be read when the process
/// begins, before threads that could change the environment.
class EnvironmentReader final : public FieldReader {
 public:
  std::size_t get_all(std::string_view name, std::string_view* values, std::size_t max) const override;
};

/// An environment for a child process: at first that of this process without what it got from its own parent's
/// context, as execve() and posix_spawn() take it.
class ChildEnvironment final : public FieldWriter {
 public:
  ChildEnvironment();
  void set(std::string_view name, std::string_view value) override;
  /// Ends with a null pointer. Valid until the next set().
  char* const* envp();

 private:
  void replace(const std::string& name, std::string_view value);
  void remove(const std::string& name);
  std::vector<std::string> entries_;
  std::vector<char*> pointers_;
};

}  // namespace sextant
