// Contexts in the `_meta` object of MCP messages.
#include "propagation/json_scan.h"
#include "sextant/carriers.h"

namespace sextant {

using propagation::find_member;
using propagation::JsonMember;
using propagation::JsonMembers;
using propagation::kNowhere;

namespace {

constexpr std::size_t kValueBytesMax = 64 * 1024;  // more than any field may have: such a value is not decoded

/// Where the object that a member holds begins; kNowhere where there is no such member, or it is no object.
std::size_t object_in(std::string_view json, std::size_t object, std::string_view key) {
  JsonMember member;
  if (object == kNowhere || !find_member(json, object, key, member)) return kNowhere;
  return json[member.value_begin] == '{' ? member.value_begin : kNowhere;
}

std::size_t find_meta(std::string_view json, McpText part) {
  const std::size_t root = propagation::skip_space(json, 0);
  if (root >= json.size() || json[root] != '{') return kNowhere;
  return part == McpText::kMeta ? root : object_in(json, object_in(json, root, "params"), "_meta");
}

/// A string value, decoded; false where it is none.
bool text_of(std::string_view json, const JsonMember& member, std::deque<std::string>& texts, std::string_view& out) {
  if (json[member.value_begin] != '"' || member.value_end - member.value_begin > kValueBytesMax) return false;
  const std::string_view raw = json.substr(member.value_begin + 1, member.value_end - member.value_begin - 2);
  out = raw;
  if (raw.find('\\') == std::string_view::npos) return true;
  std::string decoded;
  if (!propagation::decode_string(raw, decoded)) return false;
  texts.push_back(std::move(decoded));
  out = texts.back();
  return true;
}

/// Adds a member at the beginning of an object.
void insert_member(std::string& json, std::size_t object, std::string_view key, std::string_view encoded) {
  const std::size_t inside = propagation::skip_space(json, object + 1);
  std::string text = propagation::encode_string(key);
  text.append(":").append(encoded);
  if (json[inside] != '}') text += ',';
  json.insert(object + 1, text);
}

/// Whether a whole object begins there.
bool is_object(std::string_view json, std::size_t at) {
  JsonMembers members(json, at);
  JsonMember member;
  while (members.next(member)) {
  }
  return members.complete();
}

/// Where the object under that key begins, which is made where there is none; kNowhere where something else stands
/// there.
std::size_t make_object(std::string& json, std::size_t object, std::string_view key) {
  JsonMember member;
  if (find_member(json, object, key, member))
    return is_object(json, member.value_begin) ? member.value_begin : kNowhere;
  insert_member(json, object, key, "{}");
  return object_in(json, object, key);
}

}  // namespace

McpReader::McpReader(std::string_view json, McpText part) : json_(json), meta_(find_meta(json, part)) {}

std::size_t McpReader::get_all(std::string_view name, std::string_view* values, std::size_t max) const {
  JsonMember member;
  if (meta_ == kNowhere || !find_member(json_, meta_, name, member)) return 0;
  std::string_view value;
  if (!text_of(json_, member, texts_, value)) return 0;
  if (max > 0) values[0] = value;
  return 1;
}

std::size_t McpReader::get_prefixed(std::string_view prefix, Field* fields, std::size_t max) const {
  if (meta_ == kNowhere) return 0;
  std::size_t found = 0;
  JsonMembers members(json_, meta_);
  JsonMember member;
  while (members.next(member)) {
    const std::string_view key = json_.substr(member.key_begin, member.key_end - member.key_begin);
    if (key.substr(0, prefix.size()) != prefix) continue;
    std::string_view value;
    if (found < max && !text_of(json_, member, texts_, value)) continue;
    if (found < max) fields[found] = {key.substr(prefix.size()), value};
    ++found;
  }
  return found;
}

void McpWriter::set(std::string_view name, std::string_view value) {
  const std::size_t root = propagation::skip_space(json_, 0);
  std::size_t meta = is_object(json_, root) ? root : kNowhere;
  if (part_ == McpText::kMessage && meta != kNowhere) {
    const std::size_t params = make_object(json_, root, "params");
    meta = params != kNowhere ? make_object(json_, params, "_meta") : kNowhere;
  }
  if (meta == kNowhere) {
    ok_ = false;
    return;
  }
  JsonMember member;
  const std::string encoded = propagation::encode_string(value);
  if (find_member(json_, meta, name, member)) {
    json_.replace(member.value_begin, member.value_end - member.value_begin, encoded);
  } else {
    insert_member(json_, meta, name, encoded);
  }
}

}  // namespace sextant
