//===- Passes.td - Lowering passes -------------------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_PASSES
#define ORCINUS_PASSES_LOWERING_PASSES

include "mlir/Pass/PassBase.td"

class VectorTargetOptions {
  list<Option> options = [
    Option<"vectorBits", "vector-bits", "int64_t", /*default=*/"0",
           "Width of a vector register in bits; 0 takes the host's">,
    Option<"vectorRegisters", "vector-registers", "int64_t", /*default=*/"0",
           "Number of vector registers; 0 takes the host's">,
    Option<"threads", "threads", "int64_t", /*default=*/"1",
           "Threads to divide the work among; 1 makes no parallel loop">
  ];
}

def LowerContractions : Pass<"orcinus-lower-contractions", "mlir::ModuleOp"> {
  let summary = "Lower linalg contractions and convolutions on memrefs to register-tiled vector loops";
  let description = [{
    Replaces every linalg op on floating-point memrefs that sums products (a
    named op or a `linalg.generic` that multiplies and adds, whose result's map
    is a permutation and whose other maps are linear: matrix products and
    convolutions) by a call of a private function that holds its loop nest;
    those of the same types (offsets of views aside), maps and schedule share
    one function. In it, tiles of rows × vectors are accumulated in registers
    over the reductions, blocks of rows, columns and reductions stay in caches,
    operands are copied into tile order where the schedule says so, and outer
    dimensions, rows and columns are divided among the threads by
    `scf.parallel`.

    The innermost dimension of the result is the vector dimension. A right
    operand that holds it elsewhere than innermost is transposed into a
    temporary first, if that is small beside the contraction; one whose columns
    are apart since windows slide over them by more than 1 is gathered into
    panels; one that comes packed in panels, by a map of `floordiv` and `mod`,
    is read as it is. With `prepare-weights`, weights (`memref.global`s without a
    value, and arguments with the attribute `orcinus.weight`) are copied into
    panels by the function `orcinus_prepare_weights` alone
    (`--orcinus-prepare-weights`). A `linalg.fill` or a broadcast of a bias that
    just initialised the result becomes the accumulators' start. Elementwise ops that
    alone read the result, one after the other (a bias, an activation, a
    residual that is added), are computed on each tile when its sums are
    complete, before it is stored where the last of them writes.

    After it, the contractions that remain have no dimension that fits: they
    sum over the innermost dimension of all operands, or have too few rows for a
    copy of the right one. `--orcinus-vectorize-elementwise` takes the former.

    The schedule of an op is its attribute `eto.schedule` (see
    `ContractionSchedule`), or chosen from the vector registers.

    Before `--orcinus-lower-contractions="vector-bits=256 vector-registers=16"`:

    ```mlir
    func.func @step(%x: memref<64x32xf32>, %w: memref<32x16xf32>, %y: memref<64x16xf32>) {
      %zero = arith.constant 0.0 : f32
      linalg.fill ins(%zero : f32) outs(%y : memref<64x16xf32>)
      linalg.matmul ins(%x, %w : memref<64x32xf32>, memref<32x16xf32>)
                    outs(%y : memref<64x16xf32>)
      return
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: memref<64x32xf32>, %arg1: memref<32x16xf32>, %arg2: memref<64x16xf32>) {
      …
      call @orcinus_contraction(…
      return
    }
    func.func private @orcinus_contraction(%arg0: memref<64x32xf32, strided<[32, 1], offset: ?>>, …
      …
      … = scf.for … iter_args(…
        … = vector.load %arg1[…] : …, vector<8xf32>
        …
        … = vector.broadcast … : f32 to vector<8xf32>
        … = vector.fma … : vector<8xf32>
        …
      }
      …
      vector.store … : …, vector<8xf32>
      …
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect",
    "mlir::linalg::LinalgDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect", "mlir::vector::VectorDialect"
  ];
  let options = VectorTargetOptions<>.options # [
    Option<"prepareWeights", "prepare-weights", "bool", /*default=*/"false",
           "Copy right operands that are weights in the function that prepares "
           "weights, once, and not at each call">
  ];
  let statistics = [
    Statistic<"loweredContractions", "lowered-contractions",
              "Contractions that became calls">,
    Statistic<"absorbedOps", "absorbed-ops",
              "Elementwise ops that are computed on their tiles">,
    Statistic<"outlinedFunctions", "outlined-functions",
              "Distinct functions made for them">
  ];
}

def ChooseLayouts : Pass<"orcinus-choose-layouts"> {
  let summary = "Have convolutions on tensors, and what is between them, work on channels last";
  let description = [{
    Importers spell convolutions and poolings channels first (`nchw`), while
    their loops are fastest where neighbours in memory are channels. Each
    convolution of at least 8 channels that is spelled so (1-D, 2-D, 3-D,
    grouped, depthwise, quantized) becomes the op of the same kind that is
    spelled channels last, a grouped one a `linalg.generic`. Its layout spreads
    to what makes its operands and what reads its result, as far as these ops do
    not care in what order dimensions lie: elementwise ops, broadcasts,
    reductions, poolings, pads, casts, slices, concatenations, reshapes that
    tear no group of dimensions apart, transpositions, which disappear.

    After it, tensors are transposed where they meet other ops: at most the
    inputs, the results and the weights of a network that is convolutions
    throughout. Transpositions that move no element are reshapes.

    Before:

    ```mlir
    func.func @convolution(%x: tensor<1x16x8x8xf32>, %w: tensor<32x16x3x3xf32>) -> tensor<1x32x6x6xf32> {
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : tensor<1x32x6x6xf32>
      %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x32x6x6xf32>) -> tensor<1x32x6x6xf32>
      %y = linalg.conv_2d_nchw_fchw ins(%x, %w : tensor<1x16x8x8xf32>, tensor<32x16x3x3xf32>)
          outs(%start : tensor<1x32x6x6xf32>) -> tensor<1x32x6x6xf32>
      return %y : tensor<1x32x6x6xf32>
    }
    ```

    After:

    ```mlir
    func.func @convolution(%arg0: tensor<1x16x8x8xf32>, %arg1: tensor<32x16x3x3xf32>) -> tensor<1x32x6x6xf32> {
      …
      … = linalg.transpose ins(%arg1 : tensor<32x16x3x3xf32>) outs(… : tensor<3x3x16x32xf32>) permutation = [2, 3, 1, 0]
      …
      … = linalg.transpose ins(%arg0 : tensor<1x16x8x8xf32>) outs(… : tensor<1x8x8x16xf32>) permutation = [0, 2, 3, 1]
      …
      … = linalg.conv_2d_nhwc_hwcf ins(… : tensor<1x8x8x16xf32>, tensor<3x3x16x32xf32>) outs(… : tensor<1x6x6x32xf32>) -> tensor<1x6x6x32xf32>
      …
      … = linalg.transpose ins(… : tensor<1x6x6x32xf32>) outs(… : tensor<1x32x6x6xf32>) permutation = [0, 3, 1, 2]
      return …
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"rewrittenOps", "rewritten-ops", "Ops that got other layouts">,
    Statistic<"transpositions", "transpositions",
              "Transpositions that were made">
  ];
}

def ConvertCopies : Pass<"orcinus-convert-copies"> {
  let summary = "Turn buffer copies into linalg.copy";
  let description = [{
    A `memref.copy` between strided buffers would become a call of MLIR's own
    runtime library; as `linalg.copy` it is vectorized like any other op.

    Before:

    ```mlir
    func.func @step(%x: memref<?x8xf32>, %y: memref<?x8xf32, strided<[16, 1]>>) {
      memref.copy %x, %y : memref<?x8xf32> to memref<?x8xf32, strided<[16, 1]>>
      return
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: memref<?x8xf32>, %arg1: memref<?x8xf32, strided<[16, 1]>>) {
      linalg.copy ins(%arg0 : memref<?x8xf32>) outs(%arg1 : memref<?x8xf32, strided<[16, 1]>>)
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect"];
}

def ConvertToLinalg : Pass<"tgnn-convert-to-linalg"> {
  let summary = "Convert the dense tgnn ops to linalg on tensors";
  let description = [{
    Contractions become `linalg.generic` with the result's last dimension on the
    right side, elementwise ops `linalg.generic`, concatenations and slices
    `tensor` ops. Kernels stay. After it, all arithmetic between kernels is
    linalg, as operators and the lowerings expect it.

    Before:

    ```mlir
    func.func @step(%x: tensor<8x4xf32>, %y: tensor<8x4xf32>) -> tensor<8x4xf32> {
      %z = tgnn.add %x, %y : tensor<8x4xf32>, tensor<8x4xf32> -> tensor<8x4xf32>
      return %z : tensor<8x4xf32>
    }
    ```

    After:

    ```mlir
    …
    func.func @step(%arg0: tensor<8x4xf32>, %arg1: tensor<8x4xf32>) -> tensor<8x4xf32> {
      %0 = tensor.empty() : tensor<8x4xf32>
      %1 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", …
      ^bb0(%in: f32, %in_0: f32, %out: f32):
        %2 = arith.addf %in, %in_0 : f32
        linalg.yield %2 : f32
      } -> tensor<8x4xf32>
      return %1 : tensor<8x4xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::math::MathDialect", "mlir::tensor::TensorDialect"
  ];
}

def DecomposeAggregates : Pass<"orcinus-decompose-aggregates"> {
  let summary = "Replace ops that stand for several linalg ops by them";
  let description = [{
    `linalg.softmax` and its like become the ops that they stand for;
    `linalg.pack` and `linalg.unpack` become pads, transpositions and reshapes.
    On memrefs that is done for `linalg.softmax` alone.
    A loop that is called a reduction is labelled parallel where each of its
    iterations has elements of all results of its own.

    Before:

    ```mlir
    func.func @step(%x: tensor<16x8xf32>) -> tensor<2x1x8x8xf32> {
      %tiles = tensor.empty() : tensor<2x1x8x8xf32>
      %y = linalg.pack %x inner_dims_pos = [0, 1] inner_tiles = [8, 8] into %tiles : tensor<16x8xf32> -> tensor<2x1x8x8xf32>
      return %y : tensor<2x1x8x8xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<16x8xf32>) -> tensor<2x1x8x8xf32> {
      %0 = tensor.empty() : tensor<2x1x8x8xf32>
      %cst = arith.constant 0.000000e+00 : f32
      %padded = tensor.pad %arg0 low[0, 0] high[0, 0] {
      ^bb0(%arg1: index, %arg2: index):
        tensor.yield %cst : f32
      } : tensor<16x8xf32> to tensor<16x8xf32>
      %expanded = tensor.expand_shape %padded [[0, 1], [2, 3]] output_shape [2, 8, 1, 8] : tensor<16x8xf32> into tensor<2x8x1x8xf32>
      %transposed = linalg.transpose ins(%expanded : tensor<2x8x1x8xf32>) outs(%0 : tensor<2x1x8x8xf32>) permutation = [0, 2, 1, 3]
      return %transposed : tensor<2x1x8x8xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::math::MathDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect", "mlir::tensor::TensorDialect"
  ];
}

def EraseUnusedResults : Pass<"orcinus-erase-unused-results"> {
  let summary = "Remove results of linalg ops on tensors that nobody reads";
  let description = [{
    Importers write a maximum together with its index, whether or not the index
    is read. Without it the maximum of a softmax is a reduction like any other,
    which `--orcinus-fuse-rows` takes into the row's loop.

    Before:

    ```mlir
    #map = affine_map<(i) -> (i)>
    func.func @step(%x: tensor<8xf32>, %y: tensor<8xf32>, %z: tensor<8xf32>) -> tensor<8xf32> {
      %r:2 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel"]} ins(%x : tensor<8xf32>) outs(%y, %z : tensor<8xf32>, tensor<8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %exponential = math.exp %a : f32
        %root = math.sqrt %a : f32
        linalg.yield %exponential, %root : f32, f32
      } -> (tensor<8xf32>, tensor<8xf32>)
      return %r#0 : tensor<8xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<8xf32>, %arg1: tensor<8xf32>, %arg2: tensor<8xf32>) -> tensor<8xf32> {
      %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%arg0 : tensor<8xf32>) outs(%arg1 : tensor<8xf32>) {
      ^bb0(%in: f32, %out: f32):
        %1 = math.exp %in : f32
        linalg.yield %1 : f32
      } -> tensor<8xf32>
      return %0 : tensor<8xf32>
    }
    ```
  }];
  let dependentDialects = ["mlir::linalg::LinalgDialect"];
}

def FuseElementwise : Pass<"orcinus-fuse-elementwise"> {
  let summary = "Fuse elementwise linalg ops on tensors into what reads them, but not into sums of products";
  let description = [{
    An elementwise op that one op reads is computed where that reads it, unless
    it would be computed more often then, or the reader is a sum of products: an
    activation fused into the product after it is computed once for each column,
    and such an op has no tiles. It stays behind the product before it, whose
    lowering computes it on the tile.

    What only moves elements fuses into sums of products, too, where it repeats
    them (a weight for each of a batch) or the product is batched (the heads of
    an attention), and a batched product writes its result as its transposition
    would lie. Loops of one turn are dropped, so that ops which importers give
    further dimensions meet, but for ops next to named convolutions and
    poolings. Results that nothing reads, such as the place of a softmax's
    maximum, are removed, constants folded, and small powers made products.

    Before:

    ```mlir
    #left = affine_map<(b, m, n, k) -> (b, m, k)>
    #right = affine_map<(b, m, n, k) -> (b, k, n)>
    #result = affine_map<(b, m, n, k) -> (b, m, n)>
    #id = affine_map<(b, m, n) -> (b, m, n)>
    func.func @heads(%x: tensor<128x12x64xf32>, %y: tensor<12x64x128xf32>) -> tensor<12x128x128xf32> {
      %zero = arith.constant 0.0 : f32
      %moved = tensor.empty() : tensor<12x128x64xf32>
      %t = linalg.transpose ins(%x : tensor<128x12x64xf32>) outs(%moved : tensor<12x128x64xf32>) permutation = [1, 0, 2]
      %empty = tensor.empty() : tensor<12x128x128xf32>
      %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<12x128x128xf32>) -> tensor<12x128x128xf32>
      %p = linalg.batch_matmul ins(%t, %y : tensor<12x128x64xf32>, tensor<12x64x128xf32>) outs(%start : tensor<12x128x128xf32>) -> tensor<12x128x128xf32>
      return %p : tensor<12x128x128xf32>
    }
    ```

    After:

    ```mlir
    #map = affine_map<(d0, d1, d2, d3) -> (d1, d0, d3)>
    …
    func.func @heads(…
      …
      … = linalg.generic {indexing_maps = [#map, #map1, #map2], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%arg0, %arg1 : tensor<128x12x64xf32>, …
    ```
  }];
  let dependentDialects = [
    "mlir::affine::AffineDialect", "mlir::linalg::LinalgDialect",
    "mlir::math::MathDialect", "mlir::tensor::TensorDialect",
    "mlir::vector::VectorDialect"
  ];
}

def CropPadding : Pass<"orcinus-crop-padding"> {
  let summary = "Make slices of negative padding";
  let description = [{
    A `tensor.pad` by a negative amount, which importers write for a crop, cuts
    elements off; what is bufferized would begin before the tensor. It becomes a
    slice of what is padded, and a pad by what is left. An amount that only the
    run tells may be either.

    Before:

    ```mlir
    func.func @crop(%x: tensor<8x9xf32>) -> tensor<9x10xf32> {
      %zero = arith.constant 0.0 : f32
      %y = tensor.pad %x low[-1, 1] high[2, 0] {
      ^bb0(%i: index, %j: index):
        tensor.yield %zero : f32
      } : tensor<8x9xf32> to tensor<9x10xf32>
      return %y : tensor<9x10xf32>
    }
    ```

    After:

    ```mlir
    …
      %extracted_slice = tensor.extract_slice %arg0[1, 0] [7, 9] [1, 1] : tensor<8x9xf32> to tensor<7x9xf32>
      %padded = tensor.pad %extracted_slice low[0, 1] high[2, 0] {
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::tensor::TensorDialect"
  ];
}

def LowerTmTensor : Pass<"orcinus-lower-tm-tensor"> {
  let summary = "Make loops of torch-mlir's scans, sorts and scatters";
  let description = [{
    torch-mlir writes cumulative sums, sorts, the largest k, and what is written
    at indices, as ops of its dialect `tm_tensor`, which are read here in their
    generic form. They become loops of `scf` that carry tensors. A sort merges
    ever longer runs, is stable, and takes n log n turns. An index of a scatter
    that is not within its tensor is an assertion that does not hold. An op that
    no dialect defines and that is none of these is an error.

    Before `--orcinus-lower-tm-tensor --allow-unregistered-dialect`:

    ```mlir
    func.func @sums(%x: tensor<8xf32>, %e: tensor<8xf32>, %start: tensor<f32>) -> tensor<8xf32> {
      %y:2 = "tm_tensor.scan"(%x, %e, %start) <{dimension = 0 : i64, inclusive = true}> ({
      ^bb0(%sum: f32, %a: f32):
        %s = arith.addf %sum, %a : f32
        "tm_tensor.yield"(%s) : (f32) -> ()
      }) : (tensor<8xf32>, tensor<8xf32>, tensor<f32>) -> (tensor<8xf32>, tensor<f32>)
      return %y#0 : tensor<8xf32>
    }
    ```

    After:

    ```mlir
    …
      … = scf.for %arg3 = …
        %extracted_0 = tensor.extract %arg0[%arg3] : tensor<8xf32>
        … = arith.addf %arg5, %extracted_0 : f32
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::bufferization::BufferizationDialect",
    "mlir::cf::ControlFlowDialect", "mlir::math::MathDialect",
    "mlir::scf::SCFDialect", "mlir::tensor::TensorDialect"
  ];
}

def YieldIntoDestinations : Pass<"orcinus-yield-into-destinations"> {
  let summary = "Say where the tensors that loops and branches yield go";
  let description = [{
    What an `scf.for` carries is copied into what it carried before, and what
    the branches of an `scf.if` yield into a tensor that is made before them:
    bufferization then needs no buffer that one turn allocates and another
    frees. A copy of what is there already is none. Tensors whose extents are
    not known stay, as those may differ from turn to turn. What a turn writes
    into the memory of what it carries, by one op after the other, is there.

    Before:

    ```mlir
    func.func @step(%x: tensor<8xf32>, %y: tensor<8xf32>, %chosen: i1) -> tensor<8xf32> {
      %z = scf.if %chosen -> (tensor<8xf32>) {
        scf.yield %x : tensor<8xf32>
      } else {
        scf.yield %y : tensor<8xf32>
      }
      return %z : tensor<8xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<8xf32>, %arg1: tensor<8xf32>, %arg2: i1) -> tensor<8xf32> {
      %0 = tensor.empty() : tensor<8xf32>
      %1 = scf.if %arg2 -> (tensor<8xf32>) {
        %2 = bufferization.materialize_in_destination %arg0 in %0 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
        scf.yield %2 : tensor<8xf32>
      } else {
        %2 = bufferization.materialize_in_destination %arg1 in %0 : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
        scf.yield %2 : tensor<8xf32>
      }
      return %1 : tensor<8xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::bufferization::BufferizationDialect", "mlir::tensor::TensorDialect"
  ];
}

def TileProducts : Pass<"orcinus-tile-products"> {
  let summary = "Run two sums of products on memrefs, and what is between them, by blocks of rows";
  let description = [{
    Finds sums of products one of whose operands is computed row by row of
    another sum of products, as an attention's weights are of its scores:
    products, scales, masks and a softmax between them go through the same rows.
    They become one loop over the dimensions that all have in common, an outer
    index (a head) and a block of rows at a time: all ops pass over a block
    while it is in cache, and the buffers between them, the scores of all heads
    and rows, shrink to one block. With several threads the blocks are divided
    among them.

    A chain is left as it is where its buffers are small, where an operand that
    all rows read is too large to be read once for each block, where an extent
    other than that of an outer dimension is not known, or where an op of it has
    a schedule.

    Before:

    ```mlir
    #left = affine_map<(h, m, n, k) -> (h, m, k)>
    func.func @attend(%q: memref<12x128x64xf32>, %k: memref<12x64x128xf32>, %v: memref<12x128x64xf32>, %o: memref<12x128x64xf32>) {
      %s = memref.alloc() : memref<12x128x128xf32>
      %zero = arith.constant 0.0 : f32
      linalg.fill ins(%zero : f32) outs(%s : memref<12x128x128xf32>)
      linalg.batch_matmul ins(%q, %k : memref<12x128x64xf32>, memref<12x64x128xf32>) outs(%s : memref<12x128x128xf32>)
      linalg.exp ins(%s : memref<12x128x128xf32>) outs(%s : memref<12x128x128xf32>)
      linalg.batch_matmul ins(%s, %v : memref<12x128x128xf32>, memref<12x128x64xf32>) outs(%o : memref<12x128x64xf32>)
      return
    }
    ```

    After:

    ```mlir
    …
    func.func @attend(…
      …
      %alloc = memref.alloc() : memref<128x128xf32>
      …
      scf.for %arg4 = …
        …
        linalg.fill ins(… : f32) outs(%alloc : memref<128x128xf32>)
        …
        linalg.generic {indexing_maps = [#map, #map1, #map2], iterator_types = ["parallel", "parallel", "reduction"]} …
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect"
  ];
  let options = [
    Option<"threads", "threads", "int64_t", /*default=*/"1",
           "Threads to divide the work among; 1 makes no parallel loop">
  ];
  let statistics = [
    Statistic<"tiledChains", "tiled-chains", "Chains that became loops">
  ];
}

def FoldScales : Pass<"orcinus-fold-scales", "mlir::func::FuncOp"> {
  let summary = "Multiply norms with fixed statistics into the weights before them";
  let description = [{
    A batch norm in inference scales and shifts each channel by numbers that are
    made of weights. Where what it reads is the result of a sum of products that
    nothing else reads, and whose right operand is a weight with the channel,
    the weight is multiplied by the scale instead, and the sum starts from the
    shift, with the bias that it started from scaled. Both are made of weights
    alone, and so computed once (`--orcinus-prepare-weights`). Results change
    by rounding.

    Before:

    ```mlir
    memref.global "private" @w : memref<16x32xf32>
    memref.global "private" @a : memref<32xf32>
    func.func @linear(%x: tensor<4x16xf32>) -> tensor<4x32xf32> {
      %w_at = memref.get_global @w : memref<16x32xf32>
      %w = bufferization.to_tensor %w_at restrict : memref<16x32xf32> to tensor<16x32xf32>
      %a_at = memref.get_global @a : memref<32xf32>
      %a = bufferization.to_tensor %a_at restrict : memref<32xf32> to tensor<32xf32>
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : tensor<4x32xf32>
      %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x32xf32>) -> tensor<4x32xf32>
      %y = linalg.matmul ins(%x, %w : tensor<4x16xf32>, tensor<16x32xf32>) outs(%start : tensor<4x32xf32>) -> tensor<4x32xf32>
      %z = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]} ins(%y, %a : tensor<4x32xf32>, tensor<32xf32>) outs(%empty : tensor<4x32xf32>) {
      ^bb0(%in: f32, %scale: f32, %out: f32):
        %p = arith.mulf %in, %scale : f32
        linalg.yield %p : f32
      } -> tensor<4x32xf32>
      return %z : tensor<4x32xf32>
    }
    ```

    After:

    ```mlir
    …
      … = linalg.generic {…} ins(… : tensor<16x32xf32>, tensor<32xf32>) outs(… : tensor<16x32xf32>) {
      …
      … = linalg.broadcast ins(… : tensor<32xf32>) outs(… : tensor<4x32xf32>) dimensions = [0]
      … = linalg.matmul ins(… : tensor<4x16xf32>, tensor<16x32xf32>) outs(… : tensor<4x32xf32>) -> tensor<4x32xf32>
      return …
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"foldedScales", "folded-scales",
              "Ops that became part of weights">
  ];
}

def FuseRows : Pass<"orcinus-fuse-rows"> {
  let summary = "Run chains of linalg ops on memrefs row by row";
  let description = [{
    Finds linalg ops that follow each other and go through the same rows, such
    as the maximum, the exponentials, the sum and the quotients of a softmax:
    each row of what one writes depends on that row alone of what the others
    write. They become one loop over blocks of rows, in which all ops pass over
    a block while it is in the nearest cache; buffers between them shrink to one
    block. Tasks of rows become `scf.parallel` where `threads` is more than 1
    and there is work enough.

    Rows are the leading dimensions that all ops of a chain have in common; the
    extent of the innermost of them must be known, and those outside of it equal
    by the buffers that the ops share. The schedule of a chain is the attribute
    `eto.schedule` of its first op that has one (see `RowSchedule`); the ops
    inside get what concerns them.

    After it, named linalg ops are generic ones.

    Before:

    ```mlir
    func.func @step(%x: memref<512x64xf32>, %sum: memref<512xf32>) {
      %e = memref.alloc() : memref<512x64xf32>
      linalg.exp ins(%x : memref<512x64xf32>) outs(%e : memref<512x64xf32>)
      linalg.reduce { arith.addf } ins(%e : memref<512x64xf32>) outs(%sum : memref<512xf32>)
          dimensions = [1]
      return
    }
    ```

    After:

    ```mlir
    …
    func.func @step(%arg0: memref<512x64xf32>, %arg1: memref<512xf32>) {
      …
      %alloc = memref.alloc() : memref<16x64xf32>
      …
      scf.for %arg2 = … to … step … {
        …
        %subview = memref.subview %arg0[%arg2, 0] [16, 64] [1, 1] : …
        …
        %subview_11 = memref.subview %alloc[0, 0] [16, 64] [1, 1] : …
        linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} …
        ^bb0(%in: f32, %out: f32):
          %0 = math.exp %in : f32
          linalg.yield %0 : f32
        }
        …
        %subview_13 = memref.subview %alloc[0, 0] [16, 64] [1, 1] : …
        %subview_14 = memref.subview %arg1[%arg2] [16] [1] : …
        linalg.generic {indexing_maps = [#map, #map1], iterator_types = ["parallel", "reduction"]} …
        ^bb0(%in: f32, %out: f32):
          %0 = arith.addf %out, %in : f32
          linalg.yield %0 : f32
        }
      }
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
    "orcinus::eto::ETODialect"
  ];
  let options = [
    Option<"threads", "threads", "int64_t", /*default=*/"1",
           "Threads to divide the work among; 1 makes no parallel loop">
  ];
  let statistics = [
    Statistic<"fusedChains", "fused-chains", "Chains that became one loop">,
    Statistic<"fusedOps", "fused-ops", "Ops of these chains">
  ];
}

def VectorizeElementwise : Pass<"orcinus-vectorize-elementwise"> {
  let summary = "Lower elementwise ops and reductions on memrefs to vector loops";
  let description = [{
    Replaces linalg ops on memrefs by loops over vectors of the machine's width.
    Vectors run along a dimension that every operand has innermost and
    contiguous, or not at all; the last vector of a row is narrower or masked.
    What does not vary along that dimension is computed once a row. Ops whose
    operands are all contiguous and alike become one flat loop.

    Reductions over other dimensions keep several vectors of accumulators; along
    the vector dimension, lanes are combined in the end. Rows may be looked up
    by `memref.load` in the body where the innermost index is the loop's own.
    Permuted copies are transposed in registers, block by block.

    The outermost dimension that is long enough becomes `scf.parallel` where
    there is work enough for several threads and the op is in no other. The
    schedule of an op is its attribute `eto.schedule` (see `RowSchedule`).

    After it, the linalg ops that remain have a strided or permuted operand, or
    an op in the body without a vector form.

    Before `--orcinus-vectorize-elementwise="vector-bits=256 vector-registers=16"`:

    ```mlir
    func.func @step(%x: memref<64xf32>, %y: memref<64xf32>) {
      linalg.exp ins(%x : memref<64xf32>) outs(%y : memref<64xf32>)
      return
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: memref<64xf32>, %arg1: memref<64xf32>) {
      …
      scf.for %arg2 = … to %c64 step %c8 {
        %0 = vector.load %arg0[%arg2] : memref<64xf32>, vector<8xf32>
        %1 = math.exp %0 : vector<8xf32>
        vector.store %1, %arg1[%arg2] : memref<64xf32>, vector<8xf32>
      }
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect", "mlir::vector::VectorDialect"
  ];
  let options = VectorTargetOptions<>.options;
  let statistics = [
    Statistic<"vectorizedOps", "vectorized-ops", "Ops that became vector loops">
  ];
}

def ExpandMath : Pass<"orcinus-expand-math"> {
  let summary = "Expand transcendental functions into arithmetic";
  let description = [{
    Replaces `math.exp`, `log`, `log1p`, `tanh`, `erf`, `sin`, `cos` and `rsqrt`
    on f32 scalars and vectors by range reduction and a polynomial. Results are
    within about 2 units in the last place of the exact ones, for denormal,
    infinite and invalid arguments too; sine and cosine for arguments up to 2^50. Where a
    lane's angle is above 2^15, these two reduce it in f64, else in f32; there is
    no other branch.

    After it, these functions are left on other types only.

    Before:

    ```mlir
    func.func @step(%x: vector<8xf32>) -> vector<8xf32> {
      %y = math.tanh %x : vector<8xf32>
      return %y : vector<8xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: vector<8xf32>) -> vector<8xf32> {
      %0 = math.absf %arg0 : vector<8xf32>
      %1 = arith.mulf %arg0, %arg0 : vector<8xf32>
      …
      %2 = math.fma %cst, %1, %cst_0 : vector<8xf32>
      …
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::math::MathDialect",
    "mlir::scf::SCFDialect", "mlir::vector::VectorDialect"
  ];
  let statistics = [
    Statistic<"expandedFunctions", "expanded-functions", "Functions expanded">
  ];
}

def InlineScopes : Pass<"orcinus-inline-scopes"> {
  let summary = "Put what is in scopes of stack allocations in their place, where they have none";
  let description = [{
    MLIR's conversion to OpenMP wraps the bodies of loops in
    `memref.alloca_scope`, which may hold one block only, and its canonicalizer
    keeps those that call functions. What a function allocates on the stack is
    gone when it returns, so that a scope without a `memref.alloca` of its own
    is of no use. After it, there is none of these.

    Before:

    ```mlir
    func.func private @part(%x: memref<8xf32>)
    func.func @step(%x: memref<8xf32>) {
      memref.alloca_scope {
        func.call @part(%x) : (memref<8xf32>) -> ()
      }
      return
    }
    ```

    After:

    ```mlir
    func.func private @part(memref<8xf32>)
    func.func @step(%arg0: memref<8xf32>) {
      call @part(%arg0) : (memref<8xf32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"inlinedScopes", "inlined-scopes", "Scopes that are gone">
  ];
}

def OutlineParallel : Pass<"orcinus-outline-parallel", "mlir::ModuleOp"> {
  let summary = "Move the parallel loops of public functions to their own";
  let description = [{
    Every outermost `scf.parallel` of a public function becomes a call of a
    private function; equal loops share one. A step has a hundred of them:
    apart, they are compiled once for all steps, divided among threads, and in
    a time that does not grow with the square of their number, as it does where
    the OpenMP lowering extracts them from one function.

    Before:

    ```mlir
    func.func @step(%x: memref<?xf32>, %rows: index, %value: f32) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      scf.parallel (%i) = (%c0) to (%rows) step (%c1) {
        memref.store %value, %x[%i] : memref<?xf32>
      }
      return
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: memref<?xf32>, %arg1: index, %arg2: f32) {
      …
      call @orcinus_parallel(%arg1, %arg2, %arg0) : (index, f32, memref<?xf32>) -> ()
      return
    }
    func.func private @orcinus_parallel(%arg0: index, %arg1: f32, %arg2: memref<?xf32>) {
      …
      scf.parallel (%arg3) = (%c0) to (%arg0) step (%c1) {
        memref.store %arg1, %arg2[%arg3] : memref<?xf32>
        scf.reduce
      }
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::func::FuncDialect"];
  let statistics = [
    Statistic<"outlinedLoops", "outlined-loops", "Loops that became calls">,
    Statistic<"outlinedFunctions", "outlined-functions",
              "Distinct functions made for them">
  ];
}

def PlaceAllocations : Pass<"orcinus-place-allocations"> {
  let summary = "Free every temporary after its last use";
  let description = [{
    Inserts a `memref.dealloc` for every `memref.alloc` after the last op of its
    block that uses it, directly, in a nested region, or through anything that
    may be a view of it. A memref that a terminator passes on, or that is freed
    already, is left alone. Alignments are dropped: the runtime's allocator
    aligns to 64 bytes anyway.

    After it, a step that allocates from an arena reuses memory instead of
    growing with the number of its ops.

    Before:

    ```mlir
    func.func @step(%n: index, %x: memref<?xf32>, %y: memref<?xf32>) {
      %t = memref.alloc(%n) {alignment = 64 : i64} : memref<?xf32>
      linalg.exp ins(%x : memref<?xf32>) outs(%t : memref<?xf32>)
      linalg.log ins(%t : memref<?xf32>) outs(%y : memref<?xf32>)
      return
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: index, %arg1: memref<?xf32>, %arg2: memref<?xf32>) {
      %alloc = memref.alloc(%arg0) : memref<?xf32>
      linalg.exp ins(%arg1 : memref<?xf32>) outs(%alloc : memref<?xf32>)
      linalg.log ins(%alloc : memref<?xf32>) outs(%arg2 : memref<?xf32>)
      memref.dealloc %alloc : memref<?xf32>
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"freedAllocations", "freed-allocations",
              "Allocations that got a free">
  ];
}

def DivideParallel : Pass<"orcinus-divide-parallel"> {
  let summary = "Make parallel loops that take memory loops over as many tasks as there are threads";
  let description = [{
    A parallel loop of more turns than threads, or of who knows how many, each of
    which allocates memory or calls what may, becomes one of a task for each
    thread that goes through its part of the turns. So each thread has one place
    for its temporaries, which `--orcinus-plan-memory` knows in advance.

    Before:

    ```mlir
    func.func private @part(%x: memref<64xf32>)
    func.func @step(%n: index) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      scf.parallel (%i) = (%c0) to (%n) step (%c1) {
        %a = memref.alloc() : memref<64xf32>
        func.call @part(%a) : (memref<64xf32>) -> ()
        memref.dealloc %a : memref<64xf32>
      }
      return
    }
    ```

    After:

    ```mlir
    …
    func.func @step(%arg0: index) {
      …
      scf.parallel (%arg1) = (…
        …
        scf.for %arg2 = …
          …
          %alloc = memref.alloc() : memref<64xf32>
          func.call @part(%alloc) : (memref<64xf32>) -> ()
          memref.dealloc %alloc : memref<64xf32>
        }
        …
      }
      return
    }
    ```
  }];
  let options = [
    Option<"threads", "threads", "int64_t", /*default=*/"1",
           "Threads to divide the turns among">
  ];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"dividedLoops", "divided", "Loops divided">
  ];
}

def PlanMemory : Pass<"orcinus-plan-memory", "mlir::ModuleOp"> {
  let summary = "Give the temporaries of a function places in one block of memory";
  let description = [{
    Every allocation of known size that the function frees itself becomes a view
    of one block; those that are alive at different times share its bytes. A
    parallel loop of a known number of turns has a part of the block with a place
    for each turn, which is planned in the same way. What takes more than 2^46
    bytes has no place. A public function allocates
    its block once, a private one gets it from its caller, in whose plan it is a
    temporary for the time of the call. The module's attribute
    `orcinus.temporary_bytes` has the size of the block of each public function,
    or -1 where it allocates other memory besides, whose extents or turns are
    known at run time alone. With `separate` the sizes are told and every
    temporary stays an allocation, at whose ends AddressSanitizer looks.

    Before:

    ```mlir
    func.func private @part(%x: memref<64xf32>)
    func.func @step() {
      %a = memref.alloc() : memref<64xf32>
      call @part(%a) : (memref<64xf32>) -> ()
      memref.dealloc %a : memref<64xf32>
      %b = memref.alloc() : memref<64xf32>
      call @part(%b) : (memref<64xf32>) -> ()
      memref.dealloc %b : memref<64xf32>
      return
    }
    ```

    After:

    ```mlir
    module attributes {orcinus.temporary_bytes = {step = 256 : i64}} {
      …
      func.func @step() {
        %alloc = memref.alloc() : memref<256xi8>
        …
        %view = memref.view %alloc[…][] : memref<256xi8> to memref<64xf32>
        call @part(%view) : (memref<64xf32>) -> ()
        …
        %view_1 = memref.view %alloc[…][] : memref<256xi8> to memref<64xf32>
        call @part(%view_1) : (memref<64xf32>) -> ()
        memref.dealloc %alloc : memref<256xi8>
        return
      }
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::memref::MemRefDialect"
  ];
  let options = [
    Option<"separate", "separate", "bool", /*default=*/"false",
           "Leave temporaries memory of their own">
  ];
  let statistics = [
    Statistic<"plannedAllocations", "planned-allocations",
              "Allocations that became views of a block">
  ];
}

def RelaxBarriers : Pass<"orcinus-relax-barriers"> {
  let summary = "Wait once at the end of a parallel loop, not twice";
  let description = [{
    Marks every `omp.wsloop` that ends its `omp.parallel` as `nowait`: the
    parallel region waits for all threads itself.

    Before:

    ```mlir
    func.func @step(%n: index, %value: f32, %x: memref<?xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      omp.parallel {
        omp.wsloop {
          omp.loop_nest (%i) : index = (%c0) to (%n) step (%c1) {
            memref.store %value, %x[%i] : memref<?xf32>
            omp.yield
          }
        }
        omp.terminator
      }
      return
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: index, %arg1: f32, %arg2: memref<?xf32>) {
      …
      omp.parallel {
        omp.wsloop nowait {
          omp.loop_nest (%arg3) : index = (%c0) to (%arg0) step (%c1) {
            memref.store %arg1, %arg2[%arg3] : memref<?xf32>
            omp.yield
          }
        }
        omp.terminator
      }
      return
    }
    ```
  }];
}

def SeparateDestinations : Pass<"orcinus-separate-destinations"> {
  let summary = "Give each writer on tensors a destination of its own";
  let description = [{
    A `tensor.empty` or a `linalg.fill` that several ops write to or start from
    is one buffer to bufferization, which would copy it before all of them but
    the last. Each use beyond the first gets one of its own: making it again
    costs no more than the copy, and `--orcinus-lower-contractions` takes a fill
    as the start of its sums.

    Before:

    ```mlir
    func.func @step(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %empty = tensor.empty() : tensor<4xf32>
      %a = linalg.exp ins(%x : tensor<4xf32>) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
      %b = linalg.log ins(%x : tensor<4xf32>) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
      return %a, %b : tensor<4xf32>, tensor<4xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %0 = tensor.empty() : tensor<4xf32>
      %1 = linalg.exp ins(%arg0 : tensor<4xf32>) outs(%0 : tensor<4xf32>) -> tensor<4xf32>
      %2 = tensor.empty() : tensor<4xf32>
      %3 = linalg.log ins(%arg0 : tensor<4xf32>) outs(%2 : tensor<4xf32>) -> tensor<4xf32>
      return %1, %3 : tensor<4xf32>, tensor<4xf32>
    }
    ```
  }];
  let statistics = [
    Statistic<"separatedDestinations", "destinations", "Destinations made again">
  ];
}

def PlacePadding : Pass<"orcinus-place-padding"> {
  let summary = "Compute what is padded in the middle of the padded tensor";
  let description = [{
    A `tensor.pad` by a constant becomes a tensor of which the border is filled,
    and into whose middle the op that makes what is padded writes: bufferization
    has nothing to copy then. Other ops that read what is padded read the
    middle. It is copied into the middle where the op updates a tensor or writes
    into another one, where it is none of linalg's, and where something else than
    an op of linalg's reads what is padded (it is returned, reshaped, or padded
    again), such an op updates it, or a product reads it row by row.

    Before:

    ```mlir
    func.func @step(%x: tensor<4xf32>) -> tensor<6xf32> {
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : tensor<4xf32>
      %a = linalg.exp ins(%x : tensor<4xf32>) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
      %padded = tensor.pad %a low[0] high[2] {
      ^bb0(%at: index):
        tensor.yield %zero : f32
      } : tensor<4xf32> to tensor<6xf32>
      return %padded : tensor<6xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<4xf32>) -> tensor<6xf32> {
      …
      %0 = tensor.empty() : tensor<6xf32>
      %extracted_slice = tensor.extract_slice %0[4] [2] [1] : tensor<6xf32> to tensor<2xf32>
      %1 = linalg.fill ins(%cst_0 : f32) outs(%extracted_slice : tensor<2xf32>) -> tensor<2xf32>
      %inserted_slice = tensor.insert_slice %1 into %0[4] [2] [1] : tensor<2xf32> into tensor<6xf32>
      %extracted_slice_1 = tensor.extract_slice %inserted_slice[0] [4] [1] : tensor<6xf32> to tensor<4xf32>
      %2 = linalg.exp ins(%arg0 : tensor<4xf32>) outs(%extracted_slice_1 : tensor<4xf32>) -> tensor<4xf32>
      %inserted_slice_2 = tensor.insert_slice %2 into %inserted_slice[0] [4] [1] : tensor<4xf32> into tensor<6xf32>
      …
      return %inserted_slice_2 : tensor<6xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"placedPaddings", "placed", "Paddings into whose middle an op writes">
  ];
}

def SplitBatches : Pass<"orcinus-split-batches", "mlir::func::FuncOp"> {
  let summary = "Compute the images of a batch one after the other as long as weights are small";
  let description = [{
    At the beginning of a convolutional network, what each image makes is large
    and weights are small: all ops pass over one image, whose results stay in
    cache, before the next. The ops at the beginning of a function whose operands
    have a batch, their first dimension, or are the same for all images become a
    loop over the images (`scf.forall`), up to the first whose weights are more
    than stays in cache from one image to the next, or more than half of what its
    images read and write. What the chain makes and an op reads of all images at
    once ends it, too. With several threads each has images of its own. A
    function stays as it is where there are too few images for the threads or all
    that they make is small. Ops that have a schedule end the chain.

    Before:

    ```mlir
    #id = affine_map<(n, i, c) -> (n, i, c)>
    func.func @step(%x: tensor<8x4096x64xf32>, %v: tensor<8x64x64xf32>, %w: tensor<262144x8xf32>) -> tensor<8x4096xf32> {
      %e = tensor.empty() : tensor<8x4096x64xf32>
      %a = linalg.exp ins(%x : tensor<8x4096x64xf32>) outs(%e : tensor<8x4096x64xf32>) -> tensor<8x4096x64xf32>
      %b = linalg.batch_matmul ins(%a, %v : tensor<8x4096x64xf32>, tensor<8x64x64xf32>) outs(%a : tensor<8x4096x64xf32>) -> tensor<8x4096x64xf32>
      %f = tensor.empty() : tensor<8x4096xf32>
      %s = linalg.reduce { arith.addf } ins(%b : tensor<8x4096x64xf32>) outs(%f : tensor<8x4096xf32>) dimensions = [2]
      return %s : tensor<8x4096xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(…
      …
      %1 = scf.forall (%arg3) in (8) shared_outs(%arg4 = %0) -> (tensor<8x4096xf32>) {
        %extracted_slice = tensor.extract_slice %arg0[%arg3, 0, 0] [1, 4096, 64] [1, 1, 1] : tensor<8x4096x64xf32> to tensor<1x4096x64xf32>
        …
        scf.forall.in_parallel {
          tensor.parallel_insert_slice %… into %arg4[%arg3, 0] [1, 4096] [1, 1] : tensor<1x4096xf32> into tensor<8x4096xf32>
        }
      }
      …
      return %1 : tensor<8x4096xf32>
    }
    ```
  }];
  let options = [
    Option<"threads", "threads", "int64_t", /*default=*/"1",
           "Threads that share the images">
  ];
  let dependentDialects = [
    "mlir::linalg::LinalgDialect", "mlir::scf::SCFDialect",
    "mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"splitBatches", "split", "Batches that became loops">
  ];
}

def CheckExtents : Pass<"orcinus-check-extents"> {
  let summary = "Assert that the dynamic extents of linalg ops on tensors agree";
  let description = [{
    Linalg takes for granted that operands which share a loop have as many
    elements along it, and that windows end within what they slide over: where
    extents are dynamic, a caller may get that wrong, and the loops would read
    what is not there. Each such extent becomes a `cf.assert` at its op;
    `--canonicalize` removes those that hold for all inputs.

    Before:

    ```mlir
    func.func @step(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
      %z = linalg.exp ins(%x : tensor<?xf32>) outs(%y : tensor<?xf32>) -> tensor<?xf32>
      return %z : tensor<?xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<?xf32>, %arg1: tensor<?xf32>) -> tensor<?xf32> {
      %c0 = arith.constant 0 : index
      %dim = tensor.dim %arg0, %c0 : tensor<?xf32>
      %c0_0 = arith.constant 0 : index
      %dim_1 = tensor.dim %arg1, %c0_0 : tensor<?xf32>
      %0 = arith.cmpi eq, %dim, %dim_1 : index
      cf.assert %0, "in linalg.exp …, dimension 0 of operand 1 differs from dimension 0 of operand 0"
      %1 = linalg.exp ins(%arg0 : tensor<?xf32>) outs(%arg1 : tensor<?xf32>) -> tensor<?xf32>
      return %1 : tensor<?xf32>
    }
    ```
  }];
  let dependentDialects = ["mlir::arith::ArithDialect",
                           "mlir::cf::ControlFlowDialect",
                           "mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"addedChecks", "checks", "Assertions added">];
}

def PrepareWeights : Pass<"orcinus-prepare-weights", "mlir::ModuleOp"> {
  let summary = "Compute what depends on weights alone once, in a function of its own";
  let description = [{
    Weights are `memref.global`s without a value, which functions read as
    tensors. What they and constants alone decide on (a transposed weight, one
    that is multiplied by the scale of a batch norm) need not be computed at
    each call: it moves into the function `orcinus_prepare_weights`, which
    whoever loads the module, or makes a library of it, calls once, and which
    stores it into memory of the module's own, `memref.global`s whose names end
    in `.prepared`. Functions read these. Equal computations are there once,
    whichever functions they come from.

    Not moved is what repeats a weight, such as a bias for all pixels, what
    takes more than four times the elements that it is made of, and what is made
    of constants that are one number.

    After it, the function is there, and is empty where nothing was to prepare.

    Before:

    ```mlir
    memref.global "private" @w : memref<32x16xf32>
    func.func @linear(%x: tensor<4x16xf32>, %y: tensor<4x32xf32>) -> tensor<4x32xf32> {
      %address = memref.get_global @w : memref<32x16xf32>
      %w = bufferization.to_tensor %address restrict : memref<32x16xf32> to tensor<32x16xf32>
      %empty = tensor.empty() : tensor<16x32xf32>
      %turned = linalg.transpose ins(%w : tensor<32x16xf32>) outs(%empty : tensor<16x32xf32>) permutation = [1, 0]
      %z = linalg.matmul ins(%x, %turned : tensor<4x16xf32>, tensor<16x32xf32>) outs(%y : tensor<4x32xf32>) -> tensor<4x32xf32>
      return %z : tensor<4x32xf32>
    }
    ```

    After:

    ```mlir
    memref.global "public" @w.prepared : memref<16x32xf32> = uninitialized {alignment = 64 : i64}
    memref.global "private" @w : memref<32x16xf32>
    func.func @linear(%arg0: tensor<4x16xf32>, %arg1: tensor<4x32xf32>) -> tensor<4x32xf32> {
      %0 = memref.get_global @w.prepared : memref<16x32xf32>
      %1 = bufferization.to_tensor %0 restrict : memref<16x32xf32> to tensor<16x32xf32>
      %2 = linalg.matmul ins(%arg0, %1 : tensor<4x16xf32>, tensor<16x32xf32>) outs(%arg1 : tensor<4x32xf32>) -> tensor<4x32xf32>
      return %2 : tensor<4x32xf32>
    }
    func.func @orcinus_prepare_weights() {
      …
      … = linalg.transpose …
      …
      bufferization.materialize_in_destination … in restrict writable …
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::bufferization::BufferizationDialect", "mlir::func::FuncDialect",
    "mlir::memref::MemRefDialect"
  ];
  let statistics = [
    Statistic<"preparedWeights", "prepared-weights",
              "Tensors that are computed once">
  ];
}

def ProtectArguments : Pass<"orcinus-protect-arguments", "mlir::ModuleOp"> {
  let summary = "Let no public function write to the tensors that it is given";
  let description = [{
    Bufferization takes the memory of a function's arguments for the function's
    own, and puts results there. Whoever calls a public function may need them
    afterwards, or have them in memory that cannot be written to.

    Before:

    ```mlir
    func.func @step(%x: tensor<4xf32>) -> tensor<4xf32> {
      return %x : tensor<4xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<4xf32> {bufferization.writable = false}) -> tensor<4xf32> {
      return %arg0 : tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = ["mlir::bufferization::BufferizationDialect"];
}

def CheckIndices : Pass<"orcinus-check-indices"> {
  let summary = "Assert that indices which are data are within their tensors";
  let description = [{
    An index that a `linalg.generic` on tensors computes of its elements, such as
    the row of a table, may be any number that a caller gives. Each access by
    one gets a `cf.assert`; the assertions of a body, those that importers
    wrote among them, then become an op of their own before it, with the loops
    that they depend on, so that the op itself has loops over vectors as before.
    They stay in the body where they depend on a result or on a loop's index.

    Before:

    ```mlir
    func.func @rows(%table: tensor<10x4xf32>, %rows: tensor<5xi64>, %out: tensor<5x4xf32>) -> tensor<5x4xf32> {
      %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%rows : tensor<5xi64>) outs(%out : tensor<5x4xf32>) {
      ^bb0(%row: i64, %old: f32):
        %i = arith.index_cast %row : i64 to index
        %j = linalg.index 1 : index
        %x = tensor.extract %table[%i, %j] : tensor<10x4xf32>
        linalg.yield %x : f32
      } -> tensor<5x4xf32>
      return %0 : tensor<5x4xf32>
    }
    ```

    After:

    ```mlir
    …
      linalg.generic {indexing_maps = [#map], iterator_types = ["parallel"]} ins(%arg1 : tensor<5xi64>) {
      ^bb0(%in: i64):
        %1 = arith.index_cast %in : i64 to index
        %c0 = arith.constant 0 : index
        %dim = tensor.dim %arg0, %c0 : tensor<10x4xf32>
        %2 = arith.cmpi ult, %1, %dim : index
        cf.assert %2, "an index is not within the extent of dimension 0"
        linalg.yield
      }
    …
    ```
  }];
  let dependentDialects = ["mlir::arith::ArithDialect",
                           "mlir::cf::ControlFlowDialect",
                           "mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"addedChecks", "checks", "Assertions added">];
}

def LowerAssertions : Pass<"orcinus-lower-assertions", "mlir::ModuleOp"> {
  let summary = "Make assertions leave the call instead of the process";
  let description = [{
    MLIR's lowering of `cf.assert` aborts the process. Here one that does not
    hold calls `orcinus_rt_fail`, which returns to whoever called the program
    ([abi.md](abi.md#what-compiled-code-calls)).

    Before:

    ```mlir
    func.func @step(%fits: i1) {
      cf.assert %fits, "rows differ"
      return
    }
    ```

    After:

    ```mlir
    llvm.mlir.global private constant @orcinus_assertion("rows differ\00") {addr_space = 0 : i32}
    llvm.func @orcinus_rt_fail(!llvm.ptr)
    func.func @step(%arg0: i1) {
      %true = arith.constant true
      %0 = arith.xori %arg0, %true : i1
      scf.if %0 {
        %1 = llvm.mlir.addressof @orcinus_assertion : !llvm.ptr
        llvm.call @orcinus_rt_fail(%1) : (!llvm.ptr) -> ()
      }
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::arith::ArithDialect",
                           "mlir::LLVM::LLVMDialect", "mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"loweredAssertions", "assertions", "Assertions">
  ];
}

def ReturnResults : Pass<"orcinus-return-results", "mlir::ModuleOp"> {
  let summary = "Give the results of functions memory that is their caller's";
  let description = [{
    A function gets an argument for each memref that it returns, the memory for
    it, and writes there. With `allocate-dynamic`, one that has results of
    dynamic extents returns memrefs instead, each an allocation of its own that
    no argument, constant or other result shares: its caller frees them. Nothing
    in the module may call such a function; `--inline` before it sees to that.

    Before `--orcinus-return-results=allocate-dynamic`:

    ```mlir
    func.func @same(%x: memref<?xf32>) -> memref<?xf32> {
      return %x : memref<?xf32>
    }
    ```

    After:

    ```mlir
    func.func @same(%arg0: memref<?xf32>) -> memref<?xf32> {
      %c0 = arith.constant 0 : index
      %dim = memref.dim %arg0, %c0 : memref<?xf32>
      %alloc = memref.alloc(%dim) : memref<?xf32>
      memref.copy %arg0, %alloc : memref<?xf32> to memref<?xf32>
      return %alloc : memref<?xf32>
    }
    ```
  }];
  let options = [
    Option<"allocateDynamic", "allocate-dynamic", "bool", /*default=*/"false",
           "Let functions return memrefs of dynamic extents; else their caller "
           "has the memory for these, too, and says the extents">
  ];
  let dependentDialects = ["mlir::arith::ArithDialect",
                           "mlir::memref::MemRefDialect"];
}

def GuardEntries : Pass<"orcinus-guard-entries", "mlir::ModuleOp"> {
  let summary = "Make public packed functions say why they were left";
  let description = [{
    Every public function NAME of the packed convention in the LLVM dialect
    becomes NAME.packed, which nobody outside sees, called by a new function
    NAME through `orcinus_rt_call`: it returns null, or the text of what went
    wrong.

    Before:

    ```mlir
    llvm.func @step(%arguments: !llvm.ptr) {
      llvm.return
    }
    ```

    After:

    ```mlir
    llvm.func @orcinus_rt_call(!llvm.ptr, !llvm.ptr) -> !llvm.ptr
    llvm.func internal @step.packed(%arg0: !llvm.ptr) attributes {dso_local} {
      llvm.return
    }
    llvm.func @step(%arg0: !llvm.ptr) -> !llvm.ptr {
      %0 = llvm.mlir.addressof @step.packed : !llvm.ptr
      %1 = llvm.call @orcinus_rt_call(%0, %arg0) : (!llvm.ptr, !llvm.ptr) -> !llvm.ptr
      llvm.return %1 : !llvm.ptr
    }
    ```
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

def PackArguments : Pass<"orcinus-pack-arguments", "mlir::ModuleOp"> {
  let summary = "Give public functions the packed calling convention";
  let description = [{
    Every public function NAME of memrefs and scalars becomes private, called by
    a new public function NAME of one pointer: an array of pointers, each to a
    memref descriptor or a scalar, then one to the memory for each scalar that
    is returned. Functions that take an `!llvm.ptr` keep their form. Private
    functions get internal linkage.

    With `return-memrefs`, behind `--orcinus-return-results=allocate-dynamic`,
    they may return memrefs, too: the caller has room for a descriptor, and
    `orcinus_rt_keep` moves the elements to where the caller can free them.

    Before:

    ```mlir
    func.func @step(%x: memref<?xf32>, %scale: f32) {
      return
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: !llvm.ptr) {
      %0 = llvm.getelementptr %arg0[0] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
      %1 = llvm.load %0 : !llvm.ptr -> !llvm.ptr
      %2 = llvm.load %1 : !llvm.ptr -> !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
      %3 = builtin.unrealized_conversion_cast %2 : …
      %4 = llvm.getelementptr %arg0[1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
      %5 = llvm.load %4 : !llvm.ptr -> !llvm.ptr
      %6 = llvm.load %5 : !llvm.ptr -> f32
      call @step_0(%3, %6) : (memref<?xf32>, f32) -> ()
      return
    }
    func.func private @step_0(%arg0: memref<?xf32>, %arg1: f32) attributes {llvm.linkage = …
      return
    }
    ```
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
  let options = [
    Option<"returnMemRefs", "return-memrefs", "bool", /*default=*/"false",
           "Let functions return memrefs that are allocations of their own">
  ];
}

def ConvertToLLVM : Pass<"orcinus-convert-to-llvm", "mlir::ModuleOp"> {
  let summary = "Convert arith, cf, func, math, memref, omp and vector to LLVM";
  let description = [{
    What MLIR's conversions of these dialects do one after the other, in one
    conversion, which takes a fraction of their time. Memory is allocated by
    the generic functions of `finalize-memref-to-llvm`.

    Before:

    ```mlir
    func.func @step(%x: i64, %y: i64) -> i64 {
      %z = arith.addi %x, %y : i64
      return %z : i64
    }
    ```

    After:

    ```mlir
    llvm.func @step(%arg0: i64, %arg1: i64) -> i64 {
      %0 = llvm.add %arg0, %arg1 : i64
      llvm.return %0 : i64
    }
    ```
  }];
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
}

def LowerCollectives : Pass<"tgnn-lower-collectives", "mlir::ModuleOp"> {
  let summary = "Call the runtime for what processes bring together";
  let description = [{
    Replaces `tgnn.all_reduce` and `tgnn.await` on buffers by calls of the
    runtime (docs/abi.md), which knows the buffers by their bindings. The
    buffers' contents are in place: what was to be done before was done.

    Before:

    ```mlir
    func.func @shard(%dw: memref<8x4xf32>) {
      tgnn.all_reduce 2 of(%dw : memref<8x4xf32>) to ["gradient:w"]
      return
    }
    func.func @apply(%dw: memref<8x4xf32>) {
      tgnn.await all_reduce 2 of ["gradient:w"] in(%dw : memref<8x4xf32>)
      return
    }
    ```

    After:

    ```mlir
    func.func private @orcinus_rt_await_all_reduce(i32)
    func.func private @orcinus_rt_start_all_reduce(i32)
    func.func @shard(%arg0: memref<8x4xf32>) {
      %c2_i32 = arith.constant 2 : i32
      call @orcinus_rt_start_all_reduce(%c2_i32) : (i32) -> ()
      return
    }
    func.func @apply(%arg0: memref<8x4xf32>) {
      %c2_i32 = arith.constant 2 : i32
      call @orcinus_rt_await_all_reduce(%c2_i32) : (i32) -> ()
      return
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect"
  ];
}

def BindRuntime : Pass<"orcinus-bind-runtime", "mlir::ModuleOp"> {
  let summary = "Call the runtime's allocator";
  let description = [{
    Renames the functions that `finalize-memref-to-llvm` with
    `use-generic-functions` calls to `orcinus_rt_allocate` and
    `orcinus_rt_free`.

    Before:

    ```mlir
    module {
      llvm.func @_mlir_memref_to_llvm_alloc(i64) -> !llvm.ptr
      llvm.func @step(%bytes: i64) -> !llvm.ptr {
        %buffer = llvm.call @_mlir_memref_to_llvm_alloc(%bytes) : (i64) -> !llvm.ptr
        llvm.return %buffer : !llvm.ptr
      }
    }
    ```

    After:

    ```mlir
    llvm.func @orcinus_rt_allocate(i64) -> !llvm.ptr
    llvm.func @step(%arg0: i64) -> !llvm.ptr {
      %0 = llvm.call @orcinus_rt_allocate(%arg0) : (i64) -> !llvm.ptr
      llvm.return %0 : !llvm.ptr
    }
    ```
  }];
}

#endif // ORCINUS_PASSES_LOWERING_PASSES
