// The public face of health checks, and a report as JSON.
#include "sextant/health.h"

#include "base/json_text.h"
#include "health/checker.h"

namespace sextant {
namespace {

void append_text(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out.resize(begin + json_text_bytes(text));
  write_json_text(out.data() + begin, text);
}

const char* status_of(bool healthy) {
  return healthy ? "\"healthy\"" : "\"unhealthy\"";
}

}  // namespace

std::string HealthReport::json() const {
  std::string out = "{\"status\":";
  out.append(status_of(healthy)).append(",\"checks\":{");
  for (const CheckReport& one : checks) {
    if (&one != &checks.front()) out += ',';
    append_text(out, one.name);
    out.append(":{\"status\":").append(status_of(one.healthy));
    out.append(",\"latency_ms\":").append(std::to_string(one.latency.count()));
    if (!one.healthy) {
      out += ",\"error\":";
      append_text(out, one.error);
    }
    out += '}';
  }
  return out + "}}\n";
}

HealthChecker::HealthChecker(const HealthSettings& settings) : checker_(std::make_shared<health::Checker>(settings)) {}

Result<bool> HealthChecker::add_guarded(HealthCheck check) {
  return checker_->add(std::move(check));
}

bool HealthChecker::remove(std::string_view name) {
  return checker_->remove(name);
}

HealthReport HealthChecker::check() const {
  return checker_->check();
}

}  // namespace sextant
