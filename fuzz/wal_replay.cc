// Any bytes as a log file: the header, every record, every batch in them. The checksums are made right first, so that
// what lies behind them is reached too.
#include <cstring>
#include <string>

#include "base/core/hash.h"
#include "fuzz/store_check.h"
#include "persist/format/batch_codec.h"
#include "persist/wal/log_reader.h"

namespace {

using namespace sextant;
using namespace sextant::persist;

void replay(std::string_view bytes) {
  const fuzz::BytesFile file(bytes);
  (void)scan_log(file, [](const LogRecordHeader&, uint64_t, std::string_view payload) {
    const Result<data::Batch> batch = decode_batch(payload);
    if (batch) {
      data::Batch copy;
      data::BatchAppender(copy).append_all(*batch);
    }
    return Result<void>{};
  });
}

/// A log whose only records are the input, cut into pieces: their headers and checksums are right.
std::string log_around(std::string_view input) {
  LogFileHeader header;
  header.generation = 3;
  header.salt = 5;
  header.base_sequence = 1;
  std::string log;
  for (const uint64_t offset : kLogHeaderOffsets) {
    log.resize(offset);
    encode_log_header(header, log);
  }
  log.resize(kLogDataOffset);
  for (uint64_t sequence = 1; !input.empty(); ++sequence) {
    const size_t size = std::min<size_t>(input.size(), sequence == 1 ? input.size() / 2 + 1 : input.size());
    LogRecordHeader record;
    record.generation = header.generation;
    record.sequence = sequence;
    record.payload_bytes = size;
    record.payload_checksum = crc32c(input.substr(0, size));
    const uint64_t end = log.size() + record.total_bytes();
    encode_record_header(record, header.salt, log.size(), log);
    log.append(input.substr(0, size));
    log.resize(end);
    input.remove_prefix(size);
  }
  return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  replay(input);
  replay(log_around(input));
  (void)decode_batch(input);
  return 0;
}
