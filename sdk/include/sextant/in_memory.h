// An exporter for tests: keeps what it is given.
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "sextant/exporter.h"

namespace sextant {

/// Internally locked.
class InMemoryExporter final : public Exporter {
 public:
  bool wants(Signal) const noexcept override { return true; }
  ExportResult send(const Batch& batch, const Deadline& deadline) override;
  std::string name() const override { return "memory"; }

  /// What has come since the last call.
  std::vector<Batch> take();
  std::size_t items(Signal signal) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Batch> batches_;
  std::size_t items_[3] = {};
};

}  // namespace sextant
