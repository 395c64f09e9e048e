//===- ModuleOperators.h - Operators of a module for the tuner --*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_MODULEOPERATORS_H
#define ORCINUS_PASSES_TUNING_MODULEOPERATORS_H

#include "orcinus/Tuning/ReuseGraph.h"
#include "passes/Tuning/OperatorAnalysis.h"

#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/DenseMap.h"

#include <memory>
#include <vector>

namespace orcinus {

/// The operators of a module, each at each of its buckets, numbered as the
/// nodes of a reuse graph: those asked for, then bridges. Translates between
/// the tuner's graphs and plans and the attributes that hold them.
class ModuleOperators {
public:
  /// Errors at an operator that cannot be tuned.
  static mlir::FailureOr<ModuleOperators> of(mlir::ModuleOp module);

  /// The operators that are asked for.
  std::vector<OperatorDescription> terminals() const;

  /// The operator of node `index`.
  const OperatorAnalysis &analysisOf(size_t index) const {
    return *nodes[index].analysis;
  }

  size_t size() const { return nodes.size(); }

  eto::ReuseGraphAttr toAttribute(const ReuseGraph &graph) const;
  eto::PlanAttr toAttribute(const TuningPlan &plan) const;

  /// The reuse graph that the module has. An error at the module where it has
  /// none, or one that lacks an operator or has one that is gone.
  mlir::FailureOr<ReuseGraph> reuseGraph() const;

private:
  explicit ModuleOperators(mlir::ModuleOp module) : module(module) {}

  mlir::MLIRContext *context() const { return module->getContext(); }

  struct Node {
    eto::InstanceAttr instance;
    std::shared_ptr<const OperatorAnalysis> analysis;
    OperatorDescription description;
  };

  void add(std::shared_ptr<const OperatorAnalysis> analysis);

  mlir::ModuleOp module;
  std::vector<Node> nodes;
  llvm::DenseMap<eto::InstanceAttr, size_t> numbers;
};

/// Writes `text` to the file `path`, or to the standard output where that is
/// `-`; nothing where it is empty. An error at `module` where that fails.
mlir::LogicalResult writeText(mlir::ModuleOp module, mlir::StringRef path,
                              mlir::StringRef text);

} // namespace orcinus

#endif // ORCINUS_PASSES_TUNING_MODULEOPERATORS_H
