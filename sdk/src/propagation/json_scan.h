// Just as much of JSON (RFC 8259) as it takes to find a member of an object in a text: nothing is built, nothing is
// allocated, nesting costs a counter.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sextant::propagation {

inline constexpr std::size_t kNowhere = std::string_view::npos;

/// A member of an object, as offsets into the text.
struct JsonMember {
  std::size_t key_begin = kNowhere;  // past the quote
  std::size_t key_end = kNowhere;
  std::size_t value_begin = kNowhere;
  std::size_t value_end = kNowhere;
};

/// Walks over the members of an object. Thread-confined.
class JsonMembers {
 public:
  /// `object`: where its '{' stands.
  JsonMembers(std::string_view json, std::size_t object) noexcept;
  /// False at the end, or where the text is no JSON.
  bool next(JsonMember& member) noexcept;
  /// Whether the end of the object was reached, and nothing was wrong before it.
  bool complete() const noexcept { return complete_; }

 private:
  std::string_view json_;
  std::size_t at_;
  bool complete_ = false;
  bool first_ = true;
};

std::size_t skip_space(std::string_view json, std::size_t at) noexcept;
/// Past the value that begins there; kNowhere where there is none.
std::size_t skip_value(std::string_view json, std::size_t at) noexcept;
/// What stands between the quotes of a string, decoded. False where an escape is none.
bool decode_string(std::string_view raw, std::string& out);
/// With its quotes.
std::string encode_string(std::string_view text);
/// Whether what stands between the quotes is this text.
bool is_string(std::string_view raw, std::string_view text);
/// The last member with that key, as readers of JSON have it.
bool find_member(std::string_view json, std::size_t object, std::string_view key, JsonMember& found);

}  // namespace sextant::propagation
