// Tests of writing texts and reading them back: byte by byte, each piece once, equal texts under equal ids.
#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "base/sys/random.h"
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
  std::string encoded() {
    EXPECT_TRUE(writer.finish());
    std::string bytes;
    writer.encode_table(bytes);
    return bytes;
  }
  TextTable table() {
    const std::string bytes = encoded();
    return TextTable::decode(bytes, writer.block_count()).value();
  }
  ReadTextBlock reader() const {
    return [this](uint32_t block) -> Result<std::shared_ptr<const std::string>> { return blocks.at(block); };
  }
  /// Gives no more than is asked for.
  ReadTextBlockBeginning beginnings() const {
    return [this](uint32_t block, uint64_t bytes) -> Result<std::string_view> {
      return std::string_view(*blocks.at(block)).substr(0, bytes);
    };
  }

  std::vector<std::shared_ptr<const std::string>> blocks;
  TextWriter writer;
};

std::string message(int number) {
  return R"({"role":"user","parts":[{"type":"text","content":"message number )" + std::to_string(number) + R"("}]})";
}

std::string history(int messages, std::string_view separator = ",") {
  std::string out = "[";
  for (int i = 0; i < messages; ++i) out += (i == 0 ? std::string() : std::string(separator)) + message(i);
  return out + "]";
}

/// `text` as it stands inside a JSON string.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

/// Structure characters and prose in no order, cut anywhere.
std::string random_text(SeededRandom& random, uint64_t bytes) {
  static constexpr std::string_view kPieces[] = {"[{", "},{",  "}]",   "\"",      "\\n", "\n",    ",",
                                                 " ",  "]",    "\\\"", "{\"a\":", "[[",  "],[",   "\\",
                                                 "é",  "\xFF", "12",   "}",       ":",   "words "};
  std::string out;
  while (out.size() < bytes) {
    const std::string_view piece = kPieces[random.below(std::size(kPieces))];
    for (uint64_t i = 1 + random.below(3); i > 0; --i) out += piece;
    if (random.below(8) == 0) out.append(random.below(60), 'x');
  }
  return out.substr(0, bytes);
}

TEST(SplitText, CoversTheTextWithinItsBounds) {
  SeededRandom random(1);
  std::vector<uint32_t> ends;
  for (int round = 0; round < 2000; ++round) {
    const std::string text = random_text(random, random.below(6000));
    split_text(text, {}, ends);
    uint32_t begin = 0;
    for (const uint32_t end : ends) {
      ASSERT_GT(end, begin);
      ASSERT_LE(end - begin, kPieceBytesMax);
      begin = end;
    }
    ASSERT_EQ(begin, text.size());
  }
}

TEST(SplitText, CutsBetweenElements) {
  const std::string first(30, 'a');
  const std::string second(30, 'b');
  const std::string text = "[{" + first + "}, {" + second + "}\n]";
  std::vector<uint32_t> ends;
  split_text(text, {}, ends);
  EXPECT_EQ(ends, (std::vector<uint32_t>{33, 67, 69}));
}

TEST(SplitText, AFixedCutStaysWhateverComesBehind) {
  SeededRandom random(7);
  std::vector<uint32_t> ends;
  std::vector<uint32_t> behind;
  int found = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::string text =
        random.below(4) == 0 ? history(static_cast<int>(random.below(60))) : random_text(random, random.below(9000));
    const FixedCut cut = split_text(text, {}, ends);
    if (cut.place.pieces == 0) continue;
    ++found;
    ASSERT_EQ(ends.at(cut.place.pieces - 1), cut.place.at);
    const std::string other = text.substr(0, cut.bytes) + random_text(random, random.below(9000));
    const FixedCut all = split_text(other, {}, ends);
    ASSERT_EQ(ends.at(cut.place.pieces - 1), cut.place.at);
    const FixedCut rest = split_text(other, cut.place, behind);
    ASSERT_TRUE(std::ranges::equal(std::span(ends).subspan(cut.place.pieces), behind));
    if (rest.place.pieces == 0) continue;
    ASSERT_EQ(rest.place.at, all.place.at);
    ASSERT_EQ(rest.place.pieces, all.place.pieces);
    ASSERT_EQ(rest.bytes, all.bytes);
  }
  EXPECT_GT(found, 500);
}

TEST(SplitText, ManyTinyElementsStayWithinTheBound) {
  std::string text;
  while (text.size() < kTextBytesMax - 64)
    text += text.empty() ? "[{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}" : text.substr(0, 1 << 20) + ",{}";
  text.resize(kTextBytesMax, ']');
  std::vector<uint32_t> ends;
  split_text(text, {}, ends);
  EXPECT_LE(ends.size(), kTextPiecesMax);
  std::string elements = "[";
  while (elements.size() < 32U << 20) elements += ",{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa},{b}";
  split_text(elements, {}, ends);
  EXPECT_LE(ends.size(), kTextPiecesMax);
}

