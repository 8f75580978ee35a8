# What an installed SDK consists of: headers, libraries, and what find_package and pkg-config need.
include(CMakePackageConfigHelpers)

# One .pc file. Arguments: its name, the library, a description, what it requires, further linker flags.
function(sdk_pkg_config PC_NAME PC_LIBRARY PC_DESCRIPTION PC_REQUIRES PC_LIBS)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/sextant.pc.in ${PROJECT_BINARY_DIR}/${PC_NAME}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${PC_NAME}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

# From the .pc files to the prefix: an installed tree can be moved.
file(RELATIVE_PATH PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
get_property(components GLOBAL PROPERTY SEXTANT_SDK_COMPONENTS)
set(SEXTANT_SDK_COMPONENT_NAMES sdk)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sextant)
sdk_pkg_config(sextant-sdk sextant_sdk "C++ instrumentation for agents: traces, metrics, logs" "" "-pthread -lz")
foreach(target IN LISTS components)
  string(REPLACE sextant_ "" name ${target})
  list(APPEND SEXTANT_SDK_COMPONENT_NAMES ${name})
  get_target_property(needs ${target} SEXTANT_NEEDS)
  get_target_property(requires ${target} SEXTANT_PC_REQUIRES)
  get_target_property(libs ${target} SEXTANT_PC_LIBS)
  foreach(property needs requires libs)
    if(NOT ${property})
      set(${property} "")
    endif()
  endforeach()
  sdk_pkg_config(sextant-${name} ${target} "Sextant's C++ SDK: ${name}" "sextant-sdk ${requires}" "${libs}")
  set(text "")
  foreach(need IN LISTS needs)
    string(APPEND text "find_dependency(${need})\n")
  endforeach()
  file(WRITE ${PROJECT_BINARY_DIR}/sextant-needs-${name}.cmake "${text}")
  install(FILES ${PROJECT_BINARY_DIR}/sextant-needs-${name}.cmake DESTINATION ${package_dir})
endforeach()

install(TARGETS sextant_sdk ${components} EXPORT sextantTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/sextant DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT sextantTargets NAMESPACE sextant:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/sextantConfig.cmake.in ${PROJECT_BINARY_DIR}/sextantConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/sextantConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/sextantConfig.cmake ${PROJECT_BINARY_DIR}/sextantConfigVersion.cmake DESTINATION ${package_dir})
