//===- TensorFunctionTest.cpp - Functions that return tensors -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "passes/Lowering/MemoryPlan.h"
#include "passes/Pipelines/LowerToHost.h"
#include "passes/Pipelines/StepPipeline.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/Jit.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>

using namespace orcinus;
using namespace orcinus::test;

namespace {

/// (threads)
class TensorFunctionTest : public testing::TestWithParam<int> {
protected:
  StatusOr<LoweredProgram> build(mlir::MLIRContext &context,
                                 const std::string &text) {
    mlir::DialectRegistry registry;
    registerStepDialects(registry);
    registerLowerToHostDialects(registry);
    context.appendDialectRegistry(registry);
    mlir::OwningOpRef<mlir::ModuleOp> module;
    Status status = collectErrors(context, "cannot lower", [&] {
      module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
      if (!module)
        return false;
      mlir::PassManager manager(&context);
      BufferizePipelineOptions bufferize;
      bufferize.placePadding = true;
      bufferize.splitBatches = splitsBatches;
      bufferize.threads = GetParam();
      buildBufferizePipeline(manager, bufferize);
      LowerToHostOptions options;
      options.threads = GetParam();
      buildLowerToHostPipeline(manager, options);
      if (failed(manager.run(*module)))
        return false;
      auto bytes = module->getOperation()->getAttrOfType<mlir::DictionaryAttr>(
          temporaryBytesName);
      temporaryBytes = bytes.getAs<mlir::IntegerAttr>("f").getInt();
      return true;
    });
    if (!status.ok())
      return status;
    return LoweredProgram{std::move(module), "manifest of the test"};
  }

  /// Runs the function `f` of `text` on the arguments and results.
  void run(const std::string &text, std::vector<MemRef> memrefs) {
    JitOptions options;
    options.symbols = testAllocator();
    auto executable = jitCompile(
        "test",
        [&](mlir::MLIRContext &context) { return build(context, text); },
        options);
    ASSERT_TRUE(executable.ok()) << executable.message();
    auto function = (*executable)->packedFunction("f");
    ASSERT_TRUE(function.ok()) << function.message();
    std::vector<void *> pointers;
    for (MemRef &memref : memrefs)
      pointers.push_back(memref.descriptor());
    (*function)(pointers.data());
    expectAllFreed();
  }

  /// Whether a batch goes image by image.
  bool splitsBatches = false;
  /// What `f` of the last text that was built takes.
  int64_t temporaryBytes = 0;
};

// A padded convolution, and a function of its own for what follows.
TEST_P(TensorFunctionTest, CallsAnother) {
  constexpr int64_t size = 9, channels = 5, filters = 20, out = 5;
  std::vector<float> x = numbers(size * size * channels, 1),
                     w = numbers(3 * 3 * channels * filters, 2),
                     y(out * out * filters + 1, 42);
  run(R"(
    func.func @f(%x: tensor<1x9x9x5xf32>, %w: tensor<3x3x5x20xf32>)
        -> tensor<1x5x5x20xf32> {
      %zero = arith.constant 0.0 : f32
      %padded = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
      ^bb0(%n: index, %h: index, %v: index, %c: index):
        tensor.yield %zero : f32
      } : tensor<1x9x9x5xf32> to tensor<1x11x11x5xf32>
      %empty = tensor.empty() : tensor<1x5x5x20xf32>
      %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x5x5x20xf32>)
          -> tensor<1x5x5x20xf32>
      %sums = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>,
          dilations = dense<1> : tensor<2xi64>}
          ins(%padded, %w : tensor<1x11x11x5xf32>, tensor<3x3x5x20xf32>)
          outs(%start : tensor<1x5x5x20xf32>) -> tensor<1x5x5x20xf32>
      %positive = call @relu(%sums)
          : (tensor<1x5x5x20xf32>) -> tensor<1x5x5x20xf32>
      return %positive : tensor<1x5x5x20xf32>
    }
    func.func private @relu(%x: tensor<1x5x5x20xf32>) -> tensor<1x5x5x20xf32> {
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : tensor<1x5x5x20xf32>
      %filled = linalg.fill ins(%zero : f32)
          outs(%empty : tensor<1x5x5x20xf32>) -> tensor<1x5x5x20xf32>
      %y = linalg.max ins(%x, %filled
          : tensor<1x5x5x20xf32>, tensor<1x5x5x20xf32>)
          outs(%empty : tensor<1x5x5x20xf32>) -> tensor<1x5x5x20xf32>
      return %y : tensor<1x5x5x20xf32>
    })",
      {{x.data(), {1, size, size, channels}},
       {w.data(), {3, 3, channels, filters}},
       {y.data(), {1, out, out, filters}}});
  for (int64_t i = 0; i < out; ++i)
    for (int64_t j = 0; j < out; ++j)
      for (int64_t f = 0; f < filters; ++f) {
        double sum = 0;
        for (int64_t p = 0; p < 3; ++p)
          for (int64_t q = 0; q < 3; ++q) {
            int64_t row = 2 * i + p - 1, column = 2 * j + q - 1;
            if (row < 0 || row >= size || column < 0 || column >= size)
              continue;
            for (int64_t c = 0; c < channels; ++c)
              sum += double(x[(row * size + column) * channels + c]) *
                     w[((p * 3 + q) * channels + c) * filters + f];
          }
        ASSERT_NEAR(y[(i * out + j) * filters + f], std::max(sum, 0.0), 1e-4);
      }
  EXPECT_EQ(y.back(), 42);
}

