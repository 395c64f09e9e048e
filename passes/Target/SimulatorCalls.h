//===- SimulatorCalls.h - Calls of the simulator ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TARGET_SIMULATORCALLS_H
#define ORCINUS_PASSES_TARGET_SIMULATORCALLS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

#include "llvm/ADT/StringMap.h"

namespace orcinus {

/// Emits calls of what `runtime/Simulator/SimulatorAbi.h` declares, and keeps
/// their declarations and the texts of locations in the module.
class SimulatorCalls {
public:
  explicit SimulatorCalls(mlir::ModuleOp module);

  /// A call of `name` with `operands` and the location's text as the last one;
  /// returns its result of type `result`, if that is not null.
  mlir::Value call(mlir::OpBuilder &builder, mlir::Location location,
                   llvm::StringRef name, mlir::ValueRange operands,
                   mlir::Value locationText, mlir::Type result = {});

  /// A pointer to the text of `location`, which others share.
  mlir::Value sharedText(mlir::OpBuilder &builder, mlir::Location location);

  /// A pointer to the text of `location` by which the op that it is made for
  /// can be told from any other.
  mlir::Value ownText(mlir::OpBuilder &builder, mlir::Location location);

  /// A pointer to a new constant, `text`, whose symbol is like `name`.
  mlir::Value addText(mlir::OpBuilder &builder, mlir::Location location,
                      llvm::StringRef name, llvm::StringRef text);

  mlir::SymbolTable &symbols() { return table; }

private:
  mlir::StringAttr createText(mlir::Location location, llvm::StringRef name,
                              llvm::StringRef text);
  mlir::Value addressOf(mlir::OpBuilder &builder, mlir::Location location,
                        mlir::StringAttr name);

  mlir::ModuleOp module;
  mlir::SymbolTable table;
  llvm::StringMap<mlir::StringAttr> shared;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_TARGET_SIMULATORCALLS_H
