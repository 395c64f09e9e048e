#!/usr/bin/env bash
# Runs clang-tidy, whose checks are in .clang-tidy; what it has to say is an
# error. The preset debug knows how each file is compiled by itself.
# Usage: scripts/tidy.sh [FILE...]    (those of lib, runtime and tools that read
#                                     no MLIR, of which each takes ten seconds)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

files=("$@")
if (($# == 0)); then
  mapfile -t files < <(git ls-files 'lib/*.cpp' 'runtime/*.cpp' 'tools/*.cpp' |
    grep -v -e '^runtime/Jit/' -e '^tools/orcinus-')
fi
cmake --preset debug -Wno-dev >/dev/null
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 4 \
  clang-tidy-22 -p build/debug --quiet --warnings-as-errors='*'
