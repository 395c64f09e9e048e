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
#include <optional>
#include <string>
#include <vector>

namespace orcinus {

/// One operator of a network, at one of the extents that it is tuned for.
struct NetworkOperator {
  /// Its `eto.operator`.
  std::string name;
  /// What an open extent of it is taken for; 0 where it has none.
  int64_t extent = 0;
  /// How often the network calls it, in its `calls`.
  TunableOperator instance;
};

/// A module of functions on tensors, fused and cut into operators. Those with
/// programs are executed by them, the others as the compiler does by itself.
class NetworkOperators {
public:
  /// Of the module in the file `path`, for open extents of each of
  /// `openExtents`, which ascend. Errors: a file that cannot be read, parsed or
  /// fused.
  static StatusOr<std::unique_ptr<NetworkOperators>>
  read(const std::string &path, const std::vector<int64_t> &openExtents);

  const std::vector<NetworkOperator> &operators() const { return all; }
  /// The ops that are no operators, and why.
  const std::vector<LeftOutOperator> &leftOut() const { return rest; }

  /// Gives operator `number`, at its extent, the best program that `database`
  /// has for it, in the place of what it has. Returns the program where it is
  /// another than the compiler's own. Errors: a database that cannot be read.
  StatusOr<std::optional<TunedProgram>> give(size_t number,
                                             const TuningDatabase &database);
  /// Takes its program away.
  void take(size_t number);

  /// The module as it is now.
  std::string text() const;

private:
  NetworkOperators();
  /// Writes what operators have to the `eto.operator` of that name.
  void attach(const std::string &name);

  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<NetworkOperator> all;
  /// The eto::ProgramAttr of each of `all`; null where it has none.
  std::vector<mlir::Attribute> programs;
  std::vector<LeftOutOperator> rest;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_NETWORKOPERATORS_H
