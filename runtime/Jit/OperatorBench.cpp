//===- OperatorBench.cpp - Time the programs of an operator --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OperatorBench.h"

#include "runtime/Abi/Abi.h"
#include "runtime/Device/HostDevice.h"
#include "runtime/Jit/OpenMP.h"
#include "runtime/Jit/ProgramTarget.h"
#include "runtime/Jit/Target.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>

using namespace orcinus;

/// How long a candidate is timed, at least.
static constexpr double candidateMicroseconds = 20000;

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

namespace {

/// A linked program of an operator, its kernels loaded.
class LoadedProgram {
public:
  static StatusOr<std::unique_ptr<LoadedProgram>>
  load(const std::string &object, const std::string &function, Device &device);
  ~LoadedProgram() {
    if (kernels)
      (void)device.unloadModule(kernels);
  }

  Executable::PackedFunction function() const { return entry; }

private:
  explicit LoadedProgram(Device &device) : device(device) {}

  Device &device;
  std::unique_ptr<Executable> executable;
  Executable::PackedFunction entry = nullptr;
  DeviceModule *kernels = nullptr;
};

} // namespace

StatusOr<std::unique_ptr<LoadedProgram>>
LoadedProgram::load(const std::string &object, const std::string &function,
                    Device &device) {
  StatusOr<llvm::orc::JITTargetMachineBuilder> target = hostTarget();
  if (!target.ok())
    return target.status();
  std::vector<RuntimeSymbol> symbols;
  if (device.kind() != DeviceKind::Host)
    symbols = deviceSymbols();
  for (const AbiSymbol &symbol : abiSymbols())
    symbols.emplace_back(symbol.name, symbol.address);
  StatusOr<std::unique_ptr<Executable>> executable =
      Executable::load({{object}, ""}, *target, symbols);
  if (!executable.ok())
    return executable.status();
  StatusOr<Executable::PackedFunction> entry =
      (*executable)->packedFunction(function);
  if (!entry.ok())
    return entry.status();
  StatusOr<DeviceModule *> kernels = loadKernels(**executable, device);
  if (!kernels.ok())
    return kernels.status();
  std::unique_ptr<LoadedProgram> program(new LoadedProgram(device));
  program->executable = std::move(*executable);
  program->entry = *entry;
  program->kernels = *kernels;
  return program;
}

/// The results of the operator's unscheduled program, on the host.
static StatusOr<TensorValues> computeResults(OperatorCompiler &compiler,
                                             llvm::StringRef module,
                                             const OperatorSignature &signature,
                                             const TensorValues &inputs) {
  HostDevice host({});
  StatusOr<std::string> object = compiler.compileReference(module);
  if (!object.ok())
    return object.status();
  auto program = LoadedProgram::load(*object, signature.function, host);
  if (!program.ok())
    return program.status();
  StatusOr<OperatorTensors> tensors =
      OperatorTensors::allocate(host, signature);
  if (!tensors.ok())
    return tensors.status();
  if (Status status = tensors->prepare(inputs); !status.ok())
    return status;
  (*program)->function()(tensors->descriptors());
  if (Status status = tensors->readResults(); !status.ok())
    return status;
  TensorValues results;
  for (size_t number = 0; number < tensors->resultCount(); ++number) {
    std::span<const float> values = tensors->result(number);
    results.emplace_back(values.begin(), values.end());
  }
  return results;
}

StatusOr<std::unique_ptr<OperatorBench>>
OperatorBench::create(OperatorCompiler &compiler, llvm::StringRef module,
                      Device &device, int threads) {
  StatusOr<OperatorSignature> signature = compiler.signature(module);
  if (!signature.ok())
    return signature.status();
  TensorValues inputs = drawArguments(*signature);
  StatusOr<TensorValues> expected =
      computeResults(compiler, module, *signature, inputs);
  if (!expected.ok())
    return expected.status();
  StatusOr<OperatorTensors> tensors =
      OperatorTensors::allocate(device, *signature);
  if (!tensors.ok())
    return tensors.status();
  StatusOr<std::unique_ptr<CallTimer>> timer =
      CallTimer::create(device, threads);
  if (!timer.ok())
    return timer.status();
  std::unique_ptr<OperatorBench> bench(new OperatorBench(
      device, std::move(*tensors), std::move(*timer), threads));
  bench->function = signature->function;
  bench->inputs = std::move(inputs);
  bench->expected = std::move(*expected);
  return bench;
}

