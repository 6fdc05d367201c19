# fuzz/NAME_fuzz.cpp defines LLVMFuzzerTestOneInput. With WAYMARK_FUZZ each is a libFuzzer program. Otherwise one
# program has all targets, and a test replays corpus/NAME/ to the target NAME.
file(GLOB FUZZ_SOURCES CONFIGURE_DEPENDS fuzz/*_fuzz.cpp)

function(link_fuzz target)
  target_link_libraries(${target} PRIVATE waymark_zone)
  if(TARGET waymark_server)
    target_link_libraries(${target} PRIVATE waymark_server)
  endif()
  if(TARGET waymark_support)
    target_link_libraries(${target} PRIVATE waymark_support)
  endif()
endfunction()

if(WAYMARK_FUZZ)
  foreach(source ${FUZZ_SOURCES})
    get_filename_component(target ${source} NAME_WE)
    add_executable(${target} ${source})
    link_fuzz(${target})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  endforeach()
  return()
endif()

# Each target's function has a name of its own in the one program: replay_NAME_fuzz.
set(declarations)
set(rows)
foreach(source ${FUZZ_SOURCES})
  get_filename_component(target ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" corpus ${target})
  string(APPEND declarations "extern \"C\" int replay_${target}(const std::uint8_t* data, std::size_t size);\n")
  string(APPEND rows "    {\"${corpus}\", replay_${target}},\n")
  set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS LLVMFuzzerTestOneInput=replay_${target})
  add_test(NAME fuzz_replay_${corpus} COMMAND fuzz_replay ${corpus} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${corpus})
  set_tests_properties(fuzz_replay_${corpus} PROPERTIES LABELS fuzz)
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/fuzz/targets.h @ONLY CONTENT
"#include <cstddef>
#include <cstdint>

${declarations}
constexpr struct {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
} kTargets[] = {
${rows}};
")
unity_sources(unity fuzz 11 ${FUZZ_SOURCES})
add_executable(fuzz_replay fuzz/replay.cpp ${unity})
target_include_directories(fuzz_replay PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/fuzz)
target_compile_options(fuzz_replay PRIVATE $<$<CONFIG:Release>:-O1> $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
link_fuzz(fuzz_replay)
