//===- Extents.h - Extents made of named sizes ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An extent is a dictionary from a size's name to its coefficient, or to its
// coefficient and a divisor; the name `constant` stands for 1, and a product of
// sizes is named by them in order, with ` * ` between. `[2 * dim + time,
// dim / 2, dim * patch - 1, 3]` prints and parses; a division rounds down, and
// an extent below 0 is 0.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_EXTENTS_H
#define ORCINUS_DIALECTS_TGNN_IR_EXTENTS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpImplementation.h"

#include <optional>

namespace orcinus::tgnn {

/// `a + 2 * b - 1`.
mlir::ParseResult parseExtent(mlir::OpAsmParser &parser,
                              mlir::DictionaryAttr &extent);
void printExtent(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                 mlir::DictionaryAttr extent);

/// `[a + 2 * b, 3]`, each extent a dictionary.
mlir::ParseResult parseExtents(mlir::OpAsmParser &parser,
                               mlir::ArrayAttr &extents);
void printExtents(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                  mlir::ArrayAttr extents);

/// The value of one extent under `sizeOf`.
int64_t evaluateExtent(mlir::Attribute extent,
                       llvm::function_ref<int64_t(llvm::StringRef)> sizeOf);

/// The values of all extents under `sizeOf`.
llvm::SmallVector<int64_t>
evaluateExtents(mlir::ArrayAttr extents,
                llvm::function_ref<int64_t(llvm::StringRef)> sizeOf);

/// The sizes that an extent names.
llvm::SmallVector<llvm::StringRef> sizesOf(mlir::Attribute extent);

/// The value of an extent that names no size; nothing for any other attribute.
std::optional<int64_t> constantValue(mlir::Attribute extent);

/// The values of extents, `ShapedType::kDynamic` where one names a size.
llvm::SmallVector<int64_t> knownExtents(mlir::ArrayAttr extents);

/// The extent that is a number.
mlir::DictionaryAttr getConstantExtent(mlir::MLIRContext *context,
                                       int64_t extent);

/// The extents of a static shape.
mlir::ArrayAttr getConstantExtents(mlir::MLIRContext *context,
                                   llvm::ArrayRef<int64_t> shape);

/// Whether the attribute is an extent.
bool isExtent(mlir::Attribute extent);

/// Whether the attribute is an array of extents.
bool isExtents(mlir::ArrayAttr extents);

} // namespace orcinus::tgnn

#endif // ORCINUS_DIALECTS_TGNN_IR_EXTENTS_H