//===----------------------------------------------------------------------===//
// A candidate
//===----------------------------------------------------------------------===//

/// What is wrong with the results; empty where they are right.
/// Whether `value` is `wanted` to `tolerance`. What is no number, such as the
/// logarithm of a negative one, must be none, and what is infinite the same.
static bool isNear(float value, float wanted, float tolerance) {
  if (std::isnan(wanted))
    return std::isnan(value);
  if (std::isinf(wanted))
    return value == wanted;
  // Written so that NaN fails.
  return std::abs(value - wanted) <= tolerance;
}

std::string OperatorBench::compareResults() const {
  // Sums in another order differ by rounding, which grows with their length but
  // stays far below this share of the largest.
  constexpr float tolerance = 1e-4f;
  for (size_t number = 0; number < expected.size(); ++number) {
    if (tensors.wroteBeside(number))
      return llvm::formatv("writes beside result {0}", number);
    std::span<const float> values = tensors.result(number);
    float largest = 0;
    for (float value : expected[number])
      if (std::isfinite(value))
        largest = std::max(largest, std::abs(value));
    for (size_t at = 0; at < values.size(); ++at)
      if (!isNear(values[at], expected[number][at], tolerance * largest))
        return llvm::formatv("element {0} of result {1} is {2}, not {3}", at,
                             number, values[at], expected[number][at]);
  }
  return "";
}

static Measurement failure(MeasureStatus status, std::string message) {
  Measurement measurement;
  measurement.status = status;
  measurement.message = std::move(message);
  return measurement;
}

/// What becomes of a candidate at which something failed.
Measurement OperatorBench::failed(const Status &error) const {
  // After a fault in a kernel, a GPU refuses whatever comes next.
  if (!device.synchronize().ok())
    return failure(MeasureStatus::Crash, error.message());
  return failure(isOutOfMemory(error) ? MeasureStatus::Memory
                                      : MeasureStatus::Rejected,
                 error.message());
}

/// Runs `program` on the inputs once; nothing where its results are right.
std::optional<Measurement>
OperatorBench::check(Executable::PackedFunction program) {
  if (Status status = tensors.prepare(inputs); !status.ok())
    return failed(status);
  program(tensors.descriptors());
  if (Status status = device.takeError(); !status.ok())
    return failed(status);
  if (Status status = tensors.readResults(); !status.ok())
    return failed(status);
  if (std::string wrong = compareResults(); !wrong.empty())
    return failure(MeasureStatus::WrongResult, std::move(wrong));
  return std::nullopt;
}

Measurement OperatorBench::measure(Executable::PackedFunction program,
                                   double enoughMicroseconds) {
  DeviceScope scope(&device, device.ownStream());
  // The first call also warms up what the timed ones use.
  if (std::optional<Measurement> wrong = check(program))
    return std::move(*wrong);
  StatusOr<double> microseconds =
      timer->fastestMicroseconds([&] { program(tensors.descriptors()); },
                                 candidateMicroseconds, enoughMicroseconds);
  if (!microseconds.ok())
    return failed(microseconds.status());
  // Once more: threads that race may be right the first time.
  if (std::optional<Measurement> wrong = check(program))
    return std::move(*wrong);
  Measurement measurement;
  measurement.microseconds = *microseconds;
  return measurement;
}

Measurement OperatorBench::measure(const std::string &object,
                                   double enoughMicroseconds) {
  auto program = LoadedProgram::load(object, function, device);
  if (!program.ok())
    return failed(program.status());
  if (threads > 1)
    if (StatusOr<OpenMP *> runtime = OpenMP::open(); runtime.ok())
      (*runtime)->setThreads(threads);
  return measure((*program)->function(), enoughMicroseconds);
}
