// Batches to a terminal or a stream, each in one write.
#include "sextant/console.h"

#include <cstdio>
#include <ostream>

#include "export/console_text.h"

namespace sextant {
namespace exporting {
namespace {

/// Thread-confined.
class Console final : public Exporter {
 public:
  explicit Console(const ConsoleSettings& settings) : settings_(settings) {}

  bool wants(Signal signal) const noexcept override {
    return signal == Signal::kTraces    ? settings_.traces
           : signal == Signal::kMetrics ? settings_.metrics
                                        : settings_.logs;
  }
  std::string name() const override {
    if (settings_.stream != nullptr) return "console";
    return settings_.target == ConsoleTarget::kStdout ? "console stdout" : "console stderr";
  }

  ExportResult send(const Batch& batch, const Deadline&) override {
    std::string text;
    const bool whole = batch.signal == Signal::kTraces    ? append_traces_text(text, batch.body)
                       : batch.signal == Signal::kMetrics ? append_metrics_text(text, batch.body)
                                                          : append_logs_text(text, batch.body);
    const bool written = write(text);
    if (!whole) return {ExportCode::kRefused, "the batch is no OTLP request in protobuf"};
    if (!written) return {ExportCode::kRefused, "the text could not be written"};
    return {};
  }

 private:
  bool write(const std::string& text) {
    if (settings_.stream != nullptr) {
      settings_.stream->write(text.data(), static_cast<std::streamsize>(text.size()));
      return settings_.stream->flush().good();
    }
    std::FILE* const file = settings_.target == ConsoleTarget::kStdout ? stdout : stderr;
    return std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
  }

  const ConsoleSettings settings_;
};

}  // namespace
}  // namespace exporting

ExporterPtr console(ConsoleSettings settings) {
  return std::make_shared<exporting::Console>(settings);
}

}  // namespace sextant
