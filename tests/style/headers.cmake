# Checks that every header compiles alone and twice: one source for each header, compiled and not linked.
file(GLOB_RECURSE HEADERS RELATIVE ${CMAKE_SOURCE_DIR} CONFIGURE_DEPENDS
     ${CMAKE_SOURCE_DIR}/zone/*.h ${CMAKE_SOURCE_DIR}/server/*.h
     ${CMAKE_SOURCE_DIR}/tools/*.h ${CMAKE_SOURCE_DIR}/tests/*.h)
set(ALONE_SOURCES)
foreach(header ${HEADERS})
  string(REPLACE "/" "_" name ${header})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n#include \"${header}\"\n" @ONLY)
  list(APPEND ALONE_SOURCES ${source})
endforeach()
add_library(headers_alone OBJECT ${ALONE_SOURCES})
target_compile_options(headers_alone PRIVATE -O0 -fsyntax-only)
target_compile_definitions(headers_alone PRIVATE WAYMARK_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
  WAYMARK_VERSION="${PROJECT_VERSION}")
target_link_libraries(headers_alone PRIVATE doctest_main waymark_zone)
if(TARGET waymark_server)
  target_link_libraries(headers_alone PRIVATE waymark_server)
endif()
