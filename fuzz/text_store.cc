// Any bytes as texts that are stored and read back, and as each of the forms in which texts are stored.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "persist/text/block_codec.h"
#include "persist/text/text_writer.h"

namespace {

using namespace sextant;
using namespace sextant::persist;

void require(bool condition) {
  if (!condition) std::abort();
}

/// Blocks of a writer, compressed and unfolded again. Thread-confined.
struct Blocks {
  std::vector<std::shared_ptr<const std::string>> raw;

  TextWriter::WriteBlock sink() {
    return [this](std::string_view bytes) -> Result<void> {
      raw.push_back(std::make_shared<std::string>(bytes));
      return {};
    };
  }
  ReadTextBlock source() const {
    return [this](uint32_t block) -> Result<std::shared_ptr<const std::string>> {
      if (block >= raw.size()) return fail(ErrorCode::kNotFound, "no block");
      return raw[block];
    };
  }
  void compress_all() {
    std::vector<std::string_view> views;
    for (const auto& block : raw) views.push_back(*block);
    const TextVocabulary learned = TextVocabulary::learn(views);
    std::string words;
    learned.encode(words);
    const auto vocabulary = TextVocabulary::decode(words);
    require(vocabulary.has_value());
    for (auto& block : raw) {
      for (const Effort effort : {Effort::kNone, Effort::kSmall}) {
        std::string packed;
        compress_text_block(*block, learned, effort, packed);
        auto unfolded = decompress_text_block(packed, *vocabulary);
        require(unfolded && *unfolded == *block);
        block = std::make_shared<std::string>(std::move(*unfolded));
      }
    }
  }
};

TextTable table_of(TextWriter& writer) {
  require(writer.finish().has_value());
  std::string bytes;
  writer.encode_table(bytes);
  auto table = TextTable::decode(bytes, writer.block_count());
  require(table.has_value());
  return std::move(*table);
}

/// The input's beginnings, cut at every byte 0x01, as the turns of a conversation.
std::vector<std::string_view> turns_of(std::string_view input) {
  std::vector<std::string_view> texts;
  for (size_t at = 0; at < input.size() && texts.size() < 16; ++at) {
    if (input[at] == 1) texts.push_back(input.substr(0, at));
  }
  texts.push_back(input);
  return texts;
}

void store_and_read(std::string_view input) {
  const std::vector<std::string_view> texts = turns_of(input);
  Blocks blocks;
  TextWriter writer({256}, blocks.sink());
  std::vector<TextId> ids;
  for (const std::string_view text : texts) {
    ids.push_back(*writer.add(text));
    require(*writer.add(text) == ids.back());
  }
  const TextTable table = table_of(writer);
  blocks.compress_all();
  Blocks merged;
  TextWriter target({1024}, merged.sink());
  TextSource source(table, blocks.source());
  std::vector<TextId> moved;
  for (const TextId id : ids) moved.push_back(*target.add_from(source, id));
  const TextTable merged_table = table_of(target);
  for (size_t i = 0; i < texts.size(); ++i) {
    require(*table.text(ids[i], blocks.source()) == texts[i]);
    require(*merged_table.text(moved[i], merged.source()) == texts[i]);
  }
}

void read_as_stored(std::string_view input) {
  const uint32_t blocks = input.empty() ? 0 : static_cast<uint8_t>(input.front()) % 4;
  const std::string_view rest = input.substr(input.empty() ? 0 : 1);
  const auto table = TextTable::decode(rest, blocks);
  if (table) {
    const auto short_block = std::make_shared<const std::string>(100, 'x');
    const ReadTextBlock read = [&](uint32_t) -> Result<std::shared_ptr<const std::string>> { return short_block; };
    const uint32_t count = std::min(table->text_count(), 1000U);
    for (TextId id = 0; id < count; ++id) {
      if (table->text_bytes(id) <= 1U << 20) (void)table->text(id, read);
    }
  }
  static const TextVocabulary known = [] {
    const std::string sample = "the cat and the dog and the bird saw [{\"role\":\"user\"},{\"role\":\"user\"}] the cat";
    const std::vector<std::string_view> blocks_of_it(4, sample);
    return TextVocabulary::learn(blocks_of_it);
  }();
  (void)decompress_text_block(input, known, 1U << 20);
  const auto vocabulary = TextVocabulary::decode(rest);
  if (vocabulary) (void)decompress_text_block(std::string("\x02\x40") + std::string(rest), *vocabulary, 1U << 20);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  store_and_read(input);
  read_as_stored(input);
  return 0;
}
