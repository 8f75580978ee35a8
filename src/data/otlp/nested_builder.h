// Builds the nested form of arrays and maps while they are read from the outside in.
//
// NestedWriter wants inner values finished before outer ones, which would copy the innermost bytes once a level. Here
// content is written once, without lengths; when the value is complete the lengths are known and set in one copy.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/model/value.h"

namespace sextant::data {

/// Thread-confined; meant to be reused, so that its buffers stay.
///
///   builder.begin(ValueType::kMap); builder.key("a"); builder.begin(ValueType::kArray); builder.value(one);
///   builder.end(); builder.end(); use(builder.finish());
class NestedBuilder {
 public:
  /// The first begin() after finish() opens the value itself.
  void begin(ValueType container);
  void key(std::string_view key);
  /// A scalar. Arrays and maps are opened with begin().
  void value(const ValueView& scalar);
  void end();
  /// The whole value. Lifetime: until the next begin(). Requires: as many end() as begin().
  ValueView finish();
  /// Forgets a value given up half-way.
  void reset();

  /// A place to come back to. Valid while the list that is open stays open.
  struct Mark {
    size_t bytes;
    size_t lists;
  };
  Mark mark() const { return {raw_.size(), lists_.size()}; }
  /// Takes out everything after the mark. Requires: each list begun since is ended.
  void rewind(const Mark& mark);
  /// Puts a key before the value written since the mark, for formats in which it may come after.
  void insert_key(const Mark& mark, std::string_view key);

  uint32_t lists() const { return static_cast<uint32_t>(lists_.size()); }
  uint64_t byte_size() const { return raw_.capacity() + packed_.capacity() + lists_.capacity() * sizeof(List); }

 private:
  struct List {
    size_t begin;     // content in raw_
    size_t end;       // set by end()
    size_t lengths;   // bytes that the lengths inside it will take
    uint32_t parent;  // index into lists_
  };
  std::string raw_;
  std::string packed_;
  std::vector<List> lists_;  // in order of their begin
  uint32_t open_ = 0;        // the innermost one not ended
  ValueType type_ = ValueType::kEmpty;
};

}  // namespace sextant::data
