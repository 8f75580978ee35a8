// MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sextant::msgpack {

/// So many elements, or pairs of key and value, follow.
void append_list(std::string& out, std::size_t size);
void append_map(std::string& out, std::size_t size);
/// In the fewest bytes.
void append_unsigned(std::string& out, std::uint64_t value);
void append_signed(std::string& out, std::int64_t value);
void append_double(std::string& out, double value);
/// What is no UTF-8 becomes '?'. Texts past 4 GiB are cut there.
void append_text(std::string& out, std::string_view text);

}  // namespace sextant::msgpack
