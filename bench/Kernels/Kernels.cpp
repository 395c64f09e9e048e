//===- Kernels.cpp - How fast compiled kernels run ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints the time of a training step's kernels at the sizes of TGN (2 heads, 10
// neighbours, keys of 100 + 6 + 100 columns), the bytes they must touch a
// second, and that as a share of what a large memcpy moves in the same run.
// Usage: orcinus-bench-kernels [threads…]
//
//===----------------------------------------------------------------------===//

#include "dialects/TGNN/IR/TGNNDialect.h"
#include "passes/Pipelines/LowerToHost.h"
#include "runtime/Jit/Jit.h"
#include "runtime/Jit/MemRef.h"
#include "runtime/Jit/OpenMP.h"

#include "mlir/Parser/Parser.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <random>
#include <thread>

using namespace orcinus;

namespace {

constexpr int64_t heads = 2, neighbours = 10, nodeWidth = 100, edgeWidth = 6,
                  timeWidth = 100, keyWidth = nodeWidth + edgeWidth + timeWidth;

/// A kernel: its op and its operands by name. The outs stand after a bar.
struct Kernel {
  const char *function, *op, *attributes;
  std::vector<const char *> inputs, outs;
};

const Kernel kernels[] = {
    {"attend",
     "attend",
     "scale = 0.1 : f32, dropout = 0.1 : f32, salt = 1 : i64, time = true",
     {"u", "counts", "seed", "deltas", "frequencies", "phases", "nodes",
      "node_index", "edges", "edge_index"},
     {"z", "weights"}},
    {"attend_grad",
     "attend_grad",
     "scale = 0.1 : f32, dropout = 0.1 : f32, salt = 1 : i64, time = true",
     {"dz", "weights", "u", "counts", "seed", "deltas", "frequencies", "phases",
      "nodes", "node_index", "edges", "edge_index"},
     {"du", "a", "c"}},
    {"attend_table_grad",
     "attend_table_grad",
     "column = 0 : i64, width = 100 : i64",
     {"dz", "u", "a", "c", "offsets", "references"},
     {"dnodes"}},
    {"attend_time_grad",
     "attend_time_grad",
     "column = 106 : i64",
     {"dz", "u", "a", "c", "counts", "deltas", "frequencies", "phases"},
     {"dfrequencies", "dphases"}},
    {"layer_norm",
     "layer_norm",
     "",
     {"rows", "scale", "shift"},
     {"rows_out", "statistics"}},
    {"layer_norm_grad",
     "layer_norm_grad",
     "",
     {"rows", "scale", "statistics", "drows"},
     {"rows_out"}},
    {"layer_norm_parameter_grad",
     "layer_norm_parameter_grad",
     "",
     {"rows", "statistics", "drows"},
     {"dscale", "dshift"}},
    {"gru_gates", "gru_gates", "", {"gates", "gates2", "rows"}, {"rows_out"}},
    {"gru_gates_grad",
     "gru_gates_grad",
     "",
     {"gates", "gates2", "rows", "drows"},
     {"dgates", "dgates2", "rows_out"}},
    {"dropout",
     "dropout",
     "rate = 0.1 : f32, salt = 3 : i64",
     {"rows", "seed"},
     {"rows_out"}},
    {"gather", "gather", "", {"nodes", "row_index"}, {"rows_out"}},
};

/// Memory that kernels read and write, with its type.
struct Buffer {
  std::string type;
  std::vector<int32_t> words;
  std::vector<int64_t> shape;
};

class Workload {
public:
  explicit Workload(int64_t queries);

  /// What `arguments[i]` of a packed function points to.
  void *argument(const std::string &name) {
    if (name == "seed")
      return &seed;
    Buffer &buffer = buffers.at(name);
    descriptors.push_back(
        std::make_unique<MemRef>(buffer.words.data(), buffer.shape));
    return descriptors.back()->descriptor();
  }
  std::string typeOf(const std::string &name) const {
    return name == "seed" ? "i64" : buffers.at(name).type;
  }

  /// The bytes that kernel `name` must read and write, each element once a use.
  double bytes(const Kernel &kernel) const;

private:
  void addFloats(const std::string &name, std::vector<int64_t> shape);
  std::vector<int32_t> &addIndices(const std::string &name,
                                   std::vector<int64_t> shape);
  void addInverse(int64_t rows);
  template <typename Function>
  void transform(const std::string &name, Function function);

