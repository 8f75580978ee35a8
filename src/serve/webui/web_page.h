// Serves the built page: files out of the program itself, never from the disk, so that no path can lead elsewhere.
#pragma once

#include <optional>
#include <string_view>

#include "base/net/http_message.h"
#include "serve/webui/asset_table.h"

namespace sextant::serve {

/// Immutable after construction. Lifetime: `blob` and `rows` outlive it.
class WebPage {
 public:
  /// The page that was built into the program.
  WebPage() : WebPage(kBuiltPage, sextant_webui_blob) {}
  WebPage(AssetTable rows, const char* blob) : rows_(rows), blob_(blob) {}

  /// False: the program was built without the page.
  bool present() const { return !rows_.empty(); }

  /// The answer to GET or HEAD of a path (percent-decoded or not: none of ours needs it); nothing when the page has no
  /// such file or view. Views ("/runs", "/run/…") all get index.html: the page itself reads the address.
  std::optional<HttpAnswer> answer(std::string_view path, const HttpHeaders& headers) const;

 private:
  const AssetRow* find(std::string_view path) const;
  HttpAnswer serve(const AssetRow& row, const HttpHeaders& headers) const;
  std::string_view bytes_at(AssetPlace place) const { return {blob_ + place.offset, place.size}; }

  AssetTable rows_;
  const char* blob_;
};

/// True when an Accept-Encoding header allows gzip (RFC 9110 section 12.5.3).
bool accepts_gzip(std::string_view accept_encoding);
/// True when an If-None-Match header names `etag` or is "*"; weak and strong tags compare alike.
bool etag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace sextant::serve
