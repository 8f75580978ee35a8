// What the API tells of the server as a whole: put together here, where all parts are known.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/core/guarded.h"
#include "base/sys/clock.h"
#include "base/sys/files.h"
#include "serve/api/server_facts.h"

namespace sextant::wiring {

/// Internally locked: the page's own address is known only when its server already answers. The rest does not change
/// from then on. Lifetime: the functions' targets outlive it.
class WiredFacts final : public serve::ServerFacts {
 public:
  std::string version_text;
  UnixNanos started_at = 0;
  Guarded<serve::ServerAddresses> listening;
  std::string durability_text;
  std::string data_dir;
  std::function<std::string()> find_store_problem;
  std::function<serve::ReceivedCounts()> count_received;
  std::function<std::vector<serve::RecentRefusal>()> list_refusals;

  std::string version() const override { return version_text; }
  UnixNanos started() const override { return started_at; }
  serve::ServerAddresses addresses() const override { return *listening.lock(); }
  std::string durability() const override { return durability_text; }
  Result<DiskSpace> space() const override { return posix_files().space(data_dir); }
  std::string store_problem() const override { return find_store_problem(); }
  serve::ReceivedCounts received() const override { return count_received(); }
  std::vector<serve::RecentRefusal> recent_refusals() const override { return list_refusals(); }
};

}  // namespace sextant::wiring
