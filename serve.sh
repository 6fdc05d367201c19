#!/usr/bin/env bash
# Builds Waymark on Debian 12, installing what the build needs, and serves the example zones.
# Arguments go to `waymark serve` in place of the example's: ./serve.sh zones-example/ --listen 127.0.0.1:5300
set -euo pipefail
cd "$(dirname "$0")"
source tools/packages.sh

install_packages "${build_packages[@]}" "$(boost_package)"
if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
cmake --preset release >/dev/null
cmake --build build/release --target waymark | show_build

if [ $# -eq 0 ]; then set -- zones-example/; fi
exec build/release/tools/waymark serve "$@"