  int64_t queries, seed = 1;
  std::mt19937 generator{1};
  std::map<std::string, Buffer> buffers;
  std::vector<std::unique_ptr<MemRef>> descriptors;
};

std::string memrefType(const std::vector<int64_t> &shape, bool dynamic,
                       const char *element) {
  std::string text = "memref<";
  for (size_t at = 0; at < shape.size(); ++at)
    text += (at == 0 && dynamic ? "?" : std::to_string(shape[at])) + "x";
  return text + element + ">";
}

void Workload::addFloats(const std::string &name, std::vector<int64_t> shape) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  std::uniform_real_distribution<float> distribution(-1, 1);
  Buffer &buffer = buffers[name];
  buffer.type = memrefType(shape, shape.size() > 1, "f32");
  buffer.shape = std::move(shape);
  buffer.words.resize(size);
  for (int32_t &word : buffer.words)
    word = llvm::bit_cast<int32_t>(distribution(generator));
}

/// Replaces each float of a buffer by what `function` makes of it.
template <typename Function>
void Workload::transform(const std::string &name, Function function) {
  std::vector<int32_t> &words = buffers.at(name).words;
  for (size_t at = 0; at < words.size(); ++at)
    words[at] =
        llvm::bit_cast<int32_t>(function(at, llvm::bit_cast<float>(words[at])));
}

std::vector<int32_t> &Workload::addIndices(const std::string &name,
                                           std::vector<int64_t> shape) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  Buffer &buffer = buffers[name];
  buffer.type = memrefType(shape, /*dynamic=*/true, "i32");
  buffer.shape = std::move(shape);
  buffer.words.resize(size);
  return buffer.words;
}

/// Adds which positions of the map name each of `rows` rows.
void Workload::addInverse(int64_t rows) {
  const std::vector<int32_t> &index = buffers.at("node_index").words;
  std::vector<std::vector<int32_t>> positions(rows);
  for (size_t at = 0; at < index.size(); ++at)
    positions[index[at]].push_back(at);
  std::vector<int32_t> &offsets = addIndices("offsets", {rows + 1});
  std::vector<int32_t> &references =
      addIndices("references", {static_cast<int64_t>(index.size())});
  references.clear();
  for (int64_t row = 0; row < rows; ++row) {
    references.insert(references.end(), positions[row].begin(),
                      positions[row].end());
    offsets[row + 1] = references.size();
  }
}

Workload::Workload(int64_t queries) : queries(queries) {
  constexpr int64_t edges = 60000;
  for (const char *name : {"u", "z", "dz", "du"})
    addFloats(name, {queries, heads, keyWidth});
  for (const char *name : {"weights", "a", "c"})
    addFloats(name, {queries, heads, neighbours});
  // From a second to a week ago, against TGN's frequencies.
  addFloats("deltas", {queries, neighbours});
  transform("deltas", [](size_t, float x) { return std::exp(6.6f * (x + 1)); });
  for (const char *name : {"frequencies", "phases", "dfrequencies", "dphases"})
    addFloats(name, {timeWidth});
  transform("frequencies", [](size_t at, float) {
    return std::pow(10.0f, -9.0f * at / (timeWidth - 1));
  });
  for (const char *name : {"scale", "shift", "dscale", "dshift"})
    addFloats(name, {nodeWidth});
  for (const char *name : {"rows", "rows_out", "drows"})
    addFloats(name, {queries, nodeWidth});
  for (const char *name : {"gates", "gates2", "dgates", "dgates2"})
    addFloats(name, {queries, 3 * nodeWidth});
  addFloats("statistics", {queries, 2});
  addFloats("edges", {edges, edgeWidth});
  addIndices("counts", {queries}).assign(queries, neighbours);
  for (int32_t &edge : addIndices("edge_index", {queries, neighbours}))
    edge = generator() % edges;
  // A frontier: the queries' own rows, then rows in order of first appearance.
  int64_t rows = queries;
  for (int32_t &row : addIndices("node_index", {queries, neighbours}))
    row = generator() % 2 ? rows++ : generator() % rows;
  addFloats("nodes", {rows, nodeWidth});
  addFloats("dnodes", {rows, nodeWidth});
  addInverse(rows);
  for (int32_t &row : addIndices("row_index", {queries}))
    row = generator() % rows;
}

double Workload::bytes(const Kernel &kernel) const {
  double words = 0;
  int64_t keys = queries * neighbours;
  for (const auto &names : {kernel.inputs, kernel.outs})
    for (std::string name : names) {
      if (name == "seed")
        continue;
      if (name == "nodes")
        words +=
            (std::string(kernel.op) == "gather" ? queries : keys) * nodeWidth;
      else if (name == "edges")
        words += keys * edgeWidth;
      else if (std::string(kernel.op) == "attend_table_grad" &&
               (name == "u" || name == "dz"))
        words += keys * heads * nodeWidth;
      else
        words += buffers.at(name).words.size();
    }
  return 4 * words;
}

