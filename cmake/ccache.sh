#!/usr/bin/env bash
# The compiler by ccache, such that what one checkout has compiled serves the
# others: the presets' compiler launcher.
# Usage: cmake/ccache.sh COMPILER ARGUMENT...      (in the build folder)
set -euo pipefail
source="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export CCACHE_BASEDIR="$source" CCACHE_NOHASHDIR=1
# The compiled headers hold no times; what they are made of is in a file beside
# them (OrcinusPrecompiledHeaders.cmake).
export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=1
# ccache takes CMake's absolute paths of precompiled headers literally.
exec ccache "${@/#"$PWD/"/}"
