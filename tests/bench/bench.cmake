# Programs that measure the library in one process, and tests with limits on figures that do not depend on the machine's
# load.
# A sanitizer changes what they count, and no test of a sanitizer's build runs them.
if(NOT WAYMARK_SANITIZE)
  add_executable(choice_cost bench/choice_cost.cpp)
  target_link_libraries(choice_cost PRIVATE waymark_server waymark_support)
  add_executable(query_cost bench/query_cost.cpp bench/workloads.cpp)
  target_link_libraries(query_cost PRIVATE waymark_server waymark_support)
  add_executable(steering_cost bench/steering_cost.cpp)
  target_link_libraries(steering_cost PRIVATE waymark_server waymark_support)
  add_executable(echo bench/echo.cpp)
  target_link_libraries(echo PRIVATE waymark_flags)
  add_executable(load_cost bench/load_cost.cpp)
  target_link_libraries(load_cost PRIVATE waymark_zone)
  add_executable(change_rate bench/change_rate.cpp)
  target_link_libraries(change_rate PRIVATE waymark_server waymark_support)
  add_test(NAME bench_change_rate COMMAND change_rate gate)
  set_tests_properties(bench_change_rate PROPERTIES LABELS bench)
endif()

if(NOT WAYMARK_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Release")
  find_program(WAYMARK_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
  add_test(NAME bench_choice_cost COMMAND ${WAYMARK_PYTHON} -u ${CMAKE_CURRENT_SOURCE_DIR}/bench/choice_cost_test.py)
  set_tests_properties(bench_choice_cost PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77 LABELS bench
    ENVIRONMENT "CHOICE_COST=$<TARGET_FILE:choice_cost>;PYTHONDONTWRITEBYTECODE=1")
  add_test(NAME bench_query_cost COMMAND ${WAYMARK_PYTHON} -u ${CMAKE_CURRENT_SOURCE_DIR}/bench/query_cost_test.py)
  set_tests_properties(bench_query_cost PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77 LABELS bench
    ENVIRONMENT "QUERY_COST=$<TARGET_FILE:query_cost>;PYTHONDONTWRITEBYTECODE=1")
  add_test(NAME bench_steering_cost
    COMMAND ${WAYMARK_PYTHON} -u ${CMAKE_CURRENT_SOURCE_DIR}/bench/steering_cost_test.py)
  set_tests_properties(bench_steering_cost PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77 LABELS bench
    ENVIRONMENT "STEERING_COST=$<TARGET_FILE:steering_cost>;PYTHONDONTWRITEBYTECODE=1")
endif()

find_package(benchmark QUIET)
if(benchmark_FOUND)
  add_executable(stages bench/stages.cpp bench/workloads.cpp)
  target_link_libraries(stages PRIVATE waymark_server waymark_support benchmark::benchmark)
  # only checks that it runs
  add_test(NAME bench_stages COMMAND stages --benchmark_min_time=0.001 --benchmark_filter=small/.*)
  set_tests_properties(bench_stages PROPERTIES LABELS bench)
endif()

if(TARGET waymark AND NOT WAYMARK_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Release")
  # Small zones and short loads. The figures of docs/performance.md need a quiet machine and all rounds.
  add_test(NAME bench_performance COMMAND ${WAYMARK_PYTHON} -u ${CMAKE_CURRENT_SOURCE_DIR}/bench/performance_test.py)
  set_tests_properties(bench_performance PROPERTIES TIMEOUT 300 RUN_SERIAL TRUE LABELS bench
    ENVIRONMENT "WAYMARK_BUILD=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
