#include "serve/webui/web_page.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace sextant::serve {
namespace {

// A page of three files, packed by hand: 'index' at 1, its packed form at 6, a script at 9.
constexpr std::array<AssetRow, 3> kRows = {{
    {"/assets/app-abcdefgh.js", "text/javascript", "\"js\"", Caching::kImmutable, {9, 6}, {0, 0}},
    {"/index.html", "text/html", "\"html\"", Caching::kRevalidate, {1, 5}, {6, 3}},
    {"/mark.svg", "image/svg+xml", "\"svg\"", Caching::kRevalidate, {15, 1}, {0, 0}},
}};

class Page : public ::testing::Test {
 protected:
  std::string blob_{"\0indexZIPscript!", 16};
  WebPage page_{kRows, blob_.data()};
};

TEST_F(Page, FilesComeAsTheyAre) {
  const auto script = page_.answer("/assets/app-abcdefgh.js", {});
  ASSERT_TRUE(script);
  EXPECT_EQ(script->status, 200);
  EXPECT_EQ(script->body, "script");
  EXPECT_EQ(script->content_type, "text/javascript");
  EXPECT_NE(script->headers.get("Cache-Control").find("immutable"), std::string_view::npos);
  EXPECT_EQ(page_.answer("/mark.svg", {})->headers.get("Cache-Control"), "no-cache");
}

TEST_F(Page, EveryViewGetsTheIndex) {
  for (const std::string_view path : {"/", "/runs", "/run/0123?tab=x", "/run/ab/cd", "/compare/a/b", "/sessions"}) {
    const auto answer = page_.answer(path, {});
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->body, "index");
    EXPECT_EQ(answer->headers.get("Cache-Control"), "no-cache");
  }
}

TEST_F(Page, NothingElseIsServed) {
  for (const std::string_view path : {"", "/nowhere", "/assets/", "/assets/../index.html", "/../../etc/passwd",
                                      "//runs", "/runsx", "/assets/%2e%2e/x", "index.html", "/INDEX.HTML"}) {
    EXPECT_FALSE(page_.answer(path, {})) << path;
  }
}

TEST_F(Page, PackedForThoseWhoTakeIt) {
  const auto packed = page_.answer("/", {{"Accept-Encoding", "deflate, gzip;q=0.8, br"}});
  EXPECT_EQ(packed->body, "ZIP");
  EXPECT_EQ(packed->headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(page_.answer("/", {{"Accept-Encoding", "gzip;q=0"}})->body, "index");
  EXPECT_EQ(page_.answer("/mark.svg", {{"Accept-Encoding", "gzip"}})->headers.get("Content-Encoding"), "");
  EXPECT_EQ(page_.answer("/", {})->headers.get("Vary"), "Accept-Encoding");
}

TEST_F(Page, UnchangedIsNotSentAgain) {
  for (const std::string_view tags : {"\"html\"", "W/\"html\"", "\"x\", \"html\"", "*"}) {
    const auto answer = page_.answer("/", {{"If-None-Match", std::string(tags)}});
    EXPECT_EQ(answer->status, 304) << tags;
    EXPECT_EQ(answer->body, "");
    EXPECT_EQ(answer->headers.get("ETag"), "\"html\"");
  }
  EXPECT_EQ(page_.answer("/", {{"If-None-Match", "\"old\""}})->status, 200);
}

TEST_F(Page, WithoutAPageNothingIsAnswered) {
  const WebPage none({}, blob_.data());
  EXPECT_FALSE(none.present());
  EXPECT_FALSE(none.answer("/", {}));
}

TEST(Encoding, WeightsDecide) {
  EXPECT_TRUE(accepts_gzip("gzip"));
  EXPECT_TRUE(accepts_gzip("GZIP;q=1.0"));
  EXPECT_TRUE(accepts_gzip("*"));
  EXPECT_TRUE(accepts_gzip("br , x-gzip"));
  EXPECT_FALSE(accepts_gzip(""));
  EXPECT_FALSE(accepts_gzip("identity"));
  EXPECT_FALSE(accepts_gzip("*, gzip;q=0"));
  EXPECT_FALSE(accepts_gzip("notgzip"));
}

// The page that was built into this very program, when there is one.
TEST(BuiltPage, IsWholeOrAbsent) {
  const WebPage page;
  const auto index = page.answer("/", {});
  ASSERT_EQ(index.has_value(), page.present());
  for (const AssetRow& row : kBuiltPage) {
    const auto answer = page.answer(row.path, {});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body.size(), row.plain.size);
    // Nothing that the page's own policy forbids: inline script, or anything from elsewhere.
    if (row.content_type.starts_with("text/html")) {
      EXPECT_EQ(answer->body.find("<script>"), std::string::npos);
      EXPECT_EQ(answer->body.find("src=\"http"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace sextant::serve