/// max pooling of c + r, where r = relu(x · v) and c is a 3×3 convolution of r,
/// all of them padded by one pixel.
constexpr const char *paddedText = R"(
#id = affine_map<(n, y, x, c) -> (n, y, x, c)>
func.func @f(%x: tensor<1x7x6x40xf32>, %v: tensor<1x1x40x20xf32>,
             %w: tensor<3x3x20x20xf32>) -> tensor<1x4x3x20xf32> {
  %zero = arith.constant 0.0 : f32
  %least = arith.constant 0xFF800000 : f32
  %e0 = tensor.empty() : tensor<1x7x6x20xf32>
  %f0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<1x7x6x20xf32>)
      -> tensor<1x7x6x20xf32>
  %a = linalg.conv_2d_nhwc_hwcf SCHEDULE
      ins(%x, %v : tensor<1x7x6x40xf32>, tensor<1x1x40x20xf32>)
      outs(%f0 : tensor<1x7x6x20xf32>) -> tensor<1x7x6x20xf32>
  %e1 = tensor.empty() : tensor<1x7x6x20xf32>
  %r = linalg.generic {indexing_maps = [#id, #id],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%a : tensor<1x7x6x20xf32>) outs(%e1 : tensor<1x7x6x20xf32>) {
  ^bb0(%s: f32, %o: f32):
    %m = arith.maximumf %s, %zero : f32
    linalg.yield %m : f32
  } -> tensor<1x7x6x20xf32>
  %rp = tensor.pad %r low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%n: index, %h: index, %u: index, %c: index):
    tensor.yield %zero : f32
  } : tensor<1x7x6x20xf32> to tensor<1x9x8x20xf32>
  %e2 = tensor.empty() : tensor<1x7x6x20xf32>
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x7x6x20xf32>)
      -> tensor<1x7x6x20xf32>
  %b = linalg.conv_2d_nhwc_hwcf SCHEDULE
      ins(%rp, %w : tensor<1x9x8x20xf32>, tensor<3x3x20x20xf32>)
      outs(%f2 : tensor<1x7x6x20xf32>) -> tensor<1x7x6x20xf32>
  %e3 = tensor.empty() : tensor<1x7x6x20xf32>
  %d = linalg.generic {indexing_maps = [#id, #id, #id],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%b, %r : tensor<1x7x6x20xf32>, tensor<1x7x6x20xf32>)
      outs(%e3 : tensor<1x7x6x20xf32>) {
  ^bb0(%s: f32, %t: f32, %o: f32):
    %m = arith.addf %s, %t : f32
    linalg.yield %m : f32
  } -> tensor<1x7x6x20xf32>
  %dp = tensor.pad %d low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%n: index, %h: index, %u: index, %c: index):
    tensor.yield %least : f32
  } : tensor<1x7x6x20xf32> to tensor<1x9x8x20xf32>
  %e4 = tensor.empty() : tensor<1x4x3x20xf32>
  %f4 = linalg.fill ins(%least : f32) outs(%e4 : tensor<1x4x3x20xf32>)
      -> tensor<1x4x3x20xf32>
  %window = tensor.empty() : tensor<3x3xf32>
  %y = linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>}
      ins(%dp, %window : tensor<1x9x8x20xf32>, tensor<3x3xf32>)
      outs(%f4 : tensor<1x4x3x20xf32>) -> tensor<1x4x3x20xf32>
  return %y : tensor<1x4x3x20xf32>
})";

