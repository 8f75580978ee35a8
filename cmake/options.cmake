# Compiler settings that hold for every target: language level, warnings, sanitizers, hardening.
option(SEXTANT_FUZZ "Build the fuzz targets with libFuzzer (needs Clang)" OFF)
option(SEXTANT_LAYER_CHECK "Let Clang refuse includes of undeclared modules" OFF)
set(SEXTANT_SANITIZE "" CACHE STRING "Sanitizers to build with, e.g. address,undefined or thread")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
find_package(Threads REQUIRED)

# -O1 keeps the sanitized tests within their time; -g1 is enough for stack traces and halves the link.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -fno-plt")
set(CMAKE_C_FLAGS_DEBUG "${CMAKE_CXX_FLAGS_DEBUG}")
set(CMAKE_C_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fstack-protector-strong)
  add_compile_definitions(_FORTIFY_SOURCE=2)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(SEXTANT_SANITIZE MATCHES "thread")
  # ThreadSanitizer does not model fences, and GCC refuses them; Asio's locks order the same accesses.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
if(SEXTANT_SANITIZE)
  add_compile_options(-fsanitize=${SEXTANT_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SEXTANT_SANITIZE})
endif()

if(SEXTANT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(SEXTANT_MOLD mold)
if(SEXTANT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Warnings are errors for our own code only; they are attached by module() and the test helpers.
set(SEXTANT_WARNINGS -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # TRY is a statement expression; GCC 12 reports false positives of the next three inside libstdc++ when sanitizers are on.
  list(APPEND SEXTANT_WARNINGS -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-dangling-pointer)
else()
  list(APPEND SEXTANT_WARNINGS -Wthread-safety -Wno-gnu-statement-expression -Wno-gnu-statement-expression-from-macro-expansion
       -Wno-deprecated-declarations)  # libstdc++ 12 itself uses what it deprecates (get_temporary_buffer)
endif()

# When a test counts as hanging. Far above what any of them needs with a sanitizer on a machine that does much else: a
# test ends by what it finds, not by the clock.
set(SEXTANT_HANG_SECONDS 3600)