std::string functionText(const Kernel &kernel, const Workload &workload) {
  std::string parameters, operands[2], types[2];
  int number = 0;
  for (int part = 0; part < 2; ++part)
    for (const char *name : part ? kernel.outs : kernel.inputs) {
      std::string value = "%a" + std::to_string(number++);
      std::string type = workload.typeOf(name);
      const char *comma = operands[part].empty() ? "" : ", ";
      parameters += (parameters.empty() ? "" : ", ") + value + ": " + type;
      operands[part] += comma + value;
      types[part] += comma + type;
    }
  return llvm::formatv("func.func @{0}({1}) {{\n  tgnn.{2}({3}) into({4}) "
                       "{{{5}} : ({6}) into ({7})\n  return\n}\n",
                       kernel.function, parameters, kernel.op, operands[0],
                       operands[1], kernel.attributes, types[0], types[1])
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

/// Bytes read and written a second by copies that no cache holds.
double memcpyBandwidth(int threads) {
  constexpr size_t size = 64 << 20;
  std::vector<char> from(size, 1), to(size);
  double seconds = fastest(threads, [&] {
    std::vector<std::thread> workers;
    size_t share = size / threads;
    auto copy = [&](size_t thread) {
      std::memcpy(&to[thread * share], &from[thread * share], share);
    };
    for (int thread = 1; thread < threads; ++thread)
      workers.emplace_back(copy, thread);
    copy(0);
    for (std::thread &worker : workers)
      worker.join();
  });
  return 2.0 * size / seconds;
}

std::unique_ptr<Executable> compileAll(const Workload &workload, int threads) {
  std::string text;
  for (const Kernel &kernel : kernels)
    text += functionText(kernel, workload);
  BuildProgram build =
      [&](mlir::MLIRContext &context) -> StatusOr<LoweredProgram> {
    mlir::DialectRegistry registry;
    registerLowerToHostDialects(registry);
    registry.insert<tgnn::TGNNDialect>();
    context.appendDialectRegistry(registry);
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return Status::error("cannot parse the benchmark");
    LowerToHostOptions host;
    host.threads = threads;
    if (Status status = lowerToHost(*module, host); !status.ok())
      return status;
    return LoweredProgram{std::move(module), ""};
  };
  JitOptions options;
  options.symbols = {
      {"orcinus_rt_allocate", reinterpret_cast<void *>(+[](int64_t bytes) {
         return std::aligned_alloc(64, (bytes + 63) / 64 * 64);
       })},
      {"orcinus_rt_free",
       reinterpret_cast<void *>(+[](void *memory) { std::free(memory); })}};
  JitReport report;
  auto executable = jitCompile("kernels", build, options, &report);
  if (!executable.ok()) {
    llvm::errs() << "error: " << executable.message() << "\n";
    std::exit(1);
  }
  llvm::outs() << llvm::formatv(
      "{0} thread(s): lowered in {1:f2} s, compiled in {2:f2} s\n", threads,
      report.buildSeconds, report.compileSeconds);
  return std::move(*executable);
}

void benchmark(int threads) {
  double peak = memcpyBandwidth(threads);
  llvm::outs() << llvm::formatv("memcpy: {0:f1} GB/s\n", peak * 1e-9);
  if (threads > 1)
    if (StatusOr<OpenMP *> runtime = OpenMP::open(); runtime.ok())
      (*runtime)->setThreads(threads);
  std::unique_ptr<Executable> executable = compileAll(Workload(1), threads);
  for (int64_t queries : {600, 6600}) {
    Workload workload(queries);
    for (const Kernel &kernel : kernels) {
      std::vector<void *> arguments;
      for (const auto &names : {kernel.inputs, kernel.outs})
        for (const char *name : names)
          arguments.push_back(workload.argument(name));
      auto function = executable->packedFunction(kernel.function);
      if (!function.ok()) {
        llvm::errs() << "error: " << function.message() << "\n";
        std::exit(1);
      }
      double seconds = fastest(threads, [&] { (*function)(arguments.data()); });
      double speed = workload.bytes(kernel) / seconds;
      llvm::outs() << llvm::formatv(
          "Q = {0,4}  {1,-26} {2,8:f1} us {3,6:f1} GB/s {4,5:f0} %\n", queries,
          kernel.function, seconds * 1e6, speed * 1e-9, 100 * speed / peak);
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
