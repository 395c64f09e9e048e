//===- Formats.h - The file formats of event streams ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_GRAPH_FORMATS_H
#define ORCINUS_LIB_GRAPH_FORMATS_H

#include "InputFile.h"
#include "orcinus/Graph/Loader.h"

#include <string_view>

namespace orcinus {

/// Whether `options` say anything of columns, features or times, which some
/// inputs have settled.
bool choosesColumns(const LoadOptions &options);

/// Whether `header`, a file's first row, is that of a JODIE csv:
/// user_id,item_id,timestamp,state_label,…
bool isJodieHeader(std::string_view header);

/// Loads a JODIE csv. Rows are user, item, time, label and any number of
/// features; items are numbered behind the users.
StatusOr<LoadedStream> loadJodie(const InputFile &file,
                                 const LoadOptions &options);

/// Whether `header` is that of a DyGLib or TGN csv: ,u,i,ts,label,idx
bool isDyglibHeader(std::string_view header);

/// Loads a DyGLib csv `ml_X.csv` and, where they are there, `ml_X.npy` (edge
/// features: row `idx` belongs to the event, row 0 to none) and
/// `ml_X_node.npy` (node features: row n belongs to the node of id n).
StatusOr<LoadedStream> loadDyglib(const InputFile &file,
                                  const LoadOptions &options);

/// Loads plain text: source, destination and time in any order, and, where a
/// header names them so, features.
StatusOr<LoadedStream> loadPlainText(const InputFile &file,
                                     const LoadOptions &options);

/// Generates what `parameters`, "nodes=…,events=…[,seed=…][,features=…]", asks
/// for. Errors: an unknown name, a value that is not a number or too large.
StatusOr<LoadedStream> loadSynthetic(std::string_view parameters);

} // namespace orcinus

#endif // ORCINUS_LIB_GRAPH_FORMATS_H
