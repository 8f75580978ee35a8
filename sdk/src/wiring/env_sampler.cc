// OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG.
#include "wiring/env_reader.h"

namespace sextant::wiring {
namespace {

using Kind = SamplerSettings::Kind;

constexpr const char* kSampler = "OTEL_TRACES_SAMPLER";
constexpr const char* kArgument = "OTEL_TRACES_SAMPLER_ARG";
constexpr double kInitialRate = 0.001;  // what Jaeger's clients begin with

void read_remote_part(EnvReader& reader, const std::string& part, SamplerSettings& sampler) {
  const std::size_t equals = part.find('=');
  const std::string key(trim(part.substr(0, equals)));
  const std::string value(equals == std::string::npos ? std::string_view() : trim(part.substr(equals + 1)));
  const auto wrong = [&](const std::string& what) { reader.wrong(kArgument, part, what); };
  if (key == "endpoint") {
    const Result<Endpoint> endpoint = parse_endpoint(value);
    if (!endpoint) return wrong(endpoint.error());
    sampler.remote = value;
  } else if (key == "pollingIntervalMs" || key == "pollingInterval") {
    const auto interval = parse_integer(value, 100, static_cast<std::uint64_t>(kDurationMax.count()));
    if (!interval) return wrong(interval.error() + ", in milliseconds");
    sampler.interval = Milliseconds(static_cast<std::int64_t>(*interval));
  } else if (key == "initialSamplingRate") {
    const Result<double> rate = parse_number(value, 0, 1);
    if (!rate) return wrong(rate.error());
    sampler.ratio = *rate;
  } else {
    wrong("takes endpoint=http://HOST:5778/sampling,pollingIntervalMs=60000,initialSamplingRate=0.001");
  }
}

}  // namespace

void read_sampler(EnvReader& reader, SamplerSettings& sampler) {
  struct Named {
    Kind kind;
    bool follows_parent;
  };
  static constexpr Word<Named> kSamplers[] = {{"always_on", {Kind::kAlwaysOn, false}},
                                              {"always_off", {Kind::kAlwaysOff, false}},
                                              {"traceidratio", {Kind::kRatio, false}},
                                              {"jaeger_remote", {Kind::kRemote, false}},
                                              {"parentbased_always_on", {Kind::kAlwaysOn, true}},
                                              {"parentbased_always_off", {Kind::kAlwaysOff, true}},
                                              {"parentbased_traceidratio", {Kind::kRatio, true}},
                                              {"parentbased_jaeger_remote", {Kind::kRemote, true}}};
  std::optional<Named> named;
  reader.word(kSampler, named, kSamplers);
  const std::optional<std::string> argument = reader.text(kArgument);
  if (!named) return;
  sampler.kind = named->kind;
  sampler.follows_parent = named->follows_parent;
  sampler.ratio = sampler.kind == Kind::kRemote ? kInitialRate : 1;
  if (sampler.kind == Kind::kRatio) reader.number(kArgument, sampler.ratio, 0, 1);
  if (sampler.kind == Kind::kRemote) {
    sampler.remote = "http://127.0.0.1:5778/sampling";
    for (const std::string& part : split(argument.value_or(""), ',')) read_remote_part(reader, part, sampler);
  }
}

}  // namespace sextant::wiring
