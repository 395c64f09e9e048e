//===- ArrayStream.h - Event streams of arrays in memory --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes the stream that a file with the same events would be, out of arrays:
// ids are numbered and times are read by the rules of files. Arrays that have
// their final form already are borrowed.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_ARRAYSTREAM_H
#define ORCINUS_GRAPH_ARRAYSTREAM_H

#include "orcinus/Graph/Column.h"
#include "orcinus/Graph/EventStream.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace orcinus {

/// Sets the ends of the events of `stream`, and its nodes, from ids in
/// [0, 2^63), of equal number: renumbered densely in their order, or kept where
/// they are 0, 1, … without a gap. Errors: an id out of range.
Status setNodes(EventStream &stream, std::span<const int64_t> sources,
                std::span<const int64_t> destinations);

/// The same of 32-bit ids. They are borrowed where they are kept.
Status setNodes(EventStream &stream, Column<int32_t> sources,
                Column<int32_t> destinations);

/// The same of ids as text, numbered as they appear, unless all are integers.
/// Errors: a missing id (empty, "nan", …).
Status setNodes(EventStream &stream, std::span<const std::string> sources,
                std::span<const std::string> destinations);

/// Sets the times of the events of `stream`, each a number of `unit`: a name of
/// LoadOptions::timeUnit, "auto" included. Doubles of seconds are borrowed, as
/// are nanoseconds that no coarser scale holds. Errors: an unknown unit, a time
/// that is negative, not finite or before the one in front of it.
Status setTimes(EventStream &stream, Column<double> times,
                std::string_view unit);
Status setTimes(EventStream &stream, Column<int64_t> times,
                std::string_view unit);

/// A column of labels, one text an event, empty where it has none.
LabelColumn labelColumn(std::string name, std::span<const std::string> texts);

/// Says where the parts of `stream` do not fit: another number of ends, times
/// or features than events, nodes out of range, features that are not finite,
/// no event at all, or more than 2^31 - 1.
Status checkStream(const EventStream &stream);

} // namespace orcinus

#endif // ORCINUS_GRAPH_ARRAYSTREAM_H
