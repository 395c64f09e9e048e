//===- OperatorReference.cpp - What an operator's results are -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/OperatorReference.h"

#include "orcinus/Support/CheckedArithmetic.h"
#include "orcinus/Support/CounterRng.h"
#include "runtime/Device/HostDevice.h"
#include "runtime/Jit/OperatorProgram.h"
#include "runtime/Jit/ReferenceModules.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

using namespace orcinus;

/// Iterations for each element of the operands that all operators may take: a
/// few passes over them cost what drawing them does.
static constexpr int64_t iterationsPerElement = 16;

/// Boxes of one result at the most, and how long they are in its last
/// dimension, which has one cache line then.
static constexpr int64_t mostBoxes = 8192, boxLength = 16;

/// Vectors of signs at the most.
static constexpr int64_t mostVectors = 8;

//===----------------------------------------------------------------------===//
// Computing
//===----------------------------------------------------------------------===//

namespace orcinus {

/// Computes a reference.
class ReferenceComputer {
public:
  ReferenceComputer(OperatorCompiler &compiler,
                    const OperatorSignature &signature,
                    const TensorValues &inputs, int64_t mostIterations)
      : compiler(compiler), signature(signature), inputs(inputs),
        mostIterations(mostIterations) {}

  StatusOr<OperatorReference> compute(llvm::StringRef text);

private:
  using Box = OperatorReference::Box;

  Status computeAll(mlir::ModuleOp module);
  Status computeBoxes(mlir::ModuleOp module, size_t result);
  Status computeSums(mlir::ModuleOp module);
  StatusOr<std::unique_ptr<OperatorProgram>> compile(mlir::ModuleOp module);
  /// What a program takes, whatever else follows.
  std::vector<void *> argumentPointers();
  bool affordsAll(int64_t iterations) const;

  OperatorCompiler &compiler;
  const OperatorSignature &signature;
  const TensorValues &inputs;
  int64_t mostIterations;
  HostDevice host{DeviceOptions()};
  std::vector<MemRef> memrefs;
  OperatorReference reference;
};

} // namespace orcinus

StatusOr<std::unique_ptr<OperatorProgram>>
ReferenceComputer::compile(mlir::ModuleOp module) {
  StatusOr<std::string> object = compiler.compileReference(module);
  if (!object.ok())
    return object.status();
  return OperatorProgram::load(*object, signature.function, host);
}

std::vector<void *> ReferenceComputer::argumentPointers() {
  memrefs.clear();
  // Descriptors stay where they are.
  memrefs.reserve(inputs.size() + signature.results.size() + 1);
  std::vector<void *> pointers;
  for (size_t number = 0; number < inputs.size(); ++number) {
    // Reference programs write to no argument.
    auto *data = const_cast<float *>(inputs[number].data());
    if (signature.isScalar[number]) {
      pointers.push_back(data);
      continue;
    }
    memrefs.emplace_back(data, signature.arguments[number]);
    pointers.push_back(memrefs.back().descriptor());
  }
  return pointers;
}

bool ReferenceComputer::affordsAll(int64_t iterations) const {
  int64_t elements = 0;
  for (const auto *shapes : {&signature.arguments, &signature.results})
    for (const std::vector<int64_t> &shape : *shapes)
      elements = saturatedSum(elements, saturatedElements(shape));
  return iterations <=
         std::max(mostIterations,
                  saturatedProduct(iterationsPerElement, elements));
}

Status ReferenceComputer::computeAll(mlir::ModuleOp module) {
  reference.complete = true;
  reference.taken += countIterations(module);
  StatusOr<std::unique_ptr<OperatorProgram>> program = compile(module);
  if (!program.ok())
    return program.status();
  std::vector<void *> pointers = argumentPointers();
  for (size_t number = 0; number < signature.results.size(); ++number) {
    Box &box = reference.boxes.emplace_back();
    box.result = number;
    box.sizes = signature.results[number];
    box.offsets.assign(box.sizes.size(), 0);
    box.values.resize(saturatedElements(box.sizes));
    memrefs.emplace_back(box.values.data(), box.sizes);
    pointers.push_back(memrefs.back().descriptor());
  }
  (*program)->function()(pointers.data());
  return Status();
}

