//===- NetworkOperators.h - A network cut into operators --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_NETWORKOPERATORS_H
#define ORCINUS_RUNTIME_JIT_NETWORKOPERATORS_H

#include "orcinus/Tuning/Database.h"
#include "runtime/Jit/OutlinedOperators.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace orcinus {

/// One operator of a network.
struct NetworkOperator {
  /// Its `eto.operator`.
  std::string name;
  /// How often the network calls it.
  int64_t calls = 0;
  TunableOperator instance;
};

/// A module of functions on tensors, fused and cut into operators. Those with
/// programs are executed by them, the others as the compiler does by itself.
class NetworkOperators {
public:
  /// Of the module in the file `path`, for open extents of `openExtent`.
  /// Errors: a file that cannot be read, parsed or fused.
  static StatusOr<std::unique_ptr<NetworkOperators>>
  read(const std::string &path, int64_t openExtent);

  const std::vector<NetworkOperator> &operators() const { return all; }
  /// The ops that are no operators, and why.
  const std::vector<LeftOutOperator> &leftOut() const { return rest; }

  /// Gives operator `number` the best programs that `database` has for it, in
  /// place of those that it has. Returns whether there are any but the
  /// compiler's own. Errors: a database that cannot be read.
  StatusOr<bool> give(size_t number, const TuningDatabase &database);
  /// Takes its programs away.
  void take(size_t number);

  /// The module as it is now.
  std::string text() const;

private:
  NetworkOperators();

  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<NetworkOperator> all;
  std::vector<LeftOutOperator> rest;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_NETWORKOPERATORS_H
