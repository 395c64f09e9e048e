//===- Contractions.cpp - How fast compiled contractions run --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints the GFLOP/s of the contractions that temporal graph networks train
// with, and their share of the multiply-add peak that a loop over registers
// reaches in the same run. Usage: orcinus-bench-contractions [threads…]
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/VectorTarget.h"
#include "passes/Pipelines/LowerToHost.h"
#include "runtime/Jit/Jit.h"
#include "runtime/Jit/MemRef.h"
#include "runtime/Jit/OpenMP.h"

#include "mlir/Parser/Parser.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

using namespace orcinus;

namespace {

/// A contraction of a layer: `rows` rows of `inputs` columns times `heads`
/// matrices of inputs × outputs.
struct Shape {
  const char *name;
  int64_t inputs, outputs, heads;
};

constexpr Shape shapes[] = {
    {"100x412", 100, 412, 1},     {"412x100", 412, 100, 1},
    {"100x100", 100, 100, 1},     {"gru 200x300", 200, 300, 1},
    {"gru 100x300", 100, 300, 1}, {"100x200", 100, 200, 1},
    {"200x100", 200, 100, 1},     {"206x(2x100)", 206, 100, 2},
    {"200x200", 200, 200, 1},     {"300x100", 300, 100, 1},
};

enum class Direction { Forward, InputGradient, WeightGradient };
constexpr std::pair<Direction, const char *> directions[] = {
    {Direction::Forward, "Y = X W"},
    {Direction::InputGradient, "dX = dY W^T"},
    {Direction::WeightGradient, "dW = X^T dY"},
};

struct Operand {
  std::vector<int64_t> shape;
  std::string map;

