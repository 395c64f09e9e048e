//===- RelaxBarriers.cpp - One barrier a parallel loop --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Lowering/Passes.h"

#include "mlir/Dialect/OpenMP/OpenMPDialect.h"

using namespace mlir;
using namespace orcinus;

namespace orcinus {
#define GEN_PASS_DEF_RELAXBARRIERS
#include "passes/Lowering/Passes.h.inc"
} // namespace orcinus

namespace {

class RelaxBarriersPass
    : public orcinus::impl::RelaxBarriersBase<RelaxBarriersPass> {
public:
  void runOnOperation() override {
    getOperation()->walk([](omp::WsloopOp loop) {
      Operation *next = loop->getNextNode();
      if (isa<omp::ParallelOp>(loop->getParentOp()) && next &&
          isa<omp::TerminatorOp>(next))
        loop.setNowait(true);
    });
  }
};

} // namespace