/// Conversations that grow, begin alike, fork and come again: what is known of a beginning must not change the ids.
TEST(TextStore, BeginningsThatAreKnownMakeNoOtherIds) {
  SeededRandom random(8);
  Stored stored;
  std::vector<std::pair<std::string, TextId>> known;
  for (int round = 0; round < 600; ++round) {
    std::string text = history(static_cast<int>(random.below(30)));
    if (!known.empty() && random.below(3) != 0) {
      const std::string& before = known[random.below(known.size())].first;
      text = before.substr(0, random.below(before.size() + 1)) + random_text(random, random.below(3000));
    }
    known.emplace_back(text, stored.add(text));
  }
  const uint32_t texts = stored.writer.text_count();
  for (size_t i = 0; i < known.size(); ++i) {
    const auto& [text, id] = known[(i * 37) % known.size()];
    EXPECT_EQ(stored.add(text), id);
  }
  EXPECT_EQ(stored.writer.text_count(), texts);
  const TextTable table = stored.table();
  for (const auto& [text, id] : known) ASSERT_EQ(table.text(id, stored.reader()).value(), text);
}

TEST(TextStore, GivesBackWhatWasAdded) {
  Stored stored;
  const std::vector<std::string> texts = {"",
                                          "x",
                                          "prose without any structure",
                                          history(1),
                                          history(40),
                                          history(40, ",\n  "),
                                          history(40).substr(0, 777),
                                          "{\"inputs\":\"" + escaped(history(9)) + "\"}",
                                          std::string(100'000, '['),
                                          std::string(10'000, '\n'),
                                          std::string("\0\xFF\xC0{", 4)};
  std::vector<TextId> ids;
  for (const std::string& text : texts) ids.push_back(stored.add(text));
  const TextTable table = stored.table();
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(table.text_bytes(ids[i]), texts[i].size());
    EXPECT_EQ(table.text(ids[i], stored.reader()).value(), texts[i]);
    EXPECT_EQ(table.prefix(ids[i], 50, stored.beginnings()).value(), texts[i].substr(0, 50));
    std::string joined;
    std::vector<TextPiece> pieces;
    table.pieces(ids[i], pieces);
    for (const TextPiece& piece : pieces) joined += stored.blocks[piece.block]->substr(piece.offset, piece.bytes);
    EXPECT_EQ(joined, texts[i]);
  }
}

TEST(TextStore, RandomTextsComeBackAndEqualOnesHaveEqualIds) {
  SeededRandom random(2);
  Stored stored(1000);
  std::vector<std::string> texts;
  std::vector<TextId> ids;
  for (int i = 0; i < 500; ++i) {
    std::string text = random_text(random, random.below(3000));
    if (i % 5 == 4) text = texts[random.below(texts.size())];
    ids.push_back(stored.add(text));
    texts.push_back(std::move(text));
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(stored.add(texts[i]), ids[i]);
    for (size_t j = 0; j < i; ++j) EXPECT_EQ(ids[i] == ids[j], texts[i] == texts[j]);
  }
  const TextTable table = stored.table();
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(table.text(ids[i], stored.reader()).value(), texts[i]);
}

TEST(TextStore, TheLargestTextComesBackALargerOneIsRefused) {
  SeededRandom random(3);
  Stored stored(kTextBlockBytesTarget);
  std::string text = random_text(random, 1 << 20);
  while (text.size() < kTextBytesMax) text += text.substr(random.below(1000));
  text.resize(kTextBytesMax);
  const TextId id = stored.add(text);
  const auto refused = stored.writer.add(text + "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kTooLarge);
  EXPECT_TRUE(stored.table().text(id, stored.reader()).value() == text);
}

TEST(TextStore, AHistoryCostsWhatIsNew) {
  for (const std::string_view separator : {",", ", ", ",\n  "}) {
    Stored stored;
    stored.add(history(100, separator));
    const uint64_t bytes = stored.writer.piece_bytes();
    const uint32_t nodes = stored.writer.text_count();
    const TextId longer = stored.add(history(101, separator));
    EXPECT_LE(stored.writer.piece_bytes() - bytes, message(100).size() + separator.size() + 3);
    EXPECT_LE(stored.writer.text_count() - nodes, 3U);
    EXPECT_EQ(stored.add(history(101, separator)), longer);
  }
}

TEST(TextStore, AHistoryInsideAStringCostsWhatIsNew) {
  Stored stored;
  const auto wrapped = [](int messages) { return R"({"inputs":")" + escaped(escaped(history(messages))) + R"("})"; };
  stored.add(wrapped(100));
  const uint64_t bytes = stored.writer.piece_bytes();
  stored.add(wrapped(101));
  EXPECT_LE(stored.writer.piece_bytes() - bytes, wrapped(101).size() - wrapped(100).size() + 10);
}

TEST(TextStore, AHistoryThatLosesItsBeginningSharesTheRest) {
  Stored stored(1U << 20);
  stored.add(history(100));
  const uint64_t bytes = stored.writer.piece_bytes();
  stored.add("[" + history(100).substr(1 + 50 * (message(10).size() + 1)));
  EXPECT_LE(stored.writer.piece_bytes() - bytes, 200U);
}

TEST(TextStore, GrowingProseSharesAllButItsEnd) {
  Stored stored;
  std::string prose;
  SeededRandom random(4);
  while (prose.size() < 100'000) prose += "line " + std::to_string(random.next()) + " of what was said\n";
  stored.add(prose);
  const uint64_t bytes = stored.writer.piece_bytes();
  stored.add(prose + "Human: and one more question\n");
  EXPECT_LE(stored.writer.piece_bytes() - bytes, 2 * kPieceBytesMax);
  stored.add("an edited beginning\n" + prose);
  EXPECT_LE(stored.writer.piece_bytes() - bytes, 8 * kPieceBytesMax);
}

TEST(TextStore, ShortPiecesAreNotTakenFromFarBlocks) {
  Stored stored(1000);
  const std::string end = R"({"type":"short"},{"type":"the very same end"}])";
  std::vector<TextId> ids;
  for (int i = 0; i < 50; ++i)
    ids.push_back(stored.add("[{" + std::string(300, 'a' + i % 26) + std::to_string(i) + "}," + end));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(stored.add("[{" + std::string(300, 'a' + i % 26) + std::to_string(i) + "}," + end),
              ids[static_cast<size_t>(i)]);
  }
  const TextTable table = stored.table();
  std::vector<TextPiece> pieces;
  for (const TextId id : ids) {
    table.pieces(id, pieces);
    EXPECT_LE(pieces.back().block - pieces.front().block, 1U);
  }
}

TEST(TextStore, MergingKeepsTextsAndReadsEachPieceOnce) {
  Stored a;
  Stored b;
  std::vector<TextId> ids_a;
  std::vector<TextId> ids_b;
  for (int i = 1; i < 60; ++i) (i % 2 == 0 ? ids_a : ids_b).push_back((i % 2 == 0 ? a : b).add(history(i)));
  const TextTable table_a = a.table();
  const TextTable table_b = b.table();
  Stored merged;
  uint64_t reads = 0;
  TextSource source_a(table_a, a.reader());
  TextSource source_b(table_b, [&](uint32_t block) {
    ++reads;
    return b.reader()(block);
  });
  std::vector<TextId> moved;
  for (size_t i = 0; i < ids_b.size(); ++i) {
    moved.push_back(merged.writer.add_from(source_b, ids_b[i]).value());
    if (i < ids_a.size()) moved.push_back(merged.writer.add_from(source_a, ids_a[i]).value());
  }
  EXPECT_LE(reads, table_b.piece_count());
  for (size_t i = 0; i < moved.size(); ++i) EXPECT_EQ(merged.add(history(static_cast<int>(i) + 1)), moved[i]);
  EXPECT_EQ(merged.writer.add_from(source_b, ids_b[5]).value(), moved[10]);
  const TextTable table = merged.table();
  for (size_t i = 0; i < moved.size(); ++i) {
    EXPECT_EQ(table.text(moved[i], merged.reader()).value(), history(static_cast<int>(i) + 1));
  }
  EXPECT_LT(merged.writer.piece_bytes(), a.writer.piece_bytes() + b.writer.piece_bytes());
}

TEST(TextStore, ErrorsOfTheOwnerAreHandedUp) {
  TextWriter writer({10}, [](std::string_view) -> Result<void> { return fail(ErrorCode::kDiskFull, "full"); });
  ASSERT_TRUE(writer.add("123456789"));
  const auto added = writer.add("abcdefghi");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code(), ErrorCode::kDiskFull);

  Stored stored;
  const TextId id = stored.add("some text");
  const TextTable table = stored.table();
  const auto missing = table.text(
      id, [](uint32_t) -> Result<std::shared_ptr<const std::string>> { return fail(ErrorCode::kIo, "gone"); });
  EXPECT_EQ(missing.error().code(), ErrorCode::kIo);
  const auto short_block = table.text(id, [](uint32_t) -> Result<std::shared_ptr<const std::string>> {
    return std::make_shared<const std::string>("some");
  });
  EXPECT_EQ(short_block.error().code(), ErrorCode::kDataLoss);
}

TEST(TextTable, DamagedBytesAreRefusedOrAnswered) {
  Stored stored(300);
  SeededRandom random(5);
  for (int i = 1; i < 20; ++i) stored.add(history(i));
  for (int i = 0; i < 20; ++i) stored.add(random_text(random, 400));
  const std::string good = stored.encoded();
  const uint32_t blocks = stored.writer.block_count();
  const auto look = [&](const std::string& bytes) {
    const auto table = TextTable::decode(bytes, blocks);
    if (!table) {
      EXPECT_EQ(table.error().code(), ErrorCode::kDataLoss);
      return false;
    }
    for (TextId id = 0; id < table->text_count(); ++id) {
      const auto text = table->text(id, stored.reader());
      if (text) {
        EXPECT_EQ(text->size(), table->text_bytes(id));
      } else {
        EXPECT_EQ(text.error().code(), ErrorCode::kDataLoss);
      }
    }
    return true;
  };
  EXPECT_TRUE(look(good));
  EXPECT_FALSE(TextTable::decode(good, blocks + 1));
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(look(good.substr(0, size))) << size;
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    look(bad);
  }
}

}  // namespace
}  // namespace sextant::persist
