// Variables of the environment in values.
#include <algorithm>
#include <cctype>

#include "config/section.h"

namespace sextant::config {
namespace {

constexpr std::size_t kValueBytesMax = 64 * 1024;  // of one value, all variables put in

bool is_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])) != 0) return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

/// What stands between the braces.
Result<std::string> value_of(std::string_view inside, const Environment& environment, Missing missing) {
  const std::size_t colon = inside.find(":-");
  const bool has_default = colon != std::string_view::npos;
  std::string_view name = inside.substr(0, colon);
  if (name.substr(0, 4) == "env:") name.remove_prefix(4);
  if (!is_name(name)) {
    return Error{"'${" + std::string(inside) + "}' names no variable: ${NAME}, ${env:NAME} or ${NAME:-default} is " +
                 "expected, and $$ for a dollar sign"};
  }
  const std::optional<std::string> value = environment ? environment(name) : std::nullopt;
  if (value && (!value->empty() || !has_default)) return *value;
  if (has_default) return std::string(inside.substr(colon + 2));
  if (missing == Missing::kEmpty) return std::string();
  return Error{"the variable " + std::string(name) + " is not set: set it, or write ${" + std::string(name) +
               ":-default}"};
}

}  // namespace

Result<std::string> expand(std::string_view text, const Environment& environment, Missing missing) {
  std::string out;
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    out.append(text.substr(0, dollar));
    text.remove_prefix(dollar);
    if (text.substr(0, 2) == "$$") {
      out += '$';
      text.remove_prefix(2);
    } else if (text.substr(0, 2) == "${") {
      const std::size_t close = text.find('}');
      if (close == std::string_view::npos)
        return Error{"has a '${' without a closing brace; a dollar sign is written $$"};
      const Result<std::string> value = value_of(text.substr(2, close - 2), environment, missing);
      if (!value) return value;
      out += *value;
      text.remove_prefix(close + 1);
    } else if (!text.empty()) {
      out += '$';
      text.remove_prefix(1);
    }
    if (out.size() > kValueBytesMax) return Error{"is longer than 64 KiB with its variables put in"};
  }
  return out;
}

}  // namespace sextant::config
