# Builds the page into the program: ui/dist (made by `npm run build` in ui/) becomes read-only data of serve/webui.
option(SEXTANT_UI "Build the page into the server" ON)
set(SEXTANT_UI_DIST ${CMAKE_SOURCE_DIR}/ui/dist CACHE PATH "The built page")
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(webui_out ${CMAKE_BINARY_DIR}/webui)
set(webui_embed ${CMAKE_CURRENT_SOURCE_DIR}/serve/webui/embed.py)
if(SEXTANT_UI)
  if(NOT EXISTS ${SEXTANT_UI_DIST}/index.html)
    message(FATAL_ERROR "The page is not built: ${SEXTANT_UI_DIST}/index.html is missing. `make setup` builds it; "
      "-DSEXTANT_UI=OFF builds the server without a page.")
  endif()
  file(GLOB_RECURSE webui_files CONFIGURE_DEPENDS ${SEXTANT_UI_DIST}/*)
  set(webui_source ${SEXTANT_UI_DIST})
else()
  set(webui_files "")
  set(webui_source --empty)
endif()
add_custom_command(
  OUTPUT ${webui_out}/webui_assets.cc ${webui_out}/webui.bin
  COMMAND ${Python3_EXECUTABLE} ${webui_embed} ${webui_source} ${webui_out}
  DEPENDS ${webui_embed} ${webui_files}
  COMMENT "Packing the page" VERBATIM)
target_sources(serve_webui PRIVATE ${webui_out}/webui_assets.cc)

