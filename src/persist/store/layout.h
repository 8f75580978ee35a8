// Where a store keeps what, below its data directory. Drawn in docs/formats/README.md.
#pragma once

#include <string>

namespace sextant::persist {

/// Of files that are being written; a start removes them.
inline constexpr const char* kTemporarySuffix = ".tmp";
/// Of files that were set aside because of damage; nobody reads or removes them but people.
inline constexpr const char* kDamagedSuffix = ".damaged";

/// Value.
struct StoreLayout {
  explicit StoreLayout(const std::string& data_dir)
      : root(data_dir), tenant(data_dir + "/default"), log(tenant + "/log"), segments(tenant + "/segments") {}

  std::string root;
  std::string tenant;
  std::string log;
  std::string segments;

  std::string format_file() const { return root + "/FORMAT"; }
  /// What the log need not replay although no segment says so: retention removed it, or it was deleted.
  std::string sealed_file() const { return tenant + "/sealed"; }
  /// Which traces were deleted and may still lie in log or segments.
  std::string deleted_file() const { return tenant + "/deleted"; }
};

}  // namespace sextant::persist
