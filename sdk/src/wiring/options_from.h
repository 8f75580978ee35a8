// Settings into Options: what was said becomes exporters, samplers and queues.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sextant/makers.h"
#include "sextant/sdk.h"
#include "wiring/settings.h"

namespace sextant::wiring {

struct BuiltOptions {
  Options options;
  std::vector<std::string> notes;  // what was asked for and could not be made, and why
};

BuiltOptions options_from(const Settings& settings, const Makers& makers);

/// Where metrics can be scraped; nothing unless `prometheus` is one of their exporters.
struct ScrapeAddress {
  std::string host = "localhost";  // OpenTelemetry's defaults
  std::uint16_t port = 9464;       // 0: any that is free
};
std::optional<ScrapeAddress> scrape_address(const Settings& settings);

/// The exporters of all signals; the longest of their timeouts goes to `timeout`.
std::vector<ExporterPtr> make_exporters(const Settings& settings, const Makers& makers, Milliseconds& timeout,
                                        std::vector<std::string>& notes);
SamplerPtr make_sampler(const Settings& settings, const Makers& makers, std::vector<std::string>& notes);

}  // namespace sextant::wiring