// What is padded is written to the middle of the padded buffer, by tiles of
// rows that lie in one line of pixels and by such that do not, and read there.
TEST_P(TensorFunctionTest, PaddedBetweenConvolutions) {
  constexpr int64_t height = 7, width = 6, in = 40, out = 20;
  std::vector<float> x = numbers(height * width * in, 1),
                     v = numbers(in * out, 2), w = numbers(9 * out * out, 3);
  std::vector<double> r(height * width * out), d(r.size());
  for (int64_t pixel = 0; pixel < height * width; ++pixel)
    for (int64_t f = 0; f < out; ++f) {
      double sum = 0;
      for (int64_t c = 0; c < in; ++c)
        sum += double(x[pixel * in + c]) * v[c * out + f];
      r[pixel * out + f] = std::max(sum, 0.0);
    }
  auto forEachTap = [&](int64_t row, int64_t column, auto body) {
    for (int64_t p = 0; p < 3; ++p)
      for (int64_t q = 0; q < 3; ++q)
        if (row + p >= 0 && row + p < height && column + q >= 0 &&
            column + q < width)
          body(p * 3 + q, ((row + p) * width + column + q) * out);
  };
  for (int64_t i = 0; i < height; ++i)
    for (int64_t j = 0; j < width; ++j)
      for (int64_t f = 0; f < out; ++f) {
        double &sum = d[(i * width + j) * out + f];
        sum = r[(i * width + j) * out + f];
        forEachTap(i - 1, j - 1, [&](int64_t tap, int64_t pixel) {
          for (int64_t c = 0; c < out; ++c)
            sum += r[pixel + c] * w[(tap * out + c) * out + f];
        });
      }
  for (const char *schedule :
       {"", "tile_rows = 3, panel_vectors = 1, row_tasks = 2",
        "tile_rows = 4, panel_vectors = 2, reduction_block = 7",
        "tile_rows = 5, panel_vectors = 1, pack_left = 1",
        "tile_rows = 2, panel_vectors = 1, pack_left = 1, row_block = 8, "
        "row_tasks = 2"}) {
    std::string text = paddedText;
    std::string attribute =
        "{eto.schedule = #eto.schedule<" + std::string(schedule) + ">}";
    for (size_t at; (at = text.find("SCHEDULE")) != std::string::npos;)
      text.replace(at, 8, attribute);
    std::vector<float> y(4 * 3 * out + 1, 42);
    run(text, {{x.data(), {1, height, width, in}},
               {v.data(), {1, 1, in, out}},
               {w.data(), {3, 3, out, out}},
               {y.data(), {1, 4, 3, out}}});
    for (int64_t i = 0; i < 4; ++i)
      for (int64_t j = 0; j < 3; ++j)
        for (int64_t f = 0; f < out; ++f) {
          double largest = -1e30;
          forEachTap(2 * i - 1, 2 * j - 1, [&](int64_t, int64_t pixel) {
            largest = std::max(largest, d[pixel + f]);
          });
          ASSERT_NEAR(y[(i * 3 + j) * out + f], largest, 1e-3) << schedule;
        }
    EXPECT_EQ(y.back(), 42);
  }
}