/// Where box number `number` of a result is whose offsets are at most `last`:
/// at all corners, the first and the last of all first, then anywhere.
static std::vector<int64_t> offsetsOf(uint64_t number,
                                      const std::vector<int64_t> &last) {
  std::vector<int64_t> offsets(last.size());
  // More dimensions than that have more corners than there are boxes.
  constexpr size_t mostCornerDimensions = 6;
  uint64_t corners = uint64_t(1) << std::min(last.size(), mostCornerDimensions);
  uint64_t stream = randomStream("operator reference box");
  for (size_t at = 0; at < last.size(); ++at) {
    bool atEnd = number % 2 ? !(number >> 1 >> at & 1) : number >> 1 >> at & 1;
    if (number < corners)
      offsets[at] = atEnd ? last[at] : 0;
    else
      offsets[at] = static_cast<int64_t>(
          randomBelow(0, stream + at, number, last[at] + 1));
  }
  return offsets;
}

Status ReferenceComputer::computeBoxes(mlir::ModuleOp module, size_t result) {
  const std::vector<int64_t> &shape = signature.results[result];
  std::vector<int64_t> sizes(shape.size(), 1);
  if (!shape.empty())
    sizes.back() = std::min(boxLength, shape.back());
  auto boxed = makeBoxModule(module, result, sizes);
  if (boxed.ok() && countIterations(**boxed) > mostIterations) {
    std::fill(sizes.begin(), sizes.end(), 1);
    boxed = makeBoxModule(module, result, sizes);
  }
  if (!boxed.ok())
    return boxed.status();
  int64_t iterations = std::max<int64_t>(1, countIterations(**boxed));
  if (iterations > mostIterations)
    return Status::error(llvm::formatv(
        "one element of its result takes {0} iterations", iterations));
  StatusOr<std::unique_ptr<OperatorProgram>> program = compile(**boxed);
  if (!program.ok())
    return program.status();

  std::vector<int64_t> last;
  last.reserve(shape.size());
  for (size_t at = 0; at < shape.size(); ++at)
    last.push_back(shape[at] - sizes[at]);
  int64_t results = static_cast<int64_t>(signature.results.size());
  int64_t count = std::clamp<int64_t>(mostIterations / 2 / results / iterations,
                                      1, mostBoxes);
  reference.taken += count * iterations;
  for (int64_t number = 0; number < count; ++number) {
    Box &box = reference.boxes.emplace_back();
    box.result = result;
    box.sizes = sizes;
    box.offsets = offsetsOf(number, last);
    box.values.resize(saturatedElements(sizes));
    std::vector<void *> pointers = argumentPointers();
    for (int64_t &offset : box.offsets)
      pointers.push_back(&offset);
    memrefs.emplace_back(box.values.data(), box.sizes);
    pointers.push_back(memrefs.back().descriptor());
    (*program)->function()(pointers.data());
  }
  return Status();
}

/// The tolerance of sums of a result with `terms` products an element. Rounding
/// errors of a sum walk at random: its relative error grows with the root of
/// its length (Higham and Mary, SIAM J. Sci. Comput. 41, 2019). The signs keep
/// the proportion, as both the errors and the elements add up by squares. This
/// is some forty standard deviations of a sum in one accumulator.
static double sumTolerance(const std::vector<double> &sums, int64_t terms) {
  constexpr double deviations = 8;
  double squares = 0;
  for (double sum : sums)
    squares += sum * sum / static_cast<double>(sums.size());
  return deviations * std::numeric_limits<float>::epsilon() *
         std::sqrt(static_cast<double>(std::max<int64_t>(1, terms)) * squares);
}

/// Where the operator is a contraction, and as many vectors as can be afforded.
Status ReferenceComputer::computeSums(mlir::ModuleOp module) {
  int64_t vectors = mostVectors;
  std::optional<SumModule> made = makeSumModule(module, vectors);
  while (made && vectors > 1 &&
         countIterations(*made->module) > mostIterations / 2) {
    vectors /= 2;
    made = makeSumModule(module, vectors);
  }
  if (!made || countIterations(*made->module) > mostIterations / 2)
    return Status();
  StatusOr<std::unique_ptr<OperatorProgram>> program = compile(*made->module);
  if (!program.ok())
    return program.status();
  reference.taken += countIterations(*made->module);

  OperatorReference::Sums &sums = reference.sums.emplace();
  sums.dimension = made->dimension;
  sums.vectors = vectors;
  uint64_t stream = randomStream("operator reference sign");
  for (int64_t at = 0; at < made->extent * vectors; ++at)
    sums.weights.push_back(randomBits(0, stream, at) & 1 ? 1 : -1);
  std::vector<int64_t> shape = signature.results.front();
  shape[sums.dimension] = vectors;
  sums.values.resize(saturatedElements(shape));
  std::vector<void *> pointers = argumentPointers();
  memrefs.emplace_back(sums.weights.data(),
                       std::vector<int64_t>{made->extent, vectors});
  pointers.push_back(memrefs.back().descriptor());
  memrefs.emplace_back(sums.values.data(), shape);
  pointers.push_back(memrefs.back().descriptor());
  (*program)->function()(pointers.data());
  sums.tolerance = sumTolerance(sums.values, made->terms);
  return Status();
}

