//===- OptionChecks.h - What the options of a pass may be -------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pass with numeric options checks them in `initialize`, which runs before
// the pass sees any op, whether its options come from a command line, from a
// pipeline's options or from code.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_SUPPORT_OPTIONCHECKS_H
#define ORCINUS_PASSES_SUPPORT_OPTIONCHECKS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "mlir/Pass/Pass.h"

#include "llvm/Support/MathExtras.h"

#include <cstdint>
#include <limits>

namespace orcinus {

/// Checks the options of one pass; says of each that does not fit what it may
/// be.
class OptionChecks {
public:
  OptionChecks(mlir::Pass &pass, mlir::MLIRContext *context)
      : pass(pass), location(mlir::UnknownLoc::get(context)) {}

  /// `option`, an integer or a floating-point number, is in
  /// [minimum, maximum]. NaN is not.
  template <typename Option>
  OptionChecks &
  inRange(const Option &option, decltype(option.getValue() + 0) minimum,
          decltype(option.getValue() + 0) maximum =
              std::numeric_limits<decltype(option.getValue() + 0)>::max()) {
    auto value = option.getValue();
    if (value >= minimum && value <= maximum)
      return *this;
    mlir::InFlightDiagnostic diagnostic = fail(option.ArgStr);
    if (!(value >= minimum))
      diagnostic << " must be at least " << minimum << ", not " << value;
    else
      diagnostic << " must be at most " << maximum << ", not " << value;
    return *this;
  }

  /// `option` is 0 or a power of two in [minimum, maximum].
  template <typename Option>
  OptionChecks &zeroOrPowerOfTwo(const Option &option, int64_t minimum,
                                 int64_t maximum) {
    int64_t value = option.getValue();
    if (value != 0 && (value < minimum || value > maximum ||
                       !llvm::isPowerOf2_64(static_cast<uint64_t>(value))))
      fail(option.ArgStr) << " must be 0 or a power of two from " << minimum
                          << " to " << maximum << ", not " << value;
    return *this;
  }

  /// `option` is a number of threads.
  template <typename Option>
  OptionChecks &threads(const Option &option) {
    return inRange(option, 1, 1 << 16);
  }

  /// The options are those of a vector unit, as `VectorTarget` takes them, and
  /// of the threads.
  template <typename Option>
  OptionChecks &vectorUnit(const Option &bits, const Option &registers,
                           const Option &threadCount) {
    return zeroOrPowerOfTwo(bits, 32, 4096)
        .inRange(registers, 0, 1024)
        .threads(threadCount);
  }

  /// Failure where one did not fit.
  mlir::LogicalResult result() const { return mlir::success(allFit); }

private:
  mlir::InFlightDiagnostic fail(llvm::StringRef option) {
    allFit = false;
    return mlir::emitError(location)
           << "option '" << option << "' of '" << pass.getArgument() << "'";
  }

  mlir::Pass &pass;
  mlir::Location location;
  bool allFit = true;
};

} // namespace orcinus

#endif // ORCINUS_PASSES_SUPPORT_OPTIONCHECKS_H