  std::string type() const {
    std::string text = "memref<";
    for (int64_t extent : shape)
      text += extent < 0 ? "?x" : std::to_string(extent) + "x";
    return text + "f32>";
  }
};

/// The operands of one direction of a shape; dimensions: q rows, h heads,
/// i inputs, o outputs.
std::vector<Operand> operandsOf(const Shape &shape, Direction direction) {
  bool headed = shape.heads > 1;
  Operand input{{-1, shape.inputs}, "q, i"};
  Operand weight{{shape.inputs, shape.outputs}, "i, o"};
  Operand output{{-1, shape.outputs}, "q, o"};
  if (headed) {
    weight = {{shape.heads, shape.inputs, shape.outputs}, "h, i, o"};
    output = {{-1, shape.heads, shape.outputs}, "q, h, o"};
  }
  switch (direction) {
  case Direction::Forward:
    return {input, weight, output};
  case Direction::InputGradient:
    return {output, weight, input};
  case Direction::WeightGradient:
    return {input, output, weight};
  }
  return {};
}

/// The function that zeroes the result and contracts.
std::string functionText(const std::string &name, const Shape &shape,
                         Direction direction) {
  std::vector<Operand> operands = operandsOf(shape, direction);
  bool headed = shape.heads > 1;
  std::string iterators;
  std::string dimensions = headed ? "q, h, i, o" : "q, i, o";
  for (char dimension : headed ? std::string("qhio") : std::string("qio")) {
    bool kept = operands[2].map.find(dimension) != std::string::npos;
    iterators += iterators.empty() ? "" : ", ";
    iterators += kept ? "\"parallel\"" : "\"reduction\"";
  }
  std::string maps;
  for (const Operand &operand : operands)
    maps += (maps.empty() ? "" : ", ") +
            llvm::formatv("affine_map<({0}) -> ({1})>", dimensions, operand.map)
                .str();
  return llvm::formatv(R"(
    func.func @{0}(%a: {1}, %b: {2}, %c: {3}) {{
      %zero = arith.constant 0.0 : f32
      linalg.fill ins(%zero : f32) outs(%c : {3})
      linalg.generic {{indexing_maps = [{4}], iterator_types = [{5}]}
        ins(%a, %b : {1}, {2}) outs(%c : {3}) {{
      ^bb0(%x: f32, %y: f32, %z: f32):
        %product = arith.mulf %x, %y : f32
        %sum = arith.addf %z, %product : f32
        linalg.yield %sum : f32
      }
      return
    }
  )",
                       name, operands[0].type(), operands[1].type(),
                       operands[2].type(), maps, iterators)
      .str();
}

/// A loop over registers alone: independent multiply-adds, enough to hide
/// their latency.
std::string peakText(const VectorTarget &target) {
  int64_t lanes = target.vectorBits / 32;
  int64_t chains = std::min<int64_t>(target.vectorRegisters - 4, 16);
  std::string vector = llvm::formatv("vector<{0}xf32>", lanes).str();
  std::string carried, types, body, results, sum;
  for (int64_t chain = 0; chain < chains; ++chain) {
    std::string comma = chain ? ", " : "";
    carried += llvm::formatv("{0}%s{1} = %start", comma, chain).str();
    types += comma + vector;
    body += llvm::formatv("%n{0} = vector.fma %s{0}, %factor, %start : {1}\n",
                          chain, vector)
                .str();
    results += llvm::formatv("{0}%n{1}", comma, chain).str();
    if (chain)
      sum += llvm::formatv("%t{0} = arith.addf %t{1}, %r#{0} : {2}\n", chain,
                           chain - 1, vector)
                 .str();
  }
  return llvm::formatv(R"(
    func.func @peak(%out: memref<{0}xf32>, %turns: index) {{
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %start = vector.load %out[%zero] : memref<{0}xf32>, {1}
      %factor = arith.constant dense<0.5> : {1}
      %r:{2} = scf.for %i = %zero to %turns step %one
          iter_args({3}) -> ({4}) {{
        {5}
        scf.yield {6} : {4}
      }
      %t0 = arith.addf %r#0, %start : {1}
      {7}
      vector.store %t{8}, %out[%zero] : memref<{0}xf32>, {1}
      return
    }
  )",
                       lanes, vector, chains, carried, types, body, results,
                       sum, chains - 1)
      .str();
}

/// One thread's work is timed by the processor time it takes, which does not
/// count what else the machine does meanwhile; several threads' by the clock.
double secondsNow(int threads) {
  timespec now;
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

/// The fastest of several rounds, in seconds a call: other work on the machine
/// only ever slows a round down.
template <typename Call>
double fastest(int threads, Call call) {
  call();
  double best = 1e9;
  int calls = 1;
  for (int round = 0; round < 25; ++round) {
    double begin = secondsNow(threads);
    for (int turn = 0; turn < calls; ++turn)
      call();
    double elapsed = secondsNow(threads) - begin;
    best = std::min(best, elapsed / calls);
    if (elapsed < 2e-3)
      calls *= 2;
  }
  return best;
}

std::string functionName(size_t shape, size_t direction) {
  return llvm::formatv("contract_{0}_{1}", shape, direction).str();
}

std::unique_ptr<Executable> compileAll(int threads) {
  std::string text = peakText(VectorTarget::host());
  for (size_t shape = 0; shape < std::size(shapes); ++shape)
    for (size_t direction = 0; direction < std::size(directions); ++direction)
      text += functionText(functionName(shape, direction), shapes[shape],
                           directions[direction].first);
  BuildProgram build =
      [&](mlir::MLIRContext &context) -> StatusOr<LoweredProgram> {
    mlir::DialectRegistry registry;
    registerLowerToHostDialects(registry);
    context.appendDialectRegistry(registry);
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return Status::error("cannot parse the benchmark");
    LowerToHostOptions options;
    options.threads = threads;
    if (Status status = lowerToHost(*module, options); !status.ok())
      return status;
    return LoweredProgram{std::move(module), ""};
  };
  JitOptions options;
  options.symbols = {
      {"orcinus_rt_allocate",
       reinterpret_cast<void *>(+[](int64_t bytes) -> void * {
         return std::aligned_alloc(64, (bytes + 63) / 64 * 64);
       })},
      {"orcinus_rt_free",
       reinterpret_cast<void *>(+[](void *memory) { std::free(memory); })}};
  JitReport report;
  auto executable = jitCompile("contractions", build, options, &report);
  if (!executable.ok()) {
    llvm::errs() << "error: " << executable.message() << "\n";
    std::exit(1);
  }
  llvm::outs() << llvm::formatv(
      "{0} thread(s): lowered in {1:f2} s, compiled in {2:f2} s\n", threads,
      report.buildSeconds, report.compileSeconds);
  return std::move(*executable);
}

Executable::PackedFunction find(Executable &executable,
                                const std::string &name) {
  auto function = executable.packedFunction(name);
  if (!function.ok()) {
    llvm::errs() << "error: " << function.message() << "\n";
    std::exit(1);
  }
  return *function;
}

double measurePeak(Executable &executable) {
  constexpr int threads = 1;
  const VectorTarget &target = VectorTarget::host();
  int64_t lanes = target.vectorBits / 32;
  int64_t chains = std::min<int64_t>(target.vectorRegisters - 4, 16);
  alignas(64) float out[64] = {1};
  MemRef memref(out, {lanes});
  int64_t turns = 20000;
  void *arguments[] = {memref.descriptor(), &turns};
  auto peak = find(executable, "peak");
  double seconds = fastest(threads, [&] { peak(arguments); });
  return 2.0 * lanes * chains * turns / seconds * 1e-9;
}

double measure(Executable &executable, size_t shapeIndex, size_t direction,
               int64_t rows, int threads) {
  const Shape &shape = shapes[shapeIndex];
  auto operands = operandsOf(shape, directions[direction].first);
  std::vector<std::vector<float>> buffers;
  std::vector<MemRef> memrefs;
  for (Operand &operand : operands) {
    operand.shape[0] = operand.shape[0] < 0 ? rows : operand.shape[0];
    int64_t size = 1;
    for (int64_t extent : operand.shape)
      size *= extent;
    buffers.emplace_back(size, 0.5f);
    memrefs.emplace_back(buffers.back().data(), operand.shape);
  }
  void *arguments[] = {memrefs[0].descriptor(), memrefs[1].descriptor(),
                       memrefs[2].descriptor()};
  auto function = find(executable, functionName(shapeIndex, direction));
  double seconds = fastest(threads, [&] { function(arguments); });
  return 2.0 * rows * shape.inputs * shape.outputs * shape.heads / seconds *
         1e-9;
}

void benchmark(int threads) {
  std::unique_ptr<Executable> executable = compileAll(threads);
  if (threads > 1)
    if (StatusOr<OpenMP *> runtime = OpenMP::open(); runtime.ok())
      (*runtime)->setThreads(threads);
  for (int64_t rows : {600, 6600}) {
    for (size_t shape = 0; shape < std::size(shapes); ++shape) {
      for (size_t direction = 0; direction < std::size(directions);
           ++direction) {
        double peak = measurePeak(*executable) * threads;
        double speed = measure(*executable, shape, direction, rows, threads);
        llvm::outs() << llvm::formatv("{0,5} rows  {1,-12} {2,-12} {3,7:f1} "
                                      "GFLOP/s {4,5:f1} % of {5:f1}\n",
                                      rows, shapes[shape].name,
                                      directions[direction].second, speed,
                                      100 * speed / peak, peak);
      }
    }
  }
}

} // namespace

int main(int argc, char **argv) {
  std::vector<int> threadCounts;
  for (int argument = 1; argument < argc; ++argument)
    threadCounts.push_back(std::max(1, std::atoi(argv[argument])));
  if (threadCounts.empty())
    threadCounts = {1, 2};
  for (int threads : threadCounts)
    benchmark(threads);
  return 0;
}
