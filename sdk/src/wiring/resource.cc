#include "wiring/resource.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstring>
#include <map>

#include "base/buffer.h"
#include "base/random.h"
#include "otlp/value_writer.h"
#include "sextant/version.h"

namespace sextant::wiring {
namespace {

using Named = std::map<std::string, std::string>;

std::string program_name() {
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  if (size <= 0) return {};
  const std::string_view whole(path, static_cast<std::size_t>(size));
  return std::string(whole.substr(whole.rfind('/') + 1));
}

/// A random UUID (RFC 9562, version 4).
std::string instance_id() {
  Random random;
  random.seed();
  Id<16> id;
  for (std::size_t at = 0; at < 16; at += 8) {
    const std::uint64_t word = random.next();
    std::memcpy(id.bytes.data() + at, &word, 8);
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  std::string text = id.hex();
  for (const std::size_t at : {20u, 16u, 12u, 8u}) text.insert(at, "-");
  return text;
}

void detect(Named& all, const std::string& program) {
  utsname system{};
  if (uname(&system) == 0) {
    all["host.name"] = system.nodename;
    all["host.arch"] = std::strcmp(system.machine, "x86_64") == 0    ? "amd64"
                       : std::strcmp(system.machine, "aarch64") == 0 ? "arm64"
                                                                     : system.machine;
    all["os.type"] = "linux";
    all["os.version"] = system.release;
  }
  all["process.executable.name"] = program;
  all["service.instance.id"] = instance_id();
}

void set(Named& all, const char* key, const std::string& value) {
  if (!value.empty()) all[key] = value;
}

}  // namespace

std::string service_name(const Options& options) {
  if (!options.service_name.empty()) return options.service_name;
  for (auto at = options.resource.rbegin(); at != options.resource.rend(); ++at) {
    if (at->key == "service.name") return at->value;
  }
  const std::string program = program_name();
  return program.empty() ? "unknown_service" : "unknown_service:" + program;
}

// Resource { repeated KeyValue attributes = 1 }
exporting::EncodedResource make_resource(const Options& options) {
  Named all;
  const std::string program = program_name();
  if (options.detect_resource) detect(all, program);
  all["telemetry.sdk.name"] = "sextant";
  all["telemetry.sdk.language"] = "cpp";
  all["telemetry.sdk.version"] = kVersion;
  for (const ResourceAttribute& attribute : options.resource) all[attribute.key] = attribute.value;
  all["service.name"] = service_name(options);
  set(all, "service.version", options.service_version);
  set(all, "deployment.environment.name", options.deployment_environment);
  Buffer<1024> out;
  for (const auto& [key, value] : all) otlp::append_attribute<1>(out, {key, value}, {});
  if (options.detect_resource) otlp::append_attribute<1>(out, {"process.pid", static_cast<std::int64_t>(getpid())}, {});
  return {std::string(out.view()), {}};
}

}  // namespace sextant::wiring
