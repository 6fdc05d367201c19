# Tests of the real binary on loopback, one Python program each. Exit code 0 is passed, 77 skipped (`skipped: why`).
#
#   system_test(NAME [TIMEOUT seconds] [LABELS label...] [ALONE] [ASAN] [TSAN])
#
# runs tests/system/NAME_test.py with WAYMARK_BINARY in its environment: always in the release build, and in a sanitizer
# build if the test requests it. ALONE: no other test runs at the same time, for a test that measures or that loads the
# machine. The tests with the longest TIMEOUT start first.
find_program(WAYMARK_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)

function(system_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ALONE;ASAN;TSAN" "TIMEOUT" "LABELS")
  if(NOT TARGET waymark)
    return()
  endif()
  if(WAYMARK_SANITIZE MATCHES "address" AND NOT arg_ASAN)
    return()
  endif()
  if(WAYMARK_SANITIZE MATCHES "thread" AND NOT arg_TSAN)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_test(NAME system_${name} COMMAND ${WAYMARK_PYTHON} -u ${CMAKE_CURRENT_SOURCE_DIR}/system/${name}_test.py)
  set(environment WAYMARK_BINARY=$<TARGET_FILE:waymark> WAYMARK_SOURCE_DIR=${CMAKE_SOURCE_DIR}
    WAYMARK_SANITIZE=${WAYMARK_SANITIZE} PYTHONDONTWRITEBYTECODE=1)
  set_tests_properties(system_${name} PROPERTIES
    TIMEOUT ${arg_TIMEOUT} COST ${arg_TIMEOUT} SKIP_RETURN_CODE 77 LABELS "system;${arg_LABELS}"
    ENVIRONMENT "${environment}")
  if(arg_ALONE)
    set_tests_properties(system_${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()

system_test(differential TIMEOUT 600 LABELS peers ASAN)
system_test(fixture_zones TIMEOUT 300 LABELS peers)
system_test(clients LABELS peers ASAN TSAN)
system_test(rdata_text LABELS peers)
system_test(proofs TIMEOUT 300 LABELS peers ASAN)

foreach(tool packet_storm delegation_zone vrrp_flood)
  add_executable(${tool} system/${tool}.cpp)
  target_link_libraries(${tool} PRIVATE waymark_flags)
endforeach()
system_test(packets TIMEOUT 600 ASAN)

# In the process of the server: its own allocator and the sanitizers' would not go together.
add_library(fault_preload MODULE system/fault_preload.cpp)
target_link_libraries(fault_preload PRIVATE waymark_flags)
system_test(robust TIMEOUT 300)
system_test(flapping TIMEOUT 120 ALONE)
system_test(faults TIMEOUT 600)
system_test(load_memory TIMEOUT 300 ALONE)

system_test(cli)
system_test(replies)
system_test(zone_commands)
system_test(completion TIMEOUT 400)
system_test(probe LABELS netns ASAN)
system_test(explain TIMEOUT 300)
system_test(docs)
system_test(container TIMEOUT 1800 LABELS container)
system_test(start)
system_test(install)
system_test(images TIMEOUT 1200)
system_test(config_reload ASAN)
system_test(tcp ASAN)
system_test(tcp_hostile ALONE)
system_test(reload TIMEOUT 300 ALONE)
system_test(reload_memory ALONE)
system_test(udp_cost ALONE)
system_test(udp_groups ALONE)

# Failover in network namespaces with real routers. Most of these tests measure times of a few milliseconds, so no other
# test runs at the same time. The labs of one test run in parallel.
system_test(lab LABELS failover ALONE)
system_test(uplinks LABELS failover)
system_test(bench TIMEOUT 180 LABELS peers ALONE)

if(TARGET waymark_server)
  add_executable(vrrp_monitor system/vrrp_monitor.cpp)
  target_link_libraries(vrrp_monitor PRIVATE waymark_server)
  system_test(vrrp_capture TIMEOUT 180)
  add_executable(steerer system/steerer.cpp)
  target_link_libraries(steerer PRIVATE waymark_server)
  system_test(store_crash TIMEOUT 1200 ASAN)
  system_test(steer_latency TIMEOUT 300 ALONE)
endif()
system_test(failover_control TIMEOUT 300 ASAN TSAN)
system_test(failover_detection TIMEOUT 900 LABELS failover ALONE)
system_test(failover_evidence TIMEOUT 300 LABELS failover ALONE ASAN)
system_test(failover_trouble TIMEOUT 300 LABELS failover ALONE)
system_test(failover_paths TIMEOUT 500 LABELS failover ALONE)
system_test(failover_examples TIMEOUT 400 LABELS failover ALONE)
system_test(failover_spoof TIMEOUT 120 LABELS failover ALONE)
system_test(failover_rights LABELS failover ALONE)
system_test(failover_soak TIMEOUT 4000 LABELS failover)
system_test(failover_endurance TIMEOUT 120 LABELS failover ALONE)
system_test(failover_readme TIMEOUT 300 LABELS failover ALONE)
