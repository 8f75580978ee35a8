// What conversations cost in the text store: bytes and CPU time a span, for the store's codecs and for zstd at several
// levels and block sizes.
//
//   bench_text_store [SPANS [TEXT_FILE [VALUE_BYTES_MIN]]]     the agent corpus; prose from TEXT_FILE when it is given
#include <fmt/format.h>
#include <time.h>
#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "data/corpus/corpus.h"
#include "persist/text/block_codec.h"
#include "persist/text/split.h"
#include "persist/text/text_writer.h"

namespace {

using namespace sextant;
using namespace sextant::persist;

constexpr uint64_t kSpansDefault = 50'000;
constexpr uint64_t kValueBytesMinDefault = 129;  // what dictionaries of batches do not share

double cpu_nanos() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct Values {
  std::vector<std::string> texts;
  double spans = 0;
  double bytes = 0;
};

Values make_values(uint64_t spans, std::string text, uint64_t bytes_min) {
  const auto corpus = data::make_corpus({.kind = data::CorpusKind::kAgent, .text = std::move(text)});
  Values out;
  while (out.spans < static_cast<double>(spans)) {
    const data::Batch batch = corpus->next_request();
    for (const data::AttributeList& list : batch.spans.attributes) {
      for (const data::ValueCode code : batch.values_of(list)) {
        const data::ValueView value = batch.values.view(code);
        if (value.type != data::ValueType::kString || value.bytes.size() < bytes_min) continue;
        out.texts.emplace_back(value.bytes);
        out.bytes += static_cast<double>(value.bytes.size());
      }
    }
    out.spans += batch.span_count();
  }
  return out;
}

/// Prints figures a span. Thread-confined.
class Report {
 public:
  explicit Report(double spans) : spans_(spans) {}
  void line(std::string_view figure, double sum, std::string_view unit) const {
    fmt::print("{{\"figure\":\"text.{}\",\"value\":{:.2f},\"unit\":\"{}/span\"}}\n", figure, sum / spans_, unit);
  }
  void plain(std::string_view figure, double value, std::string_view unit) const {
    fmt::print("{{\"figure\":\"text.{}\",\"value\":{:.2f},\"unit\":\"{}\"}}\n", figure, value, unit);
  }