/// The sums over all pairs of images of what the chain makes, and what it makes
/// on the way to that.
constexpr const char *batchText = R"(
#one = affine_map<(n, m, c) -> (n, c)>
#other = affine_map<(n, m, c) -> (m, c)>
#pair = affine_map<(n, m, c) -> (n, m)>
func.func @f(%x: tensor<8x512x64xf32>, %w: tensor<8x64x64xf32>)
    -> (tensor<8x512x64xf32>, tensor<8x64xf32>, tensor<8x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x512x64xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<8x512x64xf32>)
      -> tensor<8x512x64xf32>
  %a = linalg.batch_matmul
      ins(%x, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>)
      outs(%z : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %t = linalg.tanh ins(%a : tensor<8x512x64xf32>)
      outs(%e : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %b = linalg.batch_matmul
      ins(%t, %w : tensor<8x512x64xf32>, tensor<8x64x64xf32>)
      outs(%z : tensor<8x512x64xf32>) -> tensor<8x512x64xf32>
  %ec = tensor.empty() : tensor<8x64xf32>
  %zc = linalg.fill ins(%zero : f32) outs(%ec : tensor<8x64xf32>)
      -> tensor<8x64xf32>
  %c = linalg.reduce { arith.maximumf } ins(%b : tensor<8x512x64xf32>)
      outs(%zc : tensor<8x64xf32>) dimensions = [1]
  %ed = tensor.empty() : tensor<8x8xf32>
  %zd = linalg.fill ins(%zero : f32) outs(%ed : tensor<8x8xf32>)
      -> tensor<8x8xf32>
  %d = linalg.generic {indexing_maps = [#one, #other, #pair],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%c, %c : tensor<8x64xf32>, tensor<8x64xf32>)
      outs(%zd : tensor<8x8xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %v = arith.mulf %p, %q : f32
    %r = arith.addf %o, %v : f32
    linalg.yield %r : f32
  } -> tensor<8x8xf32>
  return %t, %c, %d : tensor<8x512x64xf32>, tensor<8x64xf32>, tensor<8x8xf32>
})";

// Image by image, and all together, come to the same; what is made on the way
// and read behind the loop has its place.
TEST_P(TensorFunctionTest, BatchImageByImage) {
  constexpr int64_t images = 8, rows = 512, columns = 64;
  std::vector<float> x = numbers(images * rows * columns, 1),
                     w = numbers(images * columns * columns, 2);
  struct Results {
    std::vector<float> middle, largest, pairs;
    int64_t bytes;
  };
  auto compute = [&](bool split) {
    Results results{std::vector<float>(images * rows * columns, 42),
                    std::vector<float>(images * columns, 42),
                    std::vector<float>(images * images, 42), 0};
    splitsBatches = split;
    run(batchText, {{x.data(), {images, rows, columns}},
                    {w.data(), {images, columns, columns}},
                    {results.middle.data(), {images, rows, columns}},
                    {results.largest.data(), {images, columns}},
                    {results.pairs.data(), {images, images}}});
    results.bytes = temporaryBytes;
    return results;
  };
  Results expected = compute(false), found = compute(true);
  // A thread's images share a place.
  EXPECT_LT(found.bytes, expected.bytes);
  for (size_t at = 0; at < expected.middle.size(); ++at)
    ASSERT_NEAR(found.middle[at], expected.middle[at], 1e-5) << at;
  for (size_t at = 0; at < expected.largest.size(); ++at)
    ASSERT_NEAR(found.largest[at], expected.largest[at], 1e-4) << at;
  for (size_t at = 0; at < expected.pairs.size(); ++at)
    ASSERT_NEAR(found.pairs[at], expected.pairs[at],
                1e-4 * std::abs(expected.pairs[at]) + 1e-4)
        << at;
}

/// The product of a rows×depth and a depth×columns matrix.
template <typename Input, typename Sum>
std::vector<Sum> expectedProduct(const std::vector<Input> &a,
                                 const std::vector<Input> &b, int64_t rows,
                                 int64_t depth, int64_t columns) {
  std::vector<Sum> expected(rows * columns);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < depth; ++k)
        sum += double(a[i * depth + k]) * double(b[k * columns + j]);
      expected[i * columns + j] = Sum(sum);
    }
  return expected;
}

