// Names for the SDK's threads.
#pragma once

namespace sextant {

/// What `top -H` calls this thread; at most 15 characters.
void name_thread(const char* name) noexcept;

}  // namespace sextant
