//===- AutodiffHarness.h - Gradients through the JIT ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_AUTODIFF_AUTODIFFHARNESS_H
#define ORCINUS_TEST_UNIT_AUTODIFF_AUTODIFFHARNESS_H

#include "runtime/Jit/Executable.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace orcinus::test {

/// A tensor of f32. Extents that the compiler does not know are letters: Q
/// queries, F rows of a frontier, P pending messages, B endpoints of a batch
/// with negatives, E events with their negatives.
struct Variable {
  std::string name;
  /// Such as "Qx8".
  std::string shape;
};

/// A piece of a step that makes %y. Its text may use, besides the variables,
///   %seed : i64                       %counts : tensor<?xi32>
///   %deltas : tensor<?x3xf32>         %waits : tensor<?xf32>
///   %self : tensor<?xi32>             %neighbours : tensor<?x3xi32>
///   %events : tensor<?x3xi32>         %rows : tensor<?xi32>
/// which are tables of one query set, its three neighbours each, the frontier
/// of both, and the frontier's pending messages. Extents are spelled as in
/// `Variable`, in "tensor<Qx8>" for "tensor<?x8xf32>" also. The constant
/// "valid" is 1 for valid neighbours and 0 for others.
struct Snippet {
  std::string name;
  /// What the gradient is taken of.
  std::vector<Variable> parameters;
  std::vector<Variable> constants = {};
  std::string body;
  /// The shape of %y; of rank 0 ("") it is the loss itself.
  std::string result;
  /// Of attentions that are decomposed.
  std::string attentionForm = "automatic";
  bool reassociate = false;
  /// Runs on a simulated GPU with all checks on, not on the host.
  bool onSimulator = false;
};

inline void PrintTo(const Snippet &snippet, std::ostream *stream) {
  *stream << snippet.name;
}

/// `snippets` on a simulated GPU.
std::vector<Snippet> simulated(std::vector<Snippet> snippets);

/// A snippet, compiled as a training step is. Its loss is that of link
/// prediction with the elements of c·%y as logits, times their number, so that
/// gradients are of the order of 1.
class CompiledSnippet {
public:
  /// Fails the test and returns null where it does not compile.
  static std::unique_ptr<CompiledSnippet> compile(const Snippet &snippet);

  /// Runs the step and returns the loss, which is computed in double from %y.
  double run();

  /// The loss as the step itself computed it.
  double compiledLoss() const;

  std::vector<float> &parameter(const std::string &name) {
    return floats.at("parameter:" + name);
  }
  /// The gradient by a parameter that the last run wrote.
  std::vector<double> gradient(const std::string &name) const;
  const std::vector<float> &result() const { return floats.at("output:y"); }

  /// The loss's derivative by each element, by central differences.
  std::vector<double> differences(const std::string &name);

  /// The forward half as it was before its derivation.
  const std::string &forwardText() const { return forward; }

private:
  explicit CompiledSnippet(const Snippet &snippet) : snippet(snippet) {}

  std::string text() const;
  Status build();
  void call(void **arguments);
  void makeData();
  void addFloats(const std::string &binding, const std::string &shape,
                 unsigned seed);
  void addInverse(const std::string &index, const std::string &offsets,
                  const std::string &references);

  Snippet snippet;
  std::string forward;
  std::unique_ptr<Executable> executable;
  Executable::PackedFunction function = nullptr;
  /// By argument.
  std::vector<std::string> bindings;
  std::map<std::string, std::vector<int64_t>> shapes;
  std::map<std::string, std::vector<float>> floats;
  std::map<std::string, std::vector<int32_t>> integers;
};

/// Compares the gradients of all parameters with central differences, and the
/// step's own loss with that in double. Each gradient must have an element that
/// a zero would not pass for.
void expectGradients(const Snippet &snippet);

/// Each element up to `tolerance` relative to the larger of 1 and the expected
/// value.
void expectClose(const std::vector<double> &actual,
                 const std::vector<double> &expected, double tolerance,
                 const std::string &what);

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_AUTODIFF_AUTODIFFHARNESS_H
