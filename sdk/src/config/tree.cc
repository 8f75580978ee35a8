#include "config/tree.h"

#include <algorithm>
#include <tuple>

namespace sextant::config {

void Errors::add(Place place, const std::string& path, const std::string& what) {
  if (lines_.size() >= kMax) {
    ++left_out_;
    return;
  }
  std::string line = file_;
  if (place.line > 0) line += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  line += ": ";
  if (!path.empty()) line += path + ": ";
  const auto later = [](const Place& new_one, const Line& known) {
    return std::tie(new_one.line, new_one.column) < std::tie(known.place.line, known.place.column);
  };
  lines_.insert(std::upper_bound(lines_.begin(), lines_.end(), place, later), {place, line + what});
}

std::string Errors::text() const {
  std::string text;
  for (const Line& line : lines_) text.append(text.empty() ? "" : "\n").append(line.text);
  if (left_out_ > 0) text += "\n" + file_ + ": and " + std::to_string(left_out_) + " more errors";
  return text;
}

NodePtr parse(std::string_view text, FileFormat format, Errors& errors) {
  if (text.size() > kFileBytesMax) {
    errors.add({}, "", "the file is larger than 1 MiB, which no configuration is");
    return nullptr;
  }
  return format == FileFormat::kToml ? parse_toml(text, errors) : parse_yaml(text, errors);
}

}  // namespace sextant::config
