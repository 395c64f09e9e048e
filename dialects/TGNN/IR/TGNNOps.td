//===- TGNNOps.td - All ops of the tgnn dialect -----------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNOPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNOPS_TD

include "dialects/TGNN/IR/TGNNModelOps.td"
include "dialects/TGNN/IR/TGNNStepOps.td"
include "dialects/TGNN/IR/TGNNWalkOps.td"
include "dialects/TGNN/IR/TGNNMailOps.td"
include "dialects/TGNN/IR/TGNNDenseOps.td"
include "dialects/TGNN/IR/TGNNReuseOps.td"
include "dialects/TGNN/IR/TGNNKernelOps.td"
include "dialects/TGNN/IR/TGNNOptimizerOps.td"
include "dialects/TGNN/IR/TGNNCollectiveOps.td"

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNOPS_TD
