# unity_sources(OUT NAME BATCH SOURCES...): with WAYMARK_UNITY, sets OUT to generated sources that include BATCH of the
# sources each; without it, to the sources. The headers of the batch are read and the templates instantiated once.
#
# Different sources of tests give different things the same name. Each is therefore included in its own namespace, after
# all headers of its batch. There the namespaces `dns` and `dns::test` are views of the real ones, and a source may
# reopen them. A source that replaces operator new cannot stand in a namespace, and is compiled alone.
function(unity_sources out name batch)
  set(sources ${ARGN})
  if(NOT WAYMARK_UNITY)
    set(${out} ${sources} PARENT_SCOPE)
    return()
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources})   # their headers are listed below
  set(alone)
  foreach(source ${sources})
    file(STRINGS ${source} replaces REGEX "^void\\* operator new")
    if(replaces)
      list(APPEND alone ${source})
      # At -O1 GCC 12 sees through one of the two and calls them mismatched.
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O3>)
    endif()
  endforeach()
  if(alone)
    list(REMOVE_ITEM sources ${alone})
  endif()
  set(generated)
  while(sources)
    list(SUBLIST sources 0 ${batch} members)   # fewer where fewer are left
    list(REMOVE_ITEM sources ${members})
    set(headers)
    set(body)
    foreach(member ${members})
      get_filename_component(word ${member} NAME_WE)
      file(STRINGS ${member} lines REGEX "^#include [<\"]")
      list(TRANSFORM lines REPLACE "([>\"])[^>\"]*$" "\\1")
      list(APPEND headers ${lines})
      file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${member})
      string(APPEND body "namespace ${word} {\n"
        "namespace dns { using namespace ::dns; namespace test { using namespace ::dns::test; } }\n"
        "#define LLVMFuzzerTestOneInput replay_${word}\n#include \"${path}\"\n#undef LLVMFuzzerTestOneInput\n}\n")
    endforeach()
    list(REMOVE_DUPLICATES headers)
    # The kernel's headers leave out what the C library's headers before them declare, but not the reverse.
    set(kernel ${headers})
    list(FILTER kernel INCLUDE REGEX "<linux/")
    list(FILTER headers EXCLUDE REGEX "<linux/")
    list(APPEND headers ${kernel})
    list(JOIN headers "\n" headers)
    list(LENGTH generated number)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/unity/${name}_${number}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "${headers}\nnamespace dns::test {}\n${body}" @ONLY)
    list(APPEND generated ${source})
  endwhile()
  set(${out} ${generated} ${alone} PARENT_SCOPE)
endfunction()
