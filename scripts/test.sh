#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests: the unit
# tests and the lit suite under ctest, then the consumer of the installed
# package.
# Usage: scripts/test.sh [PRESET]      (release, debug, asan or tsan)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset="${1:-release}"
build="build"
if [[ "$preset" != release ]]; then
  build="build/$preset"
fi
if [[ ! -d ../shared/data ]]; then
  echo "note: ../shared/data is not there; tests that need it are skipped"
fi
scripts/build.sh "$preset"
ctest --test-dir "$build" --output-on-failure --parallel "$(nproc)"
