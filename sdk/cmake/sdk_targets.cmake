# How the SDK's targets are made.
#
#   sdk_module(NAME DEPS…)                a folder of the core: its *.cc become part of the library sextant_sdk, its *_test.cc a test
#   sdk_component(NAME DEPS… LIBS…)       a folder that becomes a library of its own beside the core: sextant::NAME
#       NEEDS, TEST_NEEDS      the packages without which it, or its test, is left out; an installed one looks for NEEDS
#       PC_REQUIRES            the same for pkg-config
#
# As in src/ of the server, a module may include its own headers and those of modules declared above it, which tools/dev lint checks.

set(SDK_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor)
if(SEXTANT_SDK_WERROR)
  list(APPEND SDK_WARNINGS -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives of GCC 12 inside libstdc++ at -O2.
  list(APPEND SDK_WARNINGS -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds)
endif()

# What every target of the SDK is compiled with.
function(sdk_settings target)
  target_compile_options(${target} PRIVATE ${SDK_WARNINGS} $<$<CONFIG:Release>:-O3>)  # a tenth less time for a span than -O2
  set_target_properties(${target} PROPERTIES CXX_STANDARD ${SEXTANT_SDK_CXX_STANDARD} CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
                        POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  if(SEXTANT_SDK_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${SEXTANT_SDK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
    target_link_options(${target} PUBLIC -fsanitize=${SEXTANT_SDK_SANITIZE})
  endif()
endfunction()

function(sdk_test target)
  if(NOT SEXTANT_SDK_TESTS)
    return()
  endif()
  cmake_parse_arguments(T "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${target} ${T_SOURCES})
  sdk_settings(${target})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${target} PRIVATE SEXTANT_SDK_FIXTURES="${SEXTANT_SDK_FIXTURES}")
  target_link_libraries(${target} PRIVATE ${T_LIBS} GTest::gtest_main GTest::gmock)
  add_test(NAME sdk/${target} COMMAND ${target})
  # ThreadSanitizer refuses threads in the child of a fork unless told; the child starts them after everything is set right.
  set_tests_properties(sdk/${target} PROPERTIES TIMEOUT 3600 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/..
                       ENVIRONMENT_MODIFICATION "TSAN_OPTIONS=path_list_append:die_after_fork=0")
endfunction()

function(sdk_module name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  target_sources(sextant_sdk PRIVATE ${sources})
  if(tests)
    sdk_test(sdk_${name}_test SOURCES ${tests} LIBS sextant_sdk)
  endif()
endfunction()

function(sdk_component name)
  cmake_parse_arguments(C "" "" "DEPS;NEEDS;LIBS;PRIVATE_LIBS;TEST_NEEDS;TEST_LIBS;PC_REQUIRES" ${ARGN})
  foreach(package ${C_NEEDS})
    if(NOT ${package}_FOUND)
      message(STATUS "sextant::${name} is left out: ${package} is not there")
      return()
    endif()
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  # Components among DEPS are linked where they were built, and the code is told so by SEXTANT_WITH_NAME.
  set(components "")
  set(definitions "")
  foreach(dep ${C_DEPS})
    if(TARGET sextant_${dep})
      string(TOUPPER ${dep} word)
      list(APPEND components sextant_${dep})
      list(APPEND definitions SEXTANT_WITH_${word})
    endif()
  endforeach()
  if(sources)
    add_library(sextant_${name} ${sources})
    sdk_settings(sextant_${name})
    target_compile_definitions(sextant_${name} PRIVATE ${definitions})
    target_link_libraries(sextant_${name} PUBLIC sextant_sdk ${components} ${C_LIBS} PRIVATE ${C_PRIVATE_LIBS})
  else() # all of it is a public header
    add_library(sextant_${name} INTERFACE)
    target_link_libraries(sextant_${name} INTERFACE sextant_sdk ${C_LIBS})
  endif()
  add_library(sextant::${name} ALIAS sextant_${name})
  set_target_properties(sextant_${name} PROPERTIES EXPORT_NAME ${name} SEXTANT_COMPONENTS "${components}" SEXTANT_NEEDS "${C_NEEDS}"
                        SEXTANT_PC_REQUIRES "${C_PC_REQUIRES}")
  set_property(GLOBAL APPEND PROPERTY SEXTANT_SDK_COMPONENTS sextant_${name})
  foreach(package ${C_TEST_NEEDS})
    if(NOT ${package}_FOUND)
      set(tests "")
    endif()
  endforeach()
  if(tests)
    sdk_test(sdk_${name}_test SOURCES ${tests} LIBS sextant_${name} ${C_TEST_LIBS})
    target_compile_definitions(sdk_${name}_test PRIVATE ${definitions})
  endif()
endfunction()
