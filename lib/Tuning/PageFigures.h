//===- PageFigures.h - Figures and tables of a page -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// HTML and SVG as text, without scripts. What comes from users passes through
// `escaped`.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_PAGEFIGURES_H
#define ORCINUS_LIB_TUNING_PAGEFIGURES_H

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// Text that is text in HTML, whatever it says; what is not UTF-8 becomes
/// U+FFFD.
std::string escaped(std::string_view text);

/// A node of a tree.
struct TreeNode {
  /// Index of its parent, which comes before it; `root` where it has none.
  size_t parent = root;
  std::string name;
  /// Shown where one points at it.
  std::string hint;
  /// Whether it is drawn as an empty, dashed circle.
  bool isHollow = false;

  static constexpr size_t root = static_cast<size_t>(-1);
};

/// The trees of `nodes` from left to right, a line each node, under one root of
/// the name `rootName`.
std::string treeFigure(const std::vector<TreeNode> &nodes,
                       std::string_view rootName);

/// A value that lasts until the next one.
struct TimelinePoint {
  double seconds = 0;
  double value = 0;
  std::string hint;
};

/// Values over seconds, in steps; `unit` is that of the values.
std::string timelineFigure(const std::vector<TimelinePoint> &points,
                           std::string_view unit);

/// A bar of `value`, and before it in pale one of `before`, both of `most`.
std::string barPair(double before, double value, double most);

/// A field of a table.
struct TableCell {
  /// HTML.
  std::string markup;
  bool isNumber = false;

  static TableCell text(std::string_view text) { return {escaped(text)}; }
  /// With so many digits behind the point; a dash where `value` is not above 0.
  static TableCell number(double value, int digits);
};

/// A table whose first column names the rows.
std::string tableOf(std::string_view caption,
                    const std::vector<std::string_view> &columns,
                    const std::vector<std::vector<TableCell>> &rows);

/// The whole page of `body`, with the looks of all of these.
std::string pageOf(std::string_view title, std::string_view body);

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_PAGEFIGURES_H
