//===- Programs.cpp - Compare the programs of databases -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures the best program that each of several tuning databases has for each
// operator of a set or of an .mlir file, in turns, so that the machine's moods
// meet all alike. Prints their times as multiples of the first database's, and
// the geometric means.
// Usage: orcinus-bench-programs SET|FILE.mlir SEED THREADS DATABASE...
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Database.h"
#include "passes/Lowering/HostDescription.h"
#include "runtime/Device/HostDevice.h"
#include "runtime/Jit/OperatorBench.h"
#include "runtime/Jit/OperatorCompiler.h"
#include "runtime/Jit/OutlinedOperators.h"
#include "runtime/Jit/StepOperators.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <vector>

using namespace orcinus;

namespace {

template <typename T>
T orExit(StatusOr<T> value) {
  if (value.ok())
    return std::move(*value);
  llvm::errs() << "error: " << value.message() << "\n";
  std::exit(1);
}

/// The fastest time of each object over several rounds.
std::vector<double> measureInTurns(OperatorBench &bench,
                                   const std::vector<std::string> &objects) {
  constexpr int rounds = 5;
  std::vector<double> best(objects.size(),
                           std::numeric_limits<double>::infinity());
  for (int round = 0; round < rounds; ++round)
    for (size_t at = 0; at < objects.size(); ++at) {
      Measurement measurement =
          bench.measure(objects[at], /*enoughMicroseconds=*/0);
      if (measurement.ok())
        best[at] = std::min(best[at], measurement.microseconds);
    }
  return best;
}

/// The objects of the operator's best programs, one a database; nothing where
/// one has none.
std::optional<std::vector<std::string>>
compileBest(OperatorCompiler &compiler, const TunableOperator &op,
            const std::vector<TuningDatabase> &databases) {
  std::vector<std::string> objects;
  for (const TuningDatabase &database : databases) {
    std::optional<TunedProgram> program =
        orExit(database.best(op.description.kind(), op.description.extents()));
    if (!program)
      return std::nullopt;
    objects.push_back(orExit(compiler.compile(op.module, program->schedule)));
  }
  return objects;
}

void compare(const std::vector<TunableOperator> &operators,
             const std::vector<TuningDatabase> &databases, int threads) {
  OperatorCompiler compiler(threads);
  HostDevice host({});
  std::vector<double> logarithms(databases.size());
  int compared = 0;
  for (const TunableOperator &op : operators) {
    auto objects = compileBest(compiler, op, databases);
    if (!objects)
      continue;
    auto bench =
        orExit(OperatorBench::create(compiler, op.module, host, threads));
    std::vector<double> times = measureInTurns(*bench, *objects);
    ++compared;
    llvm::outs() << llvm::formatv("{0,-40} {1,9:f1} us", op.description.name,
                                  times[0]);
    for (size_t at = 0; at < times.size(); ++at) {
      logarithms[at] += std::log(times[at] / times[0]);
      llvm::outs() << llvm::formatv(" {0,6:f3}", times[at] / times[0]);
    }
    llvm::outs() << "\n";
  }
  llvm::outs() << llvm::formatv("geometric mean of {0} operators", compared);
  for (double sum : logarithms)
    llvm::outs() << llvm::formatv(" {0,6:f3}", std::exp(sum / compared));
  llvm::outs() << "\n";
}

std::vector<TunableOperator> operatorsOf(const char *source, const char *seed) {
  if (llvm::StringRef(source).ends_with(".mlir"))
    return orExit(fileOperators(source)).operators;
  return orExit(
      operatorsOfSet(source, stepSetModel(), std::strtoull(seed, nullptr, 10)));
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 5) {
    llvm::errs() << "usage: orcinus-bench-programs SET|FILE.mlir SEED THREADS "
                    "DATABASE...\n";
    return 2;
  }
  int threads = std::max(1, std::atoi(argv[3]));
  TuningContext context = tuningContext(describeHost(threads));
  std::vector<TuningDatabase> databases;
  for (int argument = 4; argument < argc; ++argument)
    databases.push_back(
        orExit(TuningDatabase::openReadOnly(argv[argument], context)));
  compare(operatorsOf(argv[1], argv[2]), databases, threads);
  return 0;
}
