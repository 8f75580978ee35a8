// Facts about backends; no code beyond putting them together.
#include "sextant/presets.h"

#include <string_view>

#include "base/base64.h"
#include "net/url.h"

namespace sextant {
namespace {

std::string without_slash(std::string_view address) {
  while (!address.empty() && address.back() == '/') address.remove_suffix(1);
  return std::string(address);
}

/// The address with a path at its end, unless it stands there.
std::string with_path(std::string_view address, std::string_view path) {
  std::string whole = without_slash(address);
  const bool there = whole.size() >= path.size() && whole.compare(whole.size() - path.size(), path.size(), path) == 0;
  return there ? whole : whole.append(path);
}

void add_header(OtlpHttpSettings& settings, const char* name, std::string_view prefix, const std::string& value) {
  if (!value.empty()) settings.headers.emplace_back(name, std::string(prefix).append(value));
}

std::string basic(const std::string& user, const std::string& password) {
  return user.empty() && password.empty() ? std::string() : base64(user + ":" + password);
}

OtlpHttpSettings traces_to(std::string_view product, std::string endpoint) {
  OtlpHttpSettings settings;
  settings.endpoint = std::move(endpoint);
  settings.metrics = false;
  settings.logs = false;
  settings.name = std::string(product) + " " + net::without_secrets(settings.endpoint);
  return settings;
}

}  // namespace

OtlpHttpSettings langfuse(const LangfuseAccount& account) {
  OtlpHttpSettings settings = traces_to("langfuse", with_path(account.host, "/api/public/otel"));
  add_header(settings, "Authorization", "Basic ", basic(account.public_key, account.secret_key));
  settings.headers.emplace_back("x-langfuse-ingestion-version", "4");  // what is sent can be seen at once
  settings.compression = Compression::kGzip;
  return settings;
}

OtlpHttpSettings langsmith(const LangsmithAccount& account) {
  OtlpHttpSettings settings = traces_to("langsmith", without_slash(account.endpoint));
  add_header(settings, "x-api-key", "", account.api_key);
  add_header(settings, "Langsmith-Project", "", account.project);
  return settings;
}

OtlpHttpSettings phoenix(const PhoenixAccount& account) {
  OtlpHttpSettings settings = traces_to("phoenix", without_slash(account.host));
  add_header(settings, "Authorization", "Bearer ", account.api_key);
  add_header(settings, "x-project-name", "", account.project);
  return settings;
}

OtlpHttpSettings opik(const OpikAccount& account) {
  OtlpHttpSettings settings = traces_to("opik", without_slash(account.endpoint));
  add_header(settings, "Authorization", "", account.api_key);  // without a scheme before it
  add_header(settings, "Comet-Workspace", "", account.workspace);
  add_header(settings, "projectName", "", account.project);
  return settings;
}

OtlpHttpSettings grafana_cloud(const GrafanaCloudAccount& account) {
  OtlpHttpSettings settings = traces_to("grafana cloud", with_path(account.endpoint, "/otlp"));
  settings.metrics = true;
  settings.logs = true;
  settings.compression = Compression::kGzip;
  if (!account.authorization.empty()) {
    add_header(settings, "Authorization", "", account.authorization);
  } else {
    add_header(settings, "Authorization", "Basic ", basic(account.instance_id, account.token));
  }
  return settings;
}

}  // namespace sextant
