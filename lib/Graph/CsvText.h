//===- CsvText.h - Fields of csv files that are written ---------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_CSVTEXT_H
#define ORCINUS_LIB_GRAPH_CSVTEXT_H

#include "orcinus/Graph/EventStream.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace orcinus {

/// Appends a field of any text, in quotes where it needs them (RFC 4180).
void appendCsvText(std::string &text, std::string_view field);

/// Appends what the input of `stream` called `node`.
void appendCsvNode(std::string &text, const EventStream &stream, int32_t node);

/// Appends `time` in seconds, with as many digits as it takes to be read back
/// exactly.
void appendCsvTime(std::string &text, TimeScale scale, Timestamp time);

/// Appends a number with as many digits as it takes to be read back exactly.
void appendCsvNumber(std::string &text, float value);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_CSVTEXT_H
