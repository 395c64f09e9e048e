#!/usr/bin/env bash
# Installs what is missing, builds the tools and trains a temporal graph neural
# network on a generated event stream, then on ../shared/data where that is
# there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/build.sh release orcinus orcinus-opt
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

build/bin/orcinus gen --nodes 2000 --events 20000 --seed 1 -o "$work/events.csv"
build/bin/orcinus info "$work/events.csv"
build/bin/orcinus train --data "$work/events.csv" --epochs 2 --dropout 0.1 \
  --checkpoint "$work/checkpoint"
build/bin/orcinus eval --checkpoint "$work/checkpoint" \
  --data "$work/events.csv"
if [[ -f ../shared/data/ml_uci.csv ]]; then
  build/bin/orcinus train --data ../shared/data/ml_uci.csv --epochs 1 \
    --dropout 0.1
fi
