#include "serve/api/openapi.h"

// SEXTANT_OPENAPI_FILE is set by api.cmake.
asm(".section .rodata\n"
    ".global sextant_openapi_begin\n"
    "sextant_openapi_begin:\n"
    ".incbin \"" SEXTANT_OPENAPI_FILE
    "\"\n"
    ".global sextant_openapi_end\n"
    "sextant_openapi_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char sextant_openapi_begin[];
extern const char sextant_openapi_end[];
}

namespace sextant::serve {

std::string_view openapi_json() {
  return {sextant_openapi_begin, sextant_openapi_end};
}

}  // namespace sextant::serve
