//===- OperatorBench.cpp - Time the programs of an operator --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OperatorBench.h"

#include "orcinus/Support/CounterRng.h"
#include "runtime/Abi/Abi.h"
#include "runtime/Jit/MemRef.h"
#include "runtime/Jit/OpenMP.h"
#include "runtime/Jit/Target.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>

using namespace orcinus;

/// How long candidates and the baseline are timed, at least.
static constexpr double candidateMicroseconds = 20000;
static constexpr double baselineMicroseconds = 2000;

/// Elements before and after a result that a right program leaves alone.
static constexpr size_t guardElements = 64;
static constexpr float guardValue = 12345.0f;

size_t OperatorBench::Tensor::size() const {
  size_t product = 1;
  for (int64_t extent : shape)
    product *= extent;
  return product;
}

float *OperatorBench::Tensor::data() const {
  return static_cast<float *>(storage.data()) + guardElements;
}

//===----------------------------------------------------------------------===//
// Inputs and right results
//===----------------------------------------------------------------------===//

void OperatorBench::allocate(const OperatorSignature &signature) {
  auto append = [](std::vector<Tensor> &tensors,
                   const std::vector<std::vector<int64_t>> &shapes) {
    for (const std::vector<int64_t> &shape : shapes) {
      Tensor &tensor = tensors.emplace_back();
      tensor.shape = shape;
      tensor.storage.reserve<float>(tensor.size() + 2 * guardElements);
    }
  };
  append(arguments, signature.arguments);
  append(results, signature.results);
  inputs.resize(arguments.size());
  for (size_t number = 0; number < arguments.size(); ++number) {
    uint64_t stream = randomStream("operator input") + number;
    for (size_t at = 0; at < arguments[number].size(); ++at)
      inputs[number].push_back(
          static_cast<float>(2 * randomUnit(0, stream, at) - 1));
  }
}

/// A linked program of an operator.
static StatusOr<std::unique_ptr<Executable>> load(const std::string &object) {
  StatusOr<llvm::orc::JITTargetMachineBuilder> target = hostTarget();
  if (!target.ok())
    return target.status();
  std::vector<RuntimeSymbol> symbols;
  for (const AbiSymbol &symbol : abiSymbols())
    symbols.emplace_back(symbol.name, symbol.address);
  return Executable::load({{object}, ""}, *target, symbols);
}

StatusOr<std::unique_ptr<OperatorBench>>
OperatorBench::create(OperatorCompiler &compiler, llvm::StringRef module,
                      int threads) {
  StatusOr<OperatorSignature> signature = compiler.signature(module);
  if (!signature.ok())
    return signature.status();
  StatusOr<std::string> object = compiler.compileReference(module);
  if (!object.ok())
    return object.status();
  StatusOr<std::unique_ptr<Executable>> program = load(*object);
  if (!program.ok())
    return program.status();
  StatusOr<Executable::PackedFunction> function =
      (*program)->packedFunction(signature->function);
  if (!function.ok())
    return function.status();
  std::unique_ptr<OperatorBench> bench(new OperatorBench);
  bench->function = signature->function;
  bench->threads = threads;
  bench->allocate(*signature);
  bench->prepare();
  bench->run(*function);
  for (const Tensor &result : bench->results)
    bench->expected.emplace_back(result.data(), result.data() + result.size());
  return bench;
}

//===----------------------------------------------------------------------===//
// A candidate
//===----------------------------------------------------------------------===//

/// Sets the arguments, for an operator that adds to one of them may do so in
/// place, and fills results with what no right program computes, so that
/// elements which are never written show.
void OperatorBench::prepare() {
  for (size_t number = 0; number < arguments.size(); ++number)
    std::copy(inputs[number].begin(), inputs[number].end(),
              arguments[number].data());
  for (Tensor &result : results) {
    float *begin = result.data() - guardElements;
    std::fill_n(begin, guardElements, guardValue);
    std::fill_n(result.data(), result.size(),
                std::numeric_limits<float>::quiet_NaN());
    std::fill_n(result.data() + result.size(), guardElements, guardValue);
  }
}