// A schedule that asks for more tasks than there are threads takes memory for
// as many as work at a time, each for its rows alone.
TEST_P(TensorFunctionTest, TasksShareMemory) {
  constexpr int64_t rows = 96, sum = 40, columns = 24, padding = 16;
  std::vector<float> a = numbers(rows * sum, 1), b = numbers(sum * columns, 2);
  std::vector<float> expected =
      expectedProduct<float, float>(a, b, rows, sum, columns);
  auto bytesOf = [&](const std::string &packing) {
    std::vector<float> c(rows * columns, 42);
    run(R"(
      func.func @f(%a: tensor<96x40xf32>, %b: tensor<40x24xf32>)
          -> tensor<96x24xf32> {
        %zero = arith.constant 0.0 : f32
        %e = tensor.empty() : tensor<96x24xf32>
        %z = linalg.fill ins(%zero : f32) outs(%e : tensor<96x24xf32>)
            -> tensor<96x24xf32>
        %c = linalg.matmul {eto.schedule = #eto.schedule<tile_rows = 4,
            panel_vectors = 1, row_tasks = 12)" +
            packing + R"(>}
            ins(%a, %b : tensor<96x40xf32>, tensor<40x24xf32>)
            outs(%z : tensor<96x24xf32>) -> tensor<96x24xf32>
        return %c : tensor<96x24xf32>
      })",
        {{a.data(), {rows, sum}},
         {b.data(), {sum, columns}},
         {c.data(), {rows, columns}}});
    for (size_t at = 0; at < expected.size(); ++at)
      EXPECT_NEAR(c[at], expected[at], 1e-4) << packing << ", " << at;
    return temporaryBytes;
  };
  EXPECT_EQ(bytesOf(", pack_left = 1, left_padding = 16") - bytesOf(""),
            GetParam() * (rows / 12) * (sum + padding) * 4);
}

// Tiles that the extents do not fill are padded.
TEST_P(TensorFunctionTest, PackedProduct) {
  constexpr int64_t rows = 37, sum = 50, columns = 23;
  std::vector<float> a = numbers(rows * sum, 1), b = numbers(sum * columns, 2),
                     c(rows * columns, 42);
  run(R"(
    func.func @f(%a: tensor<37x50xf32>, %b: tensor<50x23xf32>)
        -> tensor<37x23xf32> {
      %zero = arith.constant 0.0 : f32
      %ea = tensor.empty() : tensor<5x4x8x16xf32>
      %pa = linalg.pack %a padding_value(%zero : f32) inner_dims_pos = [0, 1]
          inner_tiles = [8, 16] into %ea
          : tensor<37x50xf32> -> tensor<5x4x8x16xf32>
      %eb = tensor.empty() : tensor<3x4x8x16xf32>
      %pb = linalg.pack %b padding_value(%zero : f32) outer_dims_perm = [1, 0]
          inner_dims_pos = [1, 0] inner_tiles = [8, 16] into %eb
          : tensor<50x23xf32> -> tensor<3x4x8x16xf32>
      %ec = tensor.empty() : tensor<5x3x8x8xf32>
      %fc = linalg.fill ins(%zero : f32) outs(%ec : tensor<5x3x8x8xf32>)
          -> tensor<5x3x8x8xf32>
      %m = linalg.mmt4d
          ins(%pa, %pb : tensor<5x4x8x16xf32>, tensor<3x4x8x16xf32>)
          outs(%fc : tensor<5x3x8x8xf32>) -> tensor<5x3x8x8xf32>
      %e = tensor.empty() : tensor<37x23xf32>
      %u = linalg.unpack %m inner_dims_pos = [0, 1] inner_tiles = [8, 8] into %e
          : tensor<5x3x8x8xf32> -> tensor<37x23xf32>
      return %u : tensor<37x23xf32>
    })",
      {{a.data(), {rows, sum}},
       {b.data(), {sum, columns}},
       {c.data(), {rows, columns}}});
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      double expected = 0;
      for (int64_t k = 0; k < sum; ++k)
        expected += double(a[i * sum + k]) * b[k * columns + j];
      ASSERT_NEAR(c[i * columns + j], expected, 1e-4) << i << ", " << j;
    }
}

