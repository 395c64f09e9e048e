//===- Operator.h - An operator that is tuned -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operator is one op, or a few that are executed together, over a nest of
// loops with known extents. Two operators are of one kind where they differ in
// nothing but the extents (ETO-style reuse, docs/tuning.md): what is known of
// one may then serve the other.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TUNING_OPERATOR_H
#define ORCINUS_TUNING_OPERATOR_H

#include "orcinus/Support/Status.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// Which schedule space an operator has.
enum class OperatorFamily {
  /// Sums of products: matmul, batch matmul, and every convolution but the
  /// depthwise one.
  Contraction,
  /// A convolution of each channel by itself.
  Depthwise,
  /// Rows that are reduced: softmax, layer norm, norms, plain sums.
  Reduction,
  /// Nothing is summed.
  Elementwise,
};

/// contraction, depthwise, reduction or elementwise.
std::string_view familyName(OperatorFamily family);
/// The family of that name. Errors: an unknown name.
StatusOr<OperatorFamily> parseFamily(std::string_view name);

enum class LoopKind { Parallel, Reduction };

struct OperatorLoop {
  /// An identifier, unique in its operator: `m`, `rows`.
  std::string name;
  LoopKind kind = LoopKind::Parallel;
  /// Iterations, at least 1.
  int64_t extent = 1;
  /// Whether the extent is dynamic and `extent` stands for a bucket of it.
  bool bucketed = false;

  bool operator==(const OperatorLoop &) const = default;
};

/// What an operand is to its operator.
enum class OperandRole {
  /// Computed anew for each call.
  Activation,
  /// The same for many calls: may be packed once.
  Weight,
  /// Added to the result by the epilogue `bias`.
  Bias,
  Result,
};

/// activation, weight, bias or result.
std::string_view roleName(OperandRole role);
/// The role of that name. Errors: an unknown name.
StatusOr<OperandRole> parseRole(std::string_view name);

struct OperatorOperand {
  /// As MLIR spells it: `f32`.
  std::string elementType = "f32";
  /// The results of the indexing map over loop names, with `+` and `*` by
  /// constants: `n, oh * 2 + kh, ow * 2 + kw, c`. Empty for a scalar. The
  /// operand's shape is what the map reaches.
  std::string map;
  OperandRole role = OperandRole::Activation;

  bool operator==(const OperatorOperand &) const = default;
};

struct OperatorDescription {
  /// For people: unique in a set.
  std::string name;
  OperatorFamily family = OperatorFamily::Contraction;
  /// What an iteration computes, the name of a template that
  /// `emitOperatorModule` knows (`multiply_add`, `softmax`, `layer_norm`,
  /// `sum`, `l2_norm`, `relu`, `gelu`, …) or, for an operator from elsewhere,
  /// any text that is equal for equal computations.
  std::string body = "multiply_add";
  std::vector<OperatorLoop> loops;
  /// In the order of the function's arguments; the results are the last.
  std::vector<OperatorOperand> operands;
  /// Elementwise ops that follow in the same loops, in order, joined by commas:
  /// `bias`, `relu`, `gelu`.
  std::string epilogue;

  bool operator==(const OperatorDescription &) const = default;

  /// The canonical text of everything but the extents and names: operators are
  /// of one kind exactly where it is equal. Loops are numbered by their first
  /// appearance in the result's map, then in the operands' maps, so that it
  /// does not depend on how they are named or ordered; whether an extent is a
  /// bucket does not matter: `contraction multiply_add [p,p,r] activation
  /// f32(0,2) weight f32(2,1) result f32(0,1) + bias,relu`.
  std::string kind() const;

  /// The extents in the order in which `kind` numbers the loops.
  std::vector<int64_t> extents() const;

  /// The index in `loops` of each loop in the order of `kind`.
  std::vector<size_t> canonicalLoopOrder() const;

  /// A copy whose loop number i in the order of `kind` has `extents[i]`
  /// iterations, and a name made of them.
  OperatorDescription withExtents(const std::vector<int64_t> &extents) const;

  /// The shape of `operand`: one more than the largest index that its map
  /// reaches, a dimension each.
  std::vector<int64_t> shapeOf(const OperatorOperand &operand) const;

  /// Iterations of all loops. This and the next two are at most 2^63 - 1.
  int64_t iterations() const;
  /// Floating-point operations of one call, the epilogue not counted: two an
  /// iteration of a sum of products, else one.
  int64_t floatingPointOperations() const;
  /// Bytes of all operands, each touched once.
  int64_t bytes() const;

  /// An error where the operator is too large for any machine to run: more than
  /// 2^48 iterations, or bytes of operands. Products of extents of one that is
  /// not fit into 64 bits.
  Status checkSize() const;

  /// One line of JSON, with all fields.
  std::string toJson() const;
  /// What `toJson` printed. Errors: text that is not JSON, unknown or missing
  /// fields, an extent below 1, two loops of one name, a map that names no loop
  /// or reaches an index below 0, those of `checkSize`.
  static StatusOr<OperatorDescription> fromJson(std::string_view text);
};

/// An operator with the program text that computes it.
struct TunableOperator {
  OperatorDescription description;
  /// A module in MLIR's syntax with one public `func.func` of linalg on tensors
  /// with static extents. Its arguments are the operands that are not results,
  /// its results the operator's results.
  std::string module;
  /// How often it is called where it comes from: its time counts as often.
  int64_t calls = 1;
};

/// An operator that is not tuned.
struct LeftOutOperator {
  std::string name;
  /// Why, in one line that goes on from the name.
  std::string reason;

  /// Of what was said of `subject`, which the reason then does not name again:
  /// `has too few iterations` of `'linalg.exp' has too few iterations`.
  static LeftOutOperator of(std::string name, std::string_view subject,
                            std::string_view said);
};

/// The text of a module that computes `description`. Errors: a body or an
/// epilogue that no template is known for.
StatusOr<std::string>
emitOperatorModule(const OperatorDescription &description);

/// The operator of `description` with the text of `emitOperatorModule`.
StatusOr<TunableOperator> makeOperator(OperatorDescription description);

} // namespace orcinus

#endif // ORCINUS_TUNING_OPERATOR_H
