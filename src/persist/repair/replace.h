// How a repair changes files: never without keeping what was there.
#pragma once

#include <string>

#include "base/core/result.h"
#include "base/sys/files.h"

namespace sextant::persist {

/// Puts the whole file `fresh`, which is synced, in the place of `path`, whose content is kept beside it. Ended at any
/// moment it leaves the one or the other under `path`. Returns the name under which the old content is kept.
Result<std::string> replace_file(Files& files, const std::string& fresh, const std::string& path);

/// Gives a file that cannot be read another name beside it, which it returns.
Result<std::string> set_aside(Files& files, const std::string& path);

}  // namespace sextant::persist
