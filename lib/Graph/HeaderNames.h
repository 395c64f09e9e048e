//===- HeaderNames.h - What the names of a header mean ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_HEADERNAMES_H
#define ORCINUS_LIB_GRAPH_HEADERNAMES_H

#include "orcinus/Support/Status.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// The names of a file's columns, compared without regard to case and with
/// blanks and hyphens as underscores.
class HeaderNames {
public:
  /// What each column of a stream can be named for.
  enum class Role { Source, Destination, Time };

  explicit HeaderNames(const std::vector<std::string_view> &fields);

  size_t size() const { return given.size(); }
  /// The name as the file has it.
  const std::string &name(size_t column) const { return given[column]; }

  /// The column of that name; as the file has it before any other spelling.
  std::optional<size_t> find(std::string_view name) const;
  /// The column whose name is known for `role`: the first name of the list that
  /// is there.
  std::optional<size_t> find(Role role) const;

  /// Whether the name begins with "feature".
  bool namesFeature(size_t column) const;
  /// Whether it is that of a class of events, which link prediction has no use
  /// for.
  bool namesLabel(size_t column) const;
  /// Whether it is that of something that is no node: a row's number, a label,
  /// a quantity.
  bool namesNoNode(size_t column) const;

  /// The name that two columns have, if there is one.
  std::optional<std::string> findDuplicate() const;

  /// "source (u, source, …), destination (…) and time (…)".
  static std::string describeKnownNames();
  /// "'customer', 'shop', …".
  std::string describe() const;

private:
  std::vector<std::string> given;
  std::vector<std::string> normalized;
};

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_HEADERNAMES_H
