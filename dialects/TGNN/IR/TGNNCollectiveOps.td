//===- TGNNCollectiveOps.td - What processes bring together -----*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A batch that is cut into shards is computed by one or several processes. What
// a shard's step gives to all is begun where it is known, and waited for where
// it is read, which may be in another function of the program: a collective is
// named by its kind and number.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNCOLLECTIVEOPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNCOLLECTIVEOPS_TD

include "dialects/TGNN/IR/TGNNStepOps.td"

def TGNN_CollectiveKindEnum : TGNN_Enum<"CollectiveKind",
    "what is done with that which processes have", [
      I32EnumAttrCase<"AllReduce", 0, "all_reduce">,
      I32EnumAttrCase<"AllGather", 1, "all_gather">
    ]>;
def TGNN_CollectiveKindAttr
    : EnumAttr<TGNN_Dialect, TGNN_CollectiveKindEnum, "collective"> {
  let assemblyFormat = "`` $value";
}

def TGNN_AllReduceOp : TGNN_Op<"all_reduce",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "begins to add values of all shards of a batch";
  let description = [{
    Sum number `number` of the step: each of `bindings` will hold the sum of its
    value over the shards, weighted by their shares of the batch, added in the
    tree that pairs neighbours: ((0 + 1) + (2 + 3)) + …. What is added together
    is sent in one message. The op ends when the values were taken; a
    `tgnn.await` of the same number ends when the sums are there.

    `tgnn-split-prepare` puts the values into the bindings' buffers, which then
    are the operands.

    ```mlir
    func.func @shard(%dw: tensor<8x4xf32>, %db: tensor<4xf32>) {
      tgnn.all_reduce 0 of(%dw, %db : tensor<8x4xf32>, tensor<4xf32>)
          to ["gradient:weight", "gradient:bias"]
      return
    }
    ```
  }];
  let arguments = (ins I64Attr:$number, Variadic<AnyType>:$values,
                       StrArrayAttr:$bindings);
  let assemblyFormat = [{
    $number `of` `(` $values `:` type($values) `)` `to` $bindings attr-dict
  }];
  let hasVerifier = 1;
}

def TGNN_AllGatherOp : TGNN_Op<"all_gather"> {
  let summary = "offers rows of a shard to all";
  let description = [{
    Gathering number `number` of the step, from 1. Of the rows that the shards of
    a batch offer, those that the cache `binding` keeps reach all processes, each
    from the one that has it, once all shards have taken theirs out of the step:
    a `tgnn.await` of the same number, before the next batch reads the cache,
    ends when they are there. The rows are as many as the table `rows_of` has.

    ```mlir
    func.func @shard(%rows: tensor<?x8xf32>, %pushed: tensor<?xi32>) {
      tgnn.all_gather 1 of %rows rows_of(%pushed : tensor<?xi32>) to "cache:m1"
          : tensor<?x8xf32>
      return
    }
    ```
  }];
  let arguments = (ins I64Attr:$number, AnyRankedTensor:$value,
                       AnyRankedTensor:$table, StrAttr:$binding);
  let assemblyFormat = [{
    $number `of` $value `rows_of` `(` $table `:` type($table) `)` `to` $binding
    attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

def TGNN_AwaitOp : TGNN_Op<"await", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits for what processes bring together";
  let description = [{
    Ends when collective `number` of its kind has reached this process, or at
    once where none was begun. `bindings` are what it changes: they are read
    behind it. `tgnn-split-prepare` adds their buffers.

    ```mlir
    func.func @apply() -> tensor<4xf32> {
      tgnn.await all_reduce 0 of ["gradient:bias"]
      %db = tgnn.read "gradient:bias" : tensor<4xf32>
      return %db : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins TGNN_CollectiveKindAttr:$kind, I64Attr:$number,
                       Variadic<AnyMemRef>:$buffers, StrArrayAttr:$bindings);
  let assemblyFormat = [{
    $kind $number `of` $bindings (`in` `(` $buffers^ `:` type($buffers) `)`)?
    attr-dict
  }];
  let hasVerifier = 1;
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNCOLLECTIVEOPS_TD
