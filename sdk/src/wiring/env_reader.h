// Reading single variables: an empty one counts as not set, one that cannot be understood too, and is complained of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/environment.h"
#include "wiring/scalars.h"

namespace sextant::wiring {

/// A word and what it stands for.
template <class T>
struct Word {
  std::string_view text;
  T value;
};

/// Thread-confined.
class EnvReader {
 public:
  explicit EnvReader(const Environment& environment) noexcept : environment_(environment) {}

  /// Without white space around it.
  std::optional<std::string> text(std::string_view name) const;
  void text(std::string_view name, std::string& out) const;
  /// `true` and `false` in any case; anything else is false, and complained of.
  void boolean(std::string_view name, bool& out);
  void number(std::string_view name, double& out, double least, double most);
  void milliseconds(std::string_view name, std::uint64_t least, Milliseconds& out);
  /// 0 stands for "no limit", which is kDurationMax here.
  void timeout(std::string_view name, std::optional<Milliseconds>& out);

  template <class Integer>
  void integer(std::string_view name, Integer& out, std::uint64_t least, std::uint64_t most) {
    if (const auto value = whole(name, least, most)) out = static_cast<Integer>(*value);
  }
  /// Words in any case.
  template <class T, class Out, std::size_t kCount>
  void word(std::string_view name, Out& out, const Word<T> (&words)[kCount]) {
    const std::optional<std::string> value = text(name);
    if (!value) return;
    std::string takes;
    for (const Word<T>& word : words) {
      if (word.text == to_lower(*value)) {
        out = word.value;
        return;
      }
      takes.append(takes.empty() ? "takes " : ", ").append(word.text);
    }
    wrong(name, *value, takes);
  }

  void wrong(std::string_view name, std::string_view value, std::string_view what_is_right);
  /// Where the value may be secret.
  void wrong_secret(std::string_view name, std::string_view what_is_wrong);
  /// Control characters, which come from outside, become spaces.
  void say(std::string sentence);
  std::size_t problems() const noexcept { return problems_.size(); }
  std::vector<std::string> take_problems() { return std::move(problems_); }

 private:
  std::optional<std::uint64_t> whole(std::string_view name, std::uint64_t least, std::uint64_t most);

  const Environment& environment_;
  std::vector<std::string> problems_;
};

/// OTEL_EXPORTER_OTLP_*, for all signals and for each.
void read_otlp(EnvReader& reader, Settings& settings);
/// OTEL_METRIC* and OTEL_EXPORTER_PROMETHEUS_*.
void read_metrics(EnvReader& reader, Settings& settings);
/// OTEL_TRACES_SAMPLER and its argument.
void read_sampler(EnvReader& reader, SamplerSettings& sampler);

}  // namespace sextant::wiring
