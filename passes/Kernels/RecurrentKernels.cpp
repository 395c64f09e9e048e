//===- RecurrentKernels.cpp - The gates of a recurrent unit ---------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/KernelLowerings.h"
#include "passes/Kernels/RowVectors.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace orcinus;
using namespace orcinus::tgnn;

/// About the elements that the gates' elementary functions are worth.
static constexpr int64_t gateCost = 24;

namespace {

/// One vector of a row's gates.
struct Gates {
  Value reset, update, candidate;
  /// The candidate's part that the reset gate scales.
  Value recurrent;
};

} // namespace

/// r = σ(a_r + c_r), z = σ(a_z + c_z), n = tanh(a_n + r c_n), with the three
/// parts of a and c beside each other.
static Gates computeGates(KernelBuilder &b, const RowVectors &columns,
                          const RowVector &vector, Value row, Value fromInput,
                          Value fromState) {
  auto part = [&](Value memref, int64_t index) {
    return columns.load(memref, row, vector, index * columns.width);
  };
  Gates gates;
  gates.reset = b.sigmoid(b.addf(part(fromInput, 0), part(fromState, 0)));
  gates.update = b.sigmoid(b.addf(part(fromInput, 1), part(fromState, 1)));
  gates.recurrent = part(fromState, 2);
  gates.candidate = math::TanhOp::create(
      b.builder, b.location,
      b.fma(gates.reset, gates.recurrent, part(fromInput, 2)));
  return gates;
}

void orcinus::lowerKernel(GruGatesOp op, KernelEmitter &emitter) {
  Value out = op.getOuts()[0];
  Value rows = emitter.builderBefore(op).extent(out, 0);
  emitter.forEachItem(
      op, "gru_gates", rows, gateCost * shapeOf(out).back(), op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        RowVectors columns(b, shapeOf(arguments[2]).back());
        b.forEach(range, [&](Value row) {
          columns.forEach([&](const RowVector &vector) {
            Gates gates = computeGates(b, columns, vector, row, arguments[0],
                                       arguments[1]);
            Value state = columns.load(arguments[2], row, vector);
            // (1 - z) n + z h = n + z (h - n)
            Value result = b.fma(gates.update, b.subf(state, gates.candidate),
                                 gates.candidate);
            columns.store(result, arguments[3], row, vector);
          });
        });
      });
}

/// From the gradient of h' to those of what the gates' functions are taken of,
/// and from there to a, c and h.
static void emitGateGradients(KernelBuilder &b, const RowVectors &columns,
                              const RowVector &vector, Value row,
                              ValueRange arguments) {
  Gates gates =
      computeGates(b, columns, vector, row, arguments[0], arguments[1]);
  Value state = columns.load(arguments[2], row, vector);
  Value gradient = columns.load(arguments[3], row, vector);
  Value one = b.splat(1.0);
  auto sigmoidSlope = [&](Value gate) {
    return b.mulf(gate, b.subf(one, gate));
  };
  Value candidate =
      b.mulf(b.mulf(gradient, b.subf(one, gates.update)),
             b.subf(one, b.mulf(gates.candidate, gates.candidate)));
  Value update = b.mulf(b.mulf(gradient, b.subf(state, gates.candidate)),
                        sigmoidSlope(gates.update));
  Value reset =
      b.mulf(b.mulf(candidate, gates.recurrent), sigmoidSlope(gates.reset));
  Value parts[2][3] = {{reset, update, candidate},
                       {reset, update, b.mulf(candidate, gates.reset)}};
  for (int64_t out = 0; out < 2; ++out)
    for (int64_t part = 0; part < 3; ++part)
      columns.store(parts[out][part], arguments[4 + out], row, vector,
                    part * columns.width);
  columns.store(b.mulf(gradient, gates.update), arguments[6], row, vector);
}

void orcinus::lowerKernel(GruGatesGradOp op, KernelEmitter &emitter) {
  Value gradient = op.getInputs()[3];
  Value rows = emitter.builderBefore(op).extent(gradient, 0);
  emitter.forEachItem(
      op, "gru_gates_grad", rows, gateCost * shapeOf(gradient).back(),
      op->getOperands(),
      [&](KernelBuilder &b, IndexRange range, ValueRange arguments) {
        RowVectors columns(b, shapeOf(arguments[3]).back());
        b.forEach(range, [&](Value row) {
          columns.forEach([&](const RowVector &vector) {
            emitGateGradients(b, columns, vector, row, arguments);
          });
        });
      });
}
