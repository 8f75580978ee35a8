// Any bytes as each of the files of a store that `sextant inspect` prints. The first byte says by which name.
#include <string>

#include "fuzz/store_check.h"
#include "persist/inspect/inspect.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sextant;
  static const std::string kNames[] = {"/d/default/log/00000001.log", "/d/FORMAT", "/d/default/sealed", "/d/unknown",
                                       "/d/0000000000000001-0000000000000002-20260101T000000-20260101T000001.segment"};
  if (size == 0) return 0;
  fuzz::BytesFiles files({reinterpret_cast<const char*>(data) + 1, size - 1});
  for (const auto detail : {persist::InspectDetail::kRecords, persist::InspectDetail::kSpans}) {
    (void)persist::inspect_file(files, kNames[data[0] % std::size(kNames)], detail, [](std::string_view) {});
  }
  return 0;
}
