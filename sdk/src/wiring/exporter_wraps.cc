#include "wiring/exporter_wraps.h"

#include <string>
#include <utility>

#include "base/log.h"

namespace sextant::wiring {
namespace {

/// Thread-confined.
class WithTimeout final : public Exporter {
 public:
  WithTimeout(ExporterPtr exporter, std::chrono::milliseconds timeout)
      : exporter_(std::move(exporter)), timeout_(timeout) {}
  bool wants(Signal signal) const noexcept override { return exporter_->wants(signal); }
  std::string name() const override { return exporter_->name(); }
  ExportResult send(const Batch& batch, const Deadline& deadline) override {
    return exporter_->send(batch, deadline.no_later_than(Deadline::Clock::now() + timeout_));
  }

 private:
  const ExporterPtr exporter_;
  const std::chrono::milliseconds timeout_;
};

const char* name_of(Signal signal) {
  return signal == Signal::kTraces ? "traces" : signal == Signal::kMetrics ? "metrics" : "logs";
}

std::string outcome_of(const ExportResult& result) {
  if (result.code == ExportCode::kRetry) return "to be tried again: " + result.message;
  if (result.code == ExportCode::kRefused) return "refused: " + result.message;
  if (result.rejected > 0) return "taken, " + std::to_string(result.rejected) + " of them rejected: " + result.message;
  return "taken";
}

/// Thread-confined.
class WithLog final : public Exporter {
 public:
  explicit WithLog(ExporterPtr exporter) : exporter_(std::move(exporter)) {}
  bool wants(Signal signal) const noexcept override { return exporter_->wants(signal); }
  std::string name() const override { return exporter_->name(); }
  ExportResult send(const Batch& batch, const Deadline& deadline) override {
    const auto begin = Deadline::Clock::now();
    ExportResult result = exporter_->send(batch, deadline);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Deadline::Clock::now() - begin);
    log(LogLevel::kInfo, "export of " + std::string(name_of(batch.signal)) + " to " + exporter_->name(),
        std::to_string(batch.items) + " items, " + std::to_string(batch.body.size()) + " bytes, " +
            std::to_string(took.count()) + " us, " + outcome_of(result));
    return result;
  }

 private:
  const ExporterPtr exporter_;
};

}  // namespace

ExporterPtr with_timeout(ExporterPtr exporter, std::chrono::milliseconds timeout) {
  return std::make_shared<WithTimeout>(std::move(exporter), timeout);
}

ExporterPtr with_log(ExporterPtr exporter) {
  return std::make_shared<WithLog>(std::move(exporter));
}

}  // namespace sextant::wiring
