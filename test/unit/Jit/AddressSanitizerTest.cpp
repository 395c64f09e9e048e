//===- AddressSanitizerTest.cpp - Kernels that leave their buffers --------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In builds with AddressSanitizer alone: it must report what compiled programs
// do wrong.
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/HostKernelEmitter.h"
#include "passes/Kernels/RowVectors.h"
#include "passes/Pipelines/LowerToHost.h"
#include "runtime/Jit/Jit.h"
#include "runtime/Jit/MemRef.h"

#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace mlir;
using namespace orcinus;

namespace {

/// Emits a kernel of the rows `range` of `x`.
using RowKernel =
    std::function<void(KernelBuilder &b, IndexRange range, Value x)>;

constexpr int64_t rows = 9;

/// A program whose function `f` runs `kernel` on a memref of rows × `width`.
BuildProgram programOf(int64_t width, const RowKernel &kernel) {
  return [=](MLIRContext &context) -> StatusOr<LoweredProgram> {
    DialectRegistry registry;
    registerLowerToHostDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    auto module = parseSourceString<ModuleOp>("func.func @f(%x: memref<?x" +
                                                  std::to_string(width) +
                                                  "xf32>) {\n  return\n}\n",
                                              &context);
    auto function = *module->getOps<func::FuncOp>().begin();
    Operation *end = function.getBody().front().getTerminator();
    HostKernelEmitter emitter(*module, VectorTarget::fromOptions(0, 0),
                              /*threads=*/1, /*parallelWork=*/0);
    Value x = function.getArgument(0);
    emitter.forEachItem(
        end, "planted", emitter.builderBefore(end).extent(x, 0), width, {x},
        [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
          kernel(b, range, arguments[0]);
        });
    if (Status status = lowerToHost(*module, LowerToHostOptions());
        !status.ok())
      return status;
    return LoweredProgram{std::move(module), ""};
  };
}

/// Runs `kernel` on a matrix that ends where its block of the heap does.
void run(int64_t width, const RowKernel &kernel) {
  auto program = jitCompile("planted", programOf(width, kernel), JitOptions());
  ASSERT_TRUE(program.ok()) << program.message();
  auto function = (*program)->packedFunction("f");
  ASSERT_TRUE(function.ok()) << function.message();
  auto values = std::make_unique<float[]>(rows * width);
  MemRef x(values.get(), {rows, width});
  void *arguments[] = {x.descriptor()};
  (*function)(arguments);
  EXPECT_EQ(values[rows * width - 1], 1);
}

/// Sets the row `distance` below each row.
RowKernel setRows(int64_t width, int64_t distance) {
  return [=](KernelBuilder &b, IndexRange range, Value x) {
    RowVectors columns(b, width);
    b.forEach(range, [&](Value row) {
      columns.forEach([&](const RowVector &vector) {
        columns.store(b.splat(1.0), x, {b.add(row, b.constant(distance))},
                      vector);
      });
    });
  };
}

/// Keeps as many values in a buffer of `room` elements as there are rows.
RowKernel setByScratch(int64_t width, int64_t room) {
  return [=](KernelBuilder &b, IndexRange range, Value x) {
    Value buffer = b.scratch({room});
    b.forEach(range,
              [&](Value row) { b.storeElement(b.scalar(1.0), buffer, {row}); });
    b.forEach(range, [&](Value row) {
      b.storeElement(b.loadElement(buffer, {row}), x,
                     {row, b.constant(width - 1)});
    });
  };
}

/// A vector's tail alone, full vectors alone, both.
class AddressSanitizerTest : public testing::TestWithParam<int64_t> {};

TEST_P(AddressSanitizerTest, ReportsARowBehindABuffer) {
  int64_t width = GetParam();
  run(width, setRows(width, 0));
  EXPECT_DEATH(run(width, setRows(width, 1)),
               "AddressSanitizer: heap-buffer-overflow");
}

TEST_P(AddressSanitizerTest, ReportsElementsBehindScratch) {
  int64_t width = GetParam();
  run(width, setByScratch(width, rows));
  EXPECT_DEATH(run(width, setByScratch(width, rows - 1)),
               "AddressSanitizer: stack-buffer-overflow");
}

INSTANTIATE_TEST_SUITE_P(Widths, AddressSanitizerTest,
                         testing::Values(3, 16, 103));

} // namespace
