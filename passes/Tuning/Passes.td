//===- Passes.td - Tuning passes ---------------------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_PASSES
#define ORCINUS_PASSES_TUNING_PASSES

include "mlir/Pass/PassBase.td"

def OutlineOperators : Pass<"eto-outline", "mlir::ModuleOp"> {
  let summary = "Turn dense linalg ops on tensors into operators and calls of them";
  let description = [{
    Every linalg op on tensors that computes something becomes, with the fill or
    broadcast that it starts from and the elementwise ops that follow it in its
    loops, an `eto.operator` and an `eto.call` where it was; operators that are
    alike are shared. What follows a contraction is fused where it reads nothing
    else as large as the result. Reductions are fused with the elementwise ops
    before and after them that no other op reads: softmax is one operator, also
    where it was one op, which is decomposed.

    After it, the linalg ops that are left outside of operators fill, copy,
    broadcast or transpose, are too small to be worth a schedule, or have more
    than one dynamic extent, which a remark says.

    An operator with a dynamic extent gets the given buckets.

    Before:

    ```mlir
    func.func @step(%x: tensor<64x128xf32>, %w: tensor<128x64xf32>) -> tensor<64x64xf32> {
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : tensor<64x64xf32>
      %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<64x64xf32>) -> tensor<64x64xf32>
      %y = linalg.matmul ins(%x, %w : tensor<64x128xf32>, tensor<128x64xf32>)
                         outs(%start : tensor<64x64xf32>) -> tensor<64x64xf32>
      return %y : tensor<64x64xf32>
    }
    ```

    After:

    ```mlir
    eto.operator @contraction_64x64x128(%arg0: tensor<64x128xf32>, %arg1: tensor<128x64xf32>) -> …
      %0 = tensor.empty() : tensor<64x64xf32>
      %cst = arith.constant 0.000000e+00 : f32
      %1 = linalg.fill ins(%cst : f32) outs(%0 : tensor<64x64xf32>) -> tensor<64x64xf32>
      %2 = linalg.matmul ins(%arg0, %arg1 : tensor<64x128xf32>, tensor<128x64xf32>) outs(%1 : …
      eto.yield %2 : tensor<64x64xf32>
    }
    func.func @step(%arg0: tensor<64x128xf32>, %arg1: tensor<128x64xf32>) -> tensor<64x64xf32> {
      %0 = eto.call @contraction_64x64x128(%arg0, %arg1) : …
      return %0 : tensor<64x64xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::math::MathDialect", "mlir::tensor::TensorDialect",
    "orcinus::eto::ETODialect"
  ];
  let options = [
    ListOption<"buckets", "buckets", "int64_t",
               "Extents that stand for a dynamic one, ascending; powers of two "
               "from 256 to 8192 where none is given">,
    Option<"fewestIterations", "fewest-iterations", "int64_t",
           /*default=*/"16384",
           "Iterations below which, at the largest bucket, an op is left where "
           "it is">
  ];
  let statistics = [
    Statistic<"outlinedCalls", "calls", "Calls that were made">,
    Statistic<"outlinedOperators", "operators", "Operators that were made">
  ];
}

class TuningDatabaseOptions {
  list<Option> options = [
    Option<"database", "database", "std::string", /*default=*/"\"\"",
           "A tuning database; none where it is empty">,
    Option<"threads", "threads", "int64_t", /*default=*/"1",
           "Threads that operators are divided among: programs measured with "
           "others are not comparable">,
    Option<"target", "target", "std::string", /*default=*/"\"host\"",
           "Whose programs: host, or a GPU as nvidia:sm_90 or amd:gfx942">
  ];
}

class ReuseConditionOptions {
  list<Option> options = [
    Option<"differingExtents", "differing-extents", "int64_t", /*default=*/"1",
           "The most extents in which one operator may differ from another "
           "whose program it reuses">,
    Option<"paddingShare", "padding-share", "double", /*default=*/"0.125",
           "The most work that padding an extent to a tile may add, as a "
           "share">
  ];
}

class GraphFileOptions {
  list<Option> options = [
    Option<"json", "json", "std::string", /*default=*/"\"\"",
           "A file for it as JSON; - for the standard output">,
    Option<"dot", "dot", "std::string", /*default=*/"\"\"",
           "A file for it as a Graphviz figure; - for the standard output">
  ];
}

def BuildReuseGraph : Pass<"eto-reuse-graph", "mlir::ModuleOp"> {
  let summary = "Say which operators could be tuned from whose programs";
  let description = [{
    Gives the module the attribute `eto.reuse_graph`: the operators, each at
    each of its buckets, an edge from the root to each of them for the search
    from nothing, and an edge between two of one kind that differ in few
    extents, in both directions. An edge costs the seconds that tuning is
    expected to take, estimated from the measurements in the database, and,
    between operators, what the speed that may be lost is worth. Bridges and
    the plan that were there are removed.

    Before:

    ```mlir
    eto.operator @row(%x: tensor<?x64xf32>) -> tensor<?x64xf32> buckets [256, 512] {
      %y = linalg.exp ins(%x : tensor<?x64xf32>) outs(%x : tensor<?x64xf32>) -> tensor<?x64xf32>
      eto.yield %y : tensor<?x64xf32>
    }
    ```

    After:

    ```mlir
    module attributes {eto.reuse_graph = #eto.reuse_graph<operators [@row[256], @row[512]], …<@row[256] -> @row[512], …
      eto.operator @row(%arg0: tensor<?x64xf32>) -> tensor<?x64xf32> buckets [256, 512] {
        %0 = linalg.exp ins(%arg0 : tensor<?x64xf32>) outs(%arg0 : …
        eto.yield %0 : tensor<?x64xf32>
      }
    }
    ```
  }];
  let dependentDialects = ["orcinus::eto::ETODialect"];
  let options = TuningDatabaseOptions<>.options #
                ReuseConditionOptions<>.options # GraphFileOptions<>.options;
  let statistics = [
    Statistic<"reuseEdges", "edges", "Edges between operators">
  ];
}

def InjectBridges : Pass<"eto-inject-bridges", "mlir::ModuleOp"> {
  let summary = "Add operators that could join operators too far apart to reuse "
                "each other's programs";
  let description = [{
    Extends the reuse graph by operators that nobody asked for: their extents
    mix those of two operators of one kind that differ in too many, or are
    powers of two between extents that are far from each other. Each becomes an
    `eto.operator` marked `bridge`; the plan keeps those that lower the total.

    Before:

    ```mlir
    module attributes {eto.reuse_graph = #eto.reuse_graph<
        operators [@small, @large], bridges [],
        edges [<root -> @small, 14.5>, <root -> @large, 14.5>]>} {
      eto.operator @small(%x: tensor<256x256xf32>) -> tensor<256x256xf32> {
        %y = linalg.exp ins(%x : tensor<256x256xf32>) outs(%x : tensor<256x256xf32>)
            -> tensor<256x256xf32>
        eto.yield %y : tensor<256x256xf32>
      }
      eto.operator @large(%x: tensor<512x512xf32>) -> tensor<512x512xf32> {
        %y = linalg.exp ins(%x : tensor<512x512xf32>) outs(%x : tensor<512x512xf32>)
            -> tensor<512x512xf32>
        eto.yield %y : tensor<512x512xf32>
      }
    }
    ```

    After:

    ```mlir
    module attributes {eto.reuse_graph = #eto.reuse_graph<operators [@small, @large], bridges [@bridge, @bridge_0], …
      eto.operator @small(%arg0: tensor<256x256xf32>) -> tensor<256x256xf32> {
        %0 = linalg.exp ins(%arg0 : tensor<256x256xf32>) outs(%arg0 : …
        eto.yield %0 : tensor<256x256xf32>
      }
      eto.operator @large(%arg0: tensor<512x512xf32>) -> tensor<512x512xf32> {
        %0 = linalg.exp ins(%arg0 : tensor<512x512xf32>) outs(%arg0 : …
        eto.yield %0 : tensor<512x512xf32>
      }
      eto.operator @bridge(%arg0: tensor<256x512xf32>) -> tensor<256x512xf32> bridge {
        %0 = linalg.exp ins(%arg0 : tensor<256x512xf32>) outs(%arg0 : …
        eto.yield %0 : tensor<256x512xf32>
      }
      eto.operator @bridge_0(%arg0: tensor<512x256xf32>) -> tensor<512x256xf32> bridge {
        %0 = linalg.exp ins(%arg0 : tensor<512x256xf32>) outs(%arg0 : …
        eto.yield %0 : tensor<512x256xf32>
      }
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "orcinus::eto::ETODialect"
  ];
  let options = TuningDatabaseOptions<>.options #
                ReuseConditionOptions<>.options # GraphFileOptions<>.options;
  let statistics = [
    Statistic<"injectedBridges", "bridges", "Bridges that were added">
  ];
}

def PlanTuning : Pass<"eto-plan", "mlir::ModuleOp"> {
  let summary = "Decide which operators are tuned by search and which from whose "
                "program";
  let description = [{
    Gives the module the attribute `eto.plan`: the tree in its reuse graph that
    reaches all operators from the root in the fewest expected seconds. Without
    bridges that is an arborescence of minimum cost; with them a directed
    Steiner tree, found by heuristics. A remark says of each operator how it is
    tuned.

    Before:

    ```mlir
    module attributes {eto.reuse_graph = #eto.reuse_graph<
        operators [@row[256], @row[512]], bridges [],
        edges [<root -> @row[256], 14.5>, <root -> @row[512], 14.5>,
               <@row[256] -> @row[512], 2.25>]>} {
      eto.operator @row(%x: tensor<?x64xf32>) -> tensor<?x64xf32> buckets [256, 512] {
        %y = linalg.exp ins(%x : tensor<?x64xf32>) outs(%x : tensor<?x64xf32>) -> tensor<?x64xf32>
        eto.yield %y : tensor<?x64xf32>
      }
    }
    ```

    After:

    ```mlir
    module attributes {eto.plan = #eto.plan<[<root -> @row[256], 14.5>, <@row[256] -> @row[512], 2.25>]>, …
      eto.operator @row(%arg0: tensor<?x64xf32>) -> tensor<?x64xf32> buckets [256, 512] {
        %0 = linalg.exp ins(%arg0 : tensor<?x64xf32>) outs(%arg0 : …
        eto.yield %0 : tensor<?x64xf32>
      }
    }
    ```
  }];
  let dependentDialects = ["orcinus::eto::ETODialect"];
  let options = [
    Option<"text", "text", "std::string", /*default=*/"\"\"",
           "A file for it as text, a line a step; - for the standard output">
  ] # GraphFileOptions<>.options;
  let statistics = [
    Statistic<"searchedOperators", "searched", "Operators tuned from nothing">,
    Statistic<"usedBridges", "bridges", "Bridges that the plan keeps">
  ];
}

def ApplyPrograms : Pass<"eto-apply", "mlir::ModuleOp"> {
  let summary = "Give operators their programs and put them back where they are "
                "called";
  let description = [{
    Each operator gets the programs that the database has for its kind, its
    extents and the target (this machine, unless `target` names a GPU), one for
    each of its buckets; `programs` that it has already are kept. A bucket that
    was not tuned gets the program of one near it. The op that gives the
    operator its family gets the schedule as its attribute `eto.schedule`: a
    schedule where all buckets agree, else a dispatch on the dynamic extent. An operator of which nothing is known gets none: the
    lowering has a default for each op. Remarks say why an operator got its
    schedule.

    Then the body of each operator replaces its calls, and the operators and
    what the module says of them are gone.

    Before:

    ```mlir
    eto.operator @exp(%x: tensor<64x64xf32>) -> tensor<64x64xf32>
        programs [<schedule = <unroll = 2>, microseconds = 1.5, source = search>] {
      %y = linalg.exp ins(%x : tensor<64x64xf32>) outs(%x : tensor<64x64xf32>)
          -> tensor<64x64xf32>
      eto.yield %y : tensor<64x64xf32>
    }
    func.func @step(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
      %y = eto.call @exp(%x) : (tensor<64x64xf32>) -> tensor<64x64xf32>
      return %y : tensor<64x64xf32>
    }
    ```

    After:

    ```mlir
    func.func @step(%arg0: tensor<64x64xf32>) -> tensor<64x64xf32> {
      %0 = linalg.exp {eto.schedule = #eto.schedule<unroll = 2>} ins(%arg0 : …
      return %0 : tensor<64x64xf32>
    }
    ```
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect",
    "mlir::tensor::TensorDialect", "orcinus::eto::ETODialect"
  ];
  let options = TuningDatabaseOptions<>.options # [
    Option<"inlineOperators", "inline", "bool", /*default=*/"true",
           "Replace the calls; false leaves the operators with their programs">
  ];
  let statistics = [
    Statistic<"tunedOperators", "tuned", "Operators with programs">,
    Statistic<"untunedOperators", "untuned", "Operators left to the lowering">
  ];
}

#endif // ORCINUS_PASSES_TUNING_PASSES
