//===- ETOOps.h - The ops and attributes of the eto dialect -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_ETO_IR_ETOOPS_H
#define ORCINUS_DIALECTS_ETO_IR_ETOOPS_H

#include "dialects/ETO/IR/ETODialect.h"
#include "orcinus/Tuning/Schedule.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/ETO/IR/ETOEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/ETO/IR/ETOAttributes.h.inc"

#define GET_OP_CLASSES
#include "dialects/ETO/IR/ETOOps.h.inc"

namespace orcinus::eto {

/// The attribute of a linalg op that says how it is executed: a `ScheduleAttr`,
/// or a `DispatchAttr` where that depends on an extent.
constexpr llvm::StringLiteral scheduleAttributeName = "eto.schedule";

/// The attributes of a module that hold a `ReuseGraphAttr` and a `PlanAttr` of
/// its operators.
constexpr llvm::StringLiteral reuseGraphAttributeName = "eto.reuse_graph";
constexpr llvm::StringLiteral planAttributeName = "eto.plan";

} // namespace orcinus::eto

#endif // ORCINUS_DIALECTS_ETO_IR_ETOOPS_H
