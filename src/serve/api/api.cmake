# The API's description becomes read-only data of serve/api.
set(openapi_file ${CMAKE_CURRENT_SOURCE_DIR}/serve/api/openapi.json)
set_source_files_properties(serve/api/openapi.cc PROPERTIES
  COMPILE_DEFINITIONS "SEXTANT_OPENAPI_FILE=\"${openapi_file}\"" OBJECT_DEPENDS ${openapi_file})
