#!/usr/bin/env bash
# Installs what Orcinus builds and tests with, from Debian's packages; does
# nothing where everything is there already.
# Usage: scripts/install-dependencies.sh [--bench]
#   --bench  also installs the libraries that the benchmarks compare against.
set -euo pipefail

packages=(
  # Compiler and build. LLVM/MLIR 22 exactly, as cmake/ checks.
  cmake ninja-build ccache clang-22 lld-22 clang-format-22 clang-tidy-22
  libclang-rt-22-dev
  llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools libomp-22-dev
  libzstd-dev libcurl4-openssl-dev libedit-dev
  # Libraries.
  libcli11-dev nlohmann-json3-dev libfmt-dev zlib1g-dev libsqlite3-dev
  libboost-graph-dev libboost-context-dev libxgboost-dev
  # What AMD kernels are linked with.
  rocm-device-libs
  # Tests.
  libgtest-dev libgmock-dev libbenchmark-dev python3 python3-numpy
  python3-sklearn git
  # The Python package; its own tests bring what they need from PyPI.
  python3-dev python3-venv
)
if [[ "${1:-}" == "--bench" ]]; then
  packages+=(python3-torch libopenblas-dev libdnnl-dev python3-matplotlib)
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null |
    grep -q "install ok installed" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

sudo=""
if [[ "$(id -u)" != 0 ]]; then
  sudo="sudo"
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