StatusOr<OperatorReference> ReferenceComputer::compute(llvm::StringRef text) {
  StatusOr<mlir::OwningOpRef<mlir::ModuleOp>> module = compiler.parse(text);
  if (!module.ok())
    return module.status();
  makePlainNests(**module);
  reference.shapes = signature.results;
  Status status;
  if (affordsAll(countIterations(**module))) {
    status = computeAll(**module);
  } else {
    for (size_t number = 0; number < signature.results.size() && status.ok();
         ++number)
      status = computeBoxes(**module, number);
    if (status.ok())
      status = computeSums(**module);
  }
  if (!status.ok())
    return status.within("cannot compute what its results are compared with");
  reference.largest.assign(signature.results.size(), 0);
  for (const Box &box : reference.boxes)
    for (float value : box.values)
      if (std::isfinite(value))
        reference.largest[box.result] =
            std::max(reference.largest[box.result], std::abs(value));
  return std::move(reference);
}

StatusOr<OperatorReference>
OperatorReference::compute(OperatorCompiler &compiler, llvm::StringRef module,
                           const OperatorSignature &signature,
                           const TensorValues &inputs, int64_t mostIterations) {
  return ReferenceComputer(compiler, signature, inputs, mostIterations)
      .compute(module);
}

//===----------------------------------------------------------------------===//
// Comparing
//===----------------------------------------------------------------------===//

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

std::string OperatorReference::compareBox(const Box &box,
                                          std::span<const float> values) const {
  // Sums in another order differ by rounding, which grows with their length but
  // stays far below this share of the largest.
  constexpr float relativeTolerance = 1e-4f;
  float tolerance = relativeTolerance * largest[box.result];
  const std::vector<int64_t> &shape = shapes[box.result];
  // The position within the box, and the place of that element in the result.
  std::vector<int64_t> position(shape.size(), 0);
  for (float wanted : box.values) {
    int64_t place = 0;
    for (size_t at = 0; at < shape.size(); ++at)
      place = place * shape[at] + box.offsets[at] + position[at];
    if (!isNear(values[place], wanted, tolerance))
      return llvm::formatv("element {0} of result {1} is {2}, not {3}", place,
                           box.result, values[place], wanted);
    for (size_t at = shape.size(); at-- > 0;) {
      if (++position[at] < box.sizes[at])
        break;
      position[at] = 0;
    }
  }
  return "";
}

std::string
OperatorReference::compareSums(std::span<const float> values) const {
  const std::vector<int64_t> &shape = shapes.front();
  auto dimension = shape.begin() + sums->dimension;
  int64_t extent = *dimension, vectors = sums->vectors;
  int64_t outer = std::accumulate(shape.begin(), dimension, int64_t(1),
                                  std::multiplies<int64_t>());
  int64_t inner = std::accumulate(dimension + 1, shape.end(), int64_t(1),
                                  std::multiplies<int64_t>());
  std::vector<double> computed(vectors * inner);
  for (int64_t number = 0; number < outer; ++number) {
    std::fill(computed.begin(), computed.end(), 0);
    for (int64_t at = 0; at < extent; ++at)
      for (int64_t vector = 0; vector < vectors; ++vector) {
        double weight = sums->weights[at * vectors + vector];
        const float *from = values.data() + (number * extent + at) * inner;
        for (int64_t column = 0; column < inner; ++column)
          computed[vector * inner + column] += weight * from[column];
      }
    const double *wanted = sums->values.data() + number * vectors * inner;
    for (int64_t at = 0; at < vectors * inner; ++at)
      // Written so that NaN fails.
      if (!(std::abs(computed[at] - wanted[at]) <= sums->tolerance))
        return llvm::formatv("a sum along dimension {0} of the result, with "
                             "random signs, is {1}, not {2}",
                             sums->dimension, computed[at], wanted[at]);
  }
  return "";
}

std::string OperatorReference::compare(
    const std::vector<std::span<const float>> &results) const {
  for (const Box &box : boxes)
    if (std::string wrong = compareBox(box, results[box.result]);
        !wrong.empty())
      return wrong;
  return sums ? compareSums(results.front()) : "";
}