TEST_P(TensorFunctionTest, LoopCarriesTensor) {
  std::vector<float> x = numbers(5 * 37, 1), y(x.size());
  run(R"(
    func.func @f(%x: tensor<?x37xf32>) -> tensor<?x37xf32> {
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %three = arith.constant 3 : index
      %y = scf.for %i = %zero to %three step %one iter_args(%t = %x)
          -> (tensor<?x37xf32>) {
        %next = linalg.add ins(%t, %x : tensor<?x37xf32>, tensor<?x37xf32>)
            outs(%t : tensor<?x37xf32>) -> tensor<?x37xf32>
        scf.yield %next : tensor<?x37xf32>
      }
      return %y : tensor<?x37xf32>
    })",
      {{x.data(), {5, 37}}, {y.data(), {5, 37}}});
  for (size_t at = 0; at < y.size(); ++at)
    ASSERT_NEAR(y[at], 4 * x[at], 1e-5);
}

// A turn's result is not made where the last one's was; a branch allocates; an
// assertion holds.
TEST_P(TensorFunctionTest, LoopsAndBranchesAllocate) {
  std::vector<float> x = numbers(37, 1), carried(37), chosen(37);
  run(R"(
    func.func @f(%x: tensor<37xf32>) -> (tensor<37xf32>, tensor<37xf32>) {
      %zero = arith.constant 0 : index
      %one = arith.constant 1 : index
      %three = arith.constant 3 : index
      %y = scf.for %i = %zero to %three step %one iter_args(%t = %x)
          -> tensor<37xf32> {
        %e = tensor.empty() : tensor<37xf32>
        %half = linalg.tanh ins(%t : tensor<37xf32>) outs(%e : tensor<37xf32>)
            -> tensor<37xf32>
        %next = linalg.add ins(%half, %x : tensor<37xf32>, tensor<37xf32>)
            outs(%e : tensor<37xf32>) -> tensor<37xf32>
        scf.yield %next : tensor<37xf32>
      }
      %first = tensor.extract %x[%zero] : tensor<37xf32>
      %most = arith.constant 2.0 : f32
      %small = arith.cmpf olt, %first, %most : f32
      cf.assert %small, "an element is beyond all"
      %z = scf.if %small -> tensor<37xf32> {
        %e = tensor.empty() : tensor<37xf32>
        %negated = linalg.negf ins(%y : tensor<37xf32>)
            outs(%e : tensor<37xf32>) -> tensor<37xf32>
        scf.yield %negated : tensor<37xf32>
      } else {
        scf.yield %x : tensor<37xf32>
      }
      return %y, %z : tensor<37xf32>, tensor<37xf32>
    })",
      {{x.data(), {37}}, {carried.data(), {37}}, {chosen.data(), {37}}});
  for (size_t at = 0; at < x.size(); ++at) {
    double expected = x[at];
    for (int turn = 0; turn < 3; ++turn)
      expected = std::tanh(expected) + x[at];
    ASSERT_NEAR(carried[at], expected, 1e-5);
    ASSERT_EQ(chosen[at], -carried[at]);
  }
}

TEST_P(TensorFunctionTest, Softmax) {
  std::vector<float> x = numbers(13 * 37, 1), y(x.size());
  run(R"(
    func.func @f(%x: tensor<13x37xf32>) -> tensor<13x37xf32> {
      %e = tensor.empty() : tensor<13x37xf32>
      %y = linalg.softmax dimension(1) ins(%x : tensor<13x37xf32>)
          outs(%e : tensor<13x37xf32>) -> tensor<13x37xf32>
      return %y : tensor<13x37xf32>
    })",
      {{x.data(), {13, 37}}, {y.data(), {13, 37}}});
  for (int64_t row = 0; row < 13; ++row) {
    double sum = 0;
    for (int64_t column = 0; column < 37; ++column)
      sum += std::exp(double(x[row * 37 + column]));
    for (int64_t column = 0; column < 37; ++column)
      ASSERT_NEAR(y[row * 37 + column],
                  std::exp(double(x[row * 37 + column])) / sum, 1e-6);
  }
}