 private:
  const double spans_;
};

struct Stored {
  std::vector<std::string> blocks;
  std::vector<TextId> ids;
  std::string table;
};

Stored store(const Values& values, uint32_t block_bytes, const Report* report) {
  Stored out;
  TextWriter writer({block_bytes}, [&](std::string_view raw) -> Result<void> {
    out.blocks.emplace_back(raw);
    return {};
  });
  const double begin = cpu_nanos();
  for (const std::string& text : values.texts) out.ids.push_back(writer.add(text).value_or(kEmptyText));
  if (!writer.finish()) std::abort();
  const double nanos = cpu_nanos() - begin;
  writer.encode_table(out.table);
  if (report == nullptr) return out;
  report->line("add", nanos, "ns");
  report->line("raw", static_cast<double>(writer.piece_bytes()), "bytes");
  report->line("pieces", writer.piece_count(), "pieces");
  report->line("nodes", writer.text_count(), "nodes");
  report->line("table", static_cast<double>(out.table.size()), "bytes");
  report->plain("writer_memory", static_cast<double>(writer.byte_size()) / (1 << 20), "MiB");
  return out;
}

void measure_split(const Values& values, const Report& report) {
  std::vector<uint32_t> ends;
  const double begin = cpu_nanos();
  for (const std::string& text : values.texts) split_text(text, {}, ends);
  report.plain("split", values.bytes / (cpu_nanos() - begin), "GB/s");
}

void measure_zstd(const Stored& stored, std::string_view name, int level, const Report& report) {
  std::string out;
  double bytes = 0;
  const double begin = cpu_nanos();
  for (const std::string& block : stored.blocks) {
    out.resize(ZSTD_compressBound(block.size()));
    bytes += static_cast<double>(ZSTD_compress(out.data(), out.size(), block.data(), block.size(), level));
  }
  report.line(fmt::format("zstd_{}.{}", level, name), bytes, "bytes");
  report.line(fmt::format("zstd_{}.{}.compress", level, name), cpu_nanos() - begin, "ns");
}

struct Packed {
  TextVocabulary vocabulary;
  std::vector<std::string> blocks;
};

Packed measure_words(const Stored& stored, std::string_view name, const Report& report) {
  const std::vector<std::string_view> views(stored.blocks.begin(), stored.blocks.end());
  double begin = cpu_nanos();
  Packed packed{TextVocabulary::learn(views), {}};
  std::string vocabulary;
  packed.vocabulary.encode(vocabulary);
  report.line(fmt::format("words.{}.learn", name), cpu_nanos() - begin, "ns");
  double bytes = static_cast<double>(vocabulary.size());
  report.line(fmt::format("words.{}.vocabulary", name), bytes, "bytes");
  begin = cpu_nanos();
  for (const std::string_view block : views) {
    std::string& out = packed.blocks.emplace_back();
    compress_text_block(block, packed.vocabulary, Effort::kSmall, out);
    bytes += static_cast<double>(out.size());
  }
  report.line(fmt::format("words.{}.compress", name), cpu_nanos() - begin, "ns");
  report.line(fmt::format("words.{}", name), bytes, "bytes");
  begin = cpu_nanos();
  for (const std::string& block : packed.blocks) {
    if (!decompress_text_block(block, packed.vocabulary)) std::abort();
  }
  const double nanos = cpu_nanos() - begin;
  report.line(fmt::format("words.{}.decompress", name), nanos, "ns");
  report.plain(fmt::format("words.{}.block", name), nanos / static_cast<double>(views.size()) / 1e3, "us/block");
  return packed;
}

/// Single texts, each with blocks read anew.
void measure_read(const Stored& stored, const Packed& packed, const Report& report) {
  const auto table = TextTable::decode(stored.table, static_cast<uint32_t>(stored.blocks.size()));
  if (!table) std::abort();
  std::vector<double> micros;
  for (size_t i = 0; i < stored.ids.size(); i += stored.ids.size() / 500 + 1) {
    const double begin = cpu_nanos();
    const auto text = table->text(stored.ids[i], [&](uint32_t block) -> Result<std::shared_ptr<const std::string>> {
      return std::make_shared<const std::string>(TRY(decompress_text_block(packed.blocks[block], packed.vocabulary)));
    });
    if (!text) std::abort();
    micros.push_back((cpu_nanos() - begin) / 1e3);
  }
  std::ranges::sort(micros);
  report.plain("read_text_p50", micros[micros.size() / 2], "us");
  report.plain("read_text_p99", micros[micros.size() * 99 / 100], "us");
  report.plain("table_memory", static_cast<double>(table->byte_size()) / (1 << 20), "MiB");
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t spans = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : kSpansDefault;
  std::string text;
  if (argc > 2) {
    std::ifstream file(argv[2], std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  const Values values =
      make_values(spans, text, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : kValueBytesMinDefault);
  const Report report(values.spans);
  report.line("values", values.bytes, "bytes");
  measure_split(values, report);
  for (const uint32_t kibibytes : {64U, 128U, 256U, 1024U}) {
    const bool chosen = kibibytes * 1024 == kTextBlockBytesTarget;
    const Stored stored = store(values, kibibytes * 1024, chosen ? &report : nullptr);
    const std::string name = fmt::format("{}k", kibibytes);
    for (const int level : {1, 3, 6, 9}) measure_zstd(stored, name, level, report);
    const Packed packed = measure_words(stored, name, report);
    if (chosen) measure_read(stored, packed, report);
  }
  return 0;
}
