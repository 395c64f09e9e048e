#!/usr/bin/env bash
# Installs what is missing and builds a preset; demo.sh and test.sh call it.
# Usage: scripts/build.sh [PRESET] [TARGET...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset="${1:-release}"
shift || true
scripts/install-dependencies.sh
cmake --preset "$preset" -Wno-dev >/dev/null
cmake --build --preset "$preset" ${1:+--target "$@"}