/// What bf16 is in memory; made of numbers that it need not round.
struct Bfloat16 {
  Bfloat16() = default;
  explicit Bfloat16(float value)
      : bits(static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16)) {}
  explicit operator double() const {
    return std::bit_cast<float>(uint32_t(bits) << 16);
  }
  uint16_t bits = 0;
};

/// Such that no type rounds a product or a sum of them.
template <typename Element>
std::vector<Element> smallIntegers(int64_t count, int64_t factor) {
  std::vector<Element> values(count);
  for (int64_t at = 0; at < count; ++at)
    values[at] = Element(at * factor % 7 - 3);
  return values;
}

/// A product of elements of type `input` that is summed in `sum`, and the
/// largest element of each row of it, 0 where none is positive.
std::string productText(std::string input, std::string sum, bool integers) {
  std::string text = R"(
    func.func @f(%a: tensor<21x33xINPUT>, %b: tensor<33x37xINPUT>)
        -> (tensor<21x37xSUM>, tensor<21xSUM>) {
      %zero = arith.constant ZERO : SUM
      %e = tensor.empty() : tensor<21x37xSUM>
      %z = linalg.fill ins(%zero : SUM) outs(%e : tensor<21x37xSUM>)
          -> tensor<21x37xSUM>
      %c = linalg.matmul ins(%a, %b : tensor<21x33xINPUT>, tensor<33x37xINPUT>)
          outs(%z : tensor<21x37xSUM>) -> tensor<21x37xSUM>
      %r = tensor.empty() : tensor<21xSUM>
      %zr = linalg.fill ins(%zero : SUM) outs(%r : tensor<21xSUM>)
          -> tensor<21xSUM>
      %m = linalg.reduce {MAXIMUM} ins(%c : tensor<21x37xSUM>)
          outs(%zr : tensor<21xSUM>) dimensions = [1]
      return %c, %m : tensor<21x37xSUM>, tensor<21xSUM>
    })";
  auto replace = [&](const std::string &from, const std::string &to) {
    for (size_t at; (at = text.find(from)) != std::string::npos;)
      text.replace(at, from.size(), to);
  };
  replace("MAXIMUM", integers ? "arith.maxsi" : "arith.maximumf");
  replace("ZERO", integers ? "0" : "0.0");
  replace("INPUT", input);
  replace("SUM", sum);
  return text;
}

TEST_P(TensorFunctionTest, ElementTypes) {
  auto check = [&](auto input, auto sum, const std::string &inputName,
                   const std::string &sumName) {
    using Input = decltype(input);
    using Sum = decltype(sum);
    SCOPED_TRACE(inputName + " in " + sumName);
    std::vector<Input> a = smallIntegers<Input>(21 * 33, 3),
                       b = smallIntegers<Input>(33 * 37, 5);
    std::vector<Sum> c(21 * 37), largest(21);
    run(productText(inputName, sumName, std::is_integral_v<Sum>),
        {{a.data(), {21, 33}},
         {b.data(), {33, 37}},
         {c.data(), {21, 37}},
         {largest.data(), {21}}});
    std::vector<Sum> expected = expectedProduct<Input, Sum>(a, b, 21, 33, 37);
    for (size_t at = 0; at < expected.size(); ++at)
      ASSERT_EQ(double(c[at]), double(expected[at])) << at;
    for (int64_t row = 0; row < 21; ++row) {
      double most = 0;
      for (int64_t column = 0; column < 37; ++column)
        most = std::max(most, double(expected[row * 37 + column]));
      ASSERT_EQ(double(largest[row]), most) << row;
    }
  };
  check(double(), double(), "f64", "f64");
  check(float(), float(), "f32", "f32");
  check(_Float16(), _Float16(), "f16", "f16");
  check(_Float16(), float(), "f16", "f32");
  check(Bfloat16(), float(), "bf16", "f32");
  check(int8_t(), int32_t(), "i8", "i32");
  check(int32_t(), int32_t(), "i32", "i32");
  check(int64_t(), int64_t(), "i64", "i64");
}

INSTANTIATE_TEST_SUITE_P(Threads, TensorFunctionTest, testing::Values(1, 2));

} // namespace
