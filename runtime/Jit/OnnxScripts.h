//===- OnnxScripts.h - Rewrites of ONNX models -------------------*- C++-*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs of Python for the package onnx. The first two arguments are the
// files to read and to write.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_ONNXSCRIPTS_H
#define ORCINUS_RUNTIME_JIT_ONNXSCRIPTS_H

namespace orcinus {

/// Opens the first extents of the inputs and outputs, and calls them by the
/// third argument. Shapes of values between them are inferred anew.
extern const char *const openBatchScript;

/// Computes what constants and known shapes alone decide on, by ONNX's
/// reference, and takes the branches of conditions that are constants. What
/// exporters compute of shapes hides the shapes of all that follows from
/// importers.
extern const char *const foldConstantsScript;

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_ONNXSCRIPTS_H
