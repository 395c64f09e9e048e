#!/usr/bin/env bash
# Builds the fuzzers and runs them one after the other, and prints for each how
# often it ran, what it reached and what failed. Inputs that reach something new
# are kept in build/fuzz/inputs and begin the next run; one that fails goes to
# build/fuzz/failures: mend what it shows and add it to test/fuzz/corpus.
# Usage: scripts/fuzz.sh [--runs N | --seconds N] [--seed N] [FUZZER...]
# (10 seconds, a new seed each time, all)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

limit=-max_total_time=10
seed=()
while [[ "${1:-}" == --* ]]; do
  [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || { echo "$1 needs a number" >&2; exit 2; }
  case "$1" in
    --runs) limit=-runs=$2 ;;
    --seconds) limit=-max_total_time=$2 ;;
    --seed) seed=("-seed=$2") ;;
    *) echo "no option $1" >&2; exit 2 ;;
  esac
  shift 2
done
fuzzers=("$@")
[[ $# -gt 0 ]] || mapfile -t fuzzers < <(ls test/fuzz/corpus)
for name in "${fuzzers[@]}"; do
  [[ -d test/fuzz/corpus/$name ]] ||
    { echo "no fuzzer '$name' among: $(ls test/fuzz/corpus | xargs)" >&2; exit 2; }
done
scripts/build.sh fuzz "${fuzzers[@]/#/fuzz-}" >&2

# Prints the dictionary of a fuzzer, where it has one.
dictionary() {
  case "$1" in
    attribute|dialect|train-pipeline|host-lowering) echo test/fuzz/dictionaries/mlir.dict ;;
    checkpoint|checkpoint-file|manifest|operator|worker-message)
      echo test/fuzz/dictionaries/json.dict ;;
    plain-text|jodie|dyglib) echo test/fuzz/dictionaries/table.dict ;;
    numpy) echo test/fuzz/dictionaries/numpy.dict ;;
  esac
}

# What the tests of the compiler have as input, beside the corpus.
seeds=build/fuzz/seeds
python3 test/fuzz/split_tests.py "$seeds"

failed=0
printf '| fuzzer | executions | seconds | edges | inputs | failed |\n|---|--:|--:|--:|--:|--:|\n'
for name in "${fuzzers[@]}"; do
  mkdir -p "build/fuzz/inputs/$name" "build/fuzz/failures/$name" build/fuzz/logs
  folders=("build/fuzz/inputs/$name" "test/fuzz/corpus/$name")
  [[ -d $seeds/$name ]] && folders+=("$seeds/$name")
  words=$(dictionary "$name")
  log=build/fuzz/logs/$name
  status=0
  "build/fuzz/test/fuzz/fuzz-$name" "$limit" "${seed[@]}" -max_len=6144 -timeout=30 \
    -rss_limit_mb=3072 -malloc_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/failures/$name/" ${words:+-dict="$words"} \
    "${folders[@]}" >"$log" 2>&1 || status=1
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(grep -oP 'cov: \K\d+' "$log" | tail -1)
  seconds=$(grep -oP '^Done \d+ runs in \K\d+' "$log" || true)
  printf '| %s | %s | %s | %s | %s | %s |\n' "$name" "${runs:--}" "${seconds:--}" \
    "${edges:--}" "$(ls "build/fuzz/inputs/$name" | wc -l)" \
    "$([[ $status == 0 ]] && echo 0 || echo "1, see $log")"
  [[ $status == 0 ]] || failed=1
done
exit $failed
