#!/usr/bin/env bash
# Every test, on Debian 12 with nothing installed: installs what is missing, builds the release, the address and
# undefined-behaviour sanitizers and the thread sanitizer, runs the tests of each, and ends with `N passed, N failed`.
#
#   ./test.sh                 all of them
#   ./test.sh release         one build's: release, asan or tsan
#   WAYMARK_PACKETS=1000000 WAYMARK_QUESTIONS=50000 ./test.sh    the size of the two big system tests
set -uo pipefail
cd "$(dirname "$0")"
source tools/packages.sh

builds=("$@")
[ ${#builds[@]} -gt 0 ] || builds=(release asan tsan)
jobs=$(nproc)
passed=0 failed=0 skipped=0
unfinished=()  # steps that ended without tests to count

# count JUNIT: adds what a ctest run's report says to the totals and prints why each skipped test was.
count() {
  local line
  while read -r line; do
    case "$line" in
      passed) passed=$((passed + 1)) ;;
      failed*) failed=$((failed + 1)); echo "$line" ;;
      skipped*) skipped=$((skipped + 1)); echo "$line" ;;
    esac
  done < <(/usr/bin/python3 tests/support/junit_lines.py "$1")
}

step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

step "packages"
if ! install_packages "${build_packages[@]}" "${test_packages[@]}" "$(boost_package)"; then
  echo "0 passed, 1 failed"
  exit 1
fi
if command -v ccache >/dev/null; then
  # Relative paths and the compiler's content are the key, so the container's build finds what the release compiled. The
  # language of messages is none of it: the container has another.
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1 CCACHE_COMPILERCHECK=content \
    CCACHE_SLOPPINESS=locale
fi

for build in "${builds[@]}"; do
  step "build $build"
  if ! cmake --preset "$build" >/dev/null || ! cmake --build "build/$build" -j "$jobs" -- --quiet; then
    unfinished+=("build $build")
    continue
  fi
  step "test $build"
  report="$PWD/build/$build/report.xml"
  rm -f "$report"
  # Many of the tests wait for timers and other programs: one more than there are CPUs.
  ctest --test-dir "build/$build" -j "$((jobs + 1))" --timeout 600 --output-on-failure --output-junit "$report" \
    --no-tests=error
  if [ -s "$report" ]; then count "$report"; else unfinished+=("test $build"); fi
done

# The linter reads the library's rooms as the release compiles them: every header once a room.
rooms=(build/release/zone/CMakeFiles/waymark_zone.dir/Unity/unity_*.cxx)
if [ -f "${rooms[0]}" ] && command -v clang-tidy-19 >/dev/null; then
  step "lint zone/"
  if printf '%s\n' "${rooms[@]}" | xargs -P "$jobs" -n 1 clang-tidy-19 -p build/release --quiet 2>/dev/null; then
    passed=$((passed + 1))
  else
    unfinished+=("lint zone/")
  fi
fi

step "end"
for name in "${unfinished[@]}"; do
  echo "failed: $name"
  failed=$((failed + 1))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
