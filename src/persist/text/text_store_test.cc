// Tests of writing texts and reading them back: byte by byte, each piece once, equal texts under equal ids.
#include <gtest/gtest.h>

#include "base/sys/random.h"
#include "persist/text/block_codec.h"
#include "persist/text/split.h"
#include "persist/text/text_writer.h"

namespace sextant::persist {
namespace {

/// A writer and what it handed over. Thread-confined.
struct Stored {
  explicit Stored(uint32_t block_bytes = 4096)
      : writer({block_bytes}, [this](std::string_view raw) -> Result<void> {
          blocks.push_back(std::make_shared<std::string>(raw));
          return {};
        }) {}

  TextId add(std::string_view text) { return writer.add(text).value(); }
  TextTable table() {
    EXPECT_TRUE(writer.finish());
    std::string bytes;
    writer.encode_table(bytes);
    return TextTable::decode(bytes, writer.block_count()).value();
  }
  ReadTextBlock reader() const {
    return [this](uint32_t block) -> Result<std::shared_ptr<const std::string>> { return blocks.at(block); };
  }

  std::vector<std::shared_ptr<const std::string>> blocks;
  TextWriter writer;
};

std::string message(int number) {
  return R"({"role":"user","parts":[{"type":"text","content":"message number )" + std::to_string(number) + R"("}]})";
}

std::string history(int messages) {
  std::string out = "[";
  for (int i = 0; i < messages; ++i) out += (i == 0 ? "" : ",") + message(i);
  return out + "]";
}

TEST(TextStore, GivesBackWhatWasAdded) {
  Stored stored;
  std::vector<std::string> texts = {"",
                                    "x",
                                    "prose without any structure",
                                    history(1),
                                    history(40),
                                    "[[[[{{{{]]]]}}}}",
                                    std::string("\0\xFF\xC0{", 4)};
  std::vector<TextId> ids;
  for (const std::string& text : texts) ids.push_back(stored.add(text));
  const TextTable table = stored.table();
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(table.text_bytes(ids[i]), texts[i].size());
    EXPECT_EQ(table.text(ids[i], stored.reader()).value(), texts[i]);
  }
}

TEST(TextStore, AHistoryCostsWhatIsNew) {
  Stored stored;
  stored.add(history(100));
  const uint64_t bytes = stored.writer.piece_bytes();
  const uint32_t nodes = stored.writer.text_count();
  const TextId longer = stored.add(history(101));
  EXPECT_LE(stored.writer.piece_bytes() - bytes, message(100).size() + 4);
  EXPECT_LE(stored.writer.text_count() - nodes, 3U);
  EXPECT_EQ(stored.add(history(101)), longer);
}

}  // namespace
}  // namespace sextant::persist