void OperatorBench::run(Executable::PackedFunction program) {
  std::vector<MemRef> memrefs;
  for (std::vector<Tensor> *tensors : {&arguments, &results})
    for (Tensor &tensor : *tensors)
      memrefs.emplace_back(tensor.data(), tensor.shape);
  std::vector<void *> pointers;
  for (MemRef &memref : memrefs)
    pointers.push_back(memref.descriptor());
  program(pointers.data());
}

std::string OperatorBench::compareResults() const {
  // Sums in another order differ by rounding, which grows with their length but
  // stays far below this.
  constexpr float tolerance = 1e-4f;
  for (size_t number = 0; number < results.size(); ++number) {
    const Tensor &result = results[number];
    const float *values = result.data();
    for (size_t at = 0; at < guardElements; ++at)
      if (values[result.size() + at] != guardValue ||
          values[at - guardElements] != guardValue)
        return llvm::formatv("writes beside result {0}", number);
    float largest = 0;
    for (float value : expected[number])
      largest = std::max(largest, std::abs(value));
    for (size_t at = 0; at < result.size(); ++at)
      // Written so that NaN fails.
      if (!(std::abs(values[at] - expected[number][at]) <= tolerance * largest))
        return llvm::formatv("element {0} of result {1} is {2}, not {3}", at,
                             number, values[at], expected[number][at]);
  }
  return "";
}

/// One thread's work is timed by the processor time it takes, which does not
/// count what else the machine does meanwhile; several threads' by the clock.
static double microsecondsNow(int threads) {
  timespec now;
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return 1e6 * now.tv_sec + 1e-3 * now.tv_nsec;
}

/// The fastest round's time of a call: other work on the machine only ever
/// slows a round down.
template <typename Call>
static double fastestMicroseconds(int threads, double totalMicroseconds,
                                  double enoughMicroseconds, Call call) {
  constexpr double roundMicroseconds = 500;
  constexpr int fewestRounds = 5;
  // Slower than this many times the best one that is known, the candidate is
  // out however it is timed.
  constexpr double hopeless = 3;
  double total = 0, best = std::numeric_limits<double>::infinity();
  int calls = 1;
  for (int round = 0; round < fewestRounds || total < totalMicroseconds;
       ++round) {
    double begin = microsecondsNow(threads);
    for (int turn = 0; turn < calls; ++turn)
      call();
    double elapsed = microsecondsNow(threads) - begin;
    total += elapsed;
    best = std::min(best, elapsed / calls);
    if (enoughMicroseconds > 0 && best > hopeless * enoughMicroseconds)
      break;
    if (elapsed < roundMicroseconds)
      calls *= 2;
  }
  return best;
}

static Measurement failed(MeasureStatus status, std::string message) {
  Measurement measurement;
  measurement.status = status;
  measurement.message = std::move(message);
  return measurement;
}

Measurement OperatorBench::measure(const std::string &object,
                                   double enoughMicroseconds) {
  StatusOr<std::unique_ptr<Executable>> program = load(object);
  if (!program.ok())
    return failed(MeasureStatus::Rejected, program.message());
  StatusOr<Executable::PackedFunction> entry =
      (*program)->packedFunction(function);
  if (!entry.ok())
    return failed(MeasureStatus::Rejected, entry.message());
  if (threads > 1)
    if (StatusOr<OpenMP *> runtime = OpenMP::open(); runtime.ok())
      (*runtime)->setThreads(threads);
  prepare();
  run(*entry);
  if (std::string wrong = compareResults(); !wrong.empty())
    return failed(MeasureStatus::WrongResult, std::move(wrong));
  Measurement measurement;
  measurement.microseconds = fastestMicroseconds(
      threads, candidateMicroseconds, enoughMicroseconds, [&] { run(*entry); });
  // Once more: threads that race may be right the first time.
  prepare();
  run(*entry);
  if (std::string wrong = compareResults(); !wrong.empty())
    return failed(MeasureStatus::WrongResult, std::move(wrong));
  return measurement;
}

double orcinus::measureBaseline() {
  constexpr size_t count = 1 << 14;
  static std::vector<float> values(count, 1.0f);
  return fastestMicroseconds(
      /*threads=*/1, baselineMicroseconds, /*enoughMicroseconds=*/0, [] {
        for (float &value : values)
          value = value * 0.999f + 0.001f;
      });
}
