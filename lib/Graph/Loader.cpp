//===- Loader.cpp - Reading event streams ---------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/Loader.h"

#include "EventFile.h"
#include "Formats.h"
#include "TextRows.h"
#include "TimeColumn.h"
#include "lib/Support/MemoryGuard.h"

using namespace orcinus;

/// Loads a file of the format that its first row shows.
static StatusOr<LoadedStream> loadFile(const std::string &path,
                                       const LoadOptions &options) {
  StatusOr<InputFile> file = InputFile::read(path);
  if (!file.ok())
    return file.status();
  std::string_view text = file->bytes.view();
  if (std::string binary = describeBinary(text); !binary.empty())
    return Status::error("'" + path + "' is " + binary +
                         "; expected text with one event a line");

  TextRows rows(text);
  std::string_view header = rows.next() ? rows.row() : std::string_view();
  bool jodie = isJodieHeader(header), dyglib = isDyglibHeader(header);
  if ((jodie || dyglib) && options.columns != "auto")
    return Status::error("'" + path + "' is a " + (jodie ? "JODIE" : "DyGLib") +
                         " csv, whose columns are fixed; leave out the order "
                         "of the columns (--columns)");
  bool choosesFeatures = options.features != "auto" ||
                         !options.categories.empty() ||
                         !options.categoryCodes.empty();
  if ((jodie || dyglib) && choosesFeatures)
    return Status::error("'" + path + "' is a " + (jodie ? "JODIE" : "DyGLib") +
                         " csv, whose features are fixed; leave out the choice "
                         "of features (--features, --categories, "
                         "--category-codes)");
  std::string_view ownLabel = jodie ? "state_label" : "label";
  if ((jodie || dyglib) && !options.labels.empty() &&
      options.labels != ownLabel)
    return Status::error("'" + path + "' is a " + (jodie ? "JODIE" : "DyGLib") +
                         " csv, whose only column of labels is '" +
                         std::string(ownLabel) + "', not '" + options.labels +
                         "' (--label-columns)");
  StatusOr<LoadedStream> loaded = jodie    ? loadJodie(*file, options)
                                  : dyglib ? loadDyglib(*file, options)
                                           : loadPlainText(*file, options);
  if (loaded.ok() && file->gzipped)
    loaded->description = "gzipped " + loaded->description;
  return loaded;
}

bool orcinus::choosesColumns(const LoadOptions &options) {
  LoadOptions unchosen;
  return options.columns != unchosen.columns ||
         options.timeUnit != unchosen.timeUnit ||
         options.features != unchosen.features || !options.categories.empty() ||
         !options.categoryCodes.empty();
}

StatusOr<LoadedStream>
orcinus::loadEventStream(const std::string &specification,
                         const LoadOptions &options) {
  constexpr std::string_view synthetic = "synthetic:";
  std::string tooLarge = "not enough memory to load '" + specification +
                         "'; use a smaller stream or a larger machine";
  if (options.timeUnit != "auto" && !parseTimeUnit(options.timeUnit))
    return Status::error("unknown unit of time '" + options.timeUnit +
                         "'; use auto, s, ms, us, ns, min, h or d");
  auto load = [&]() -> StatusOr<LoadedStream> {
    if (specification.starts_with(synthetic) && !options.labels.empty())
      return Status::error("a synthetic stream has no labels: give a file, or "
                           "leave out the columns of labels");
    if (specification.starts_with(synthetic) && choosesColumns(options))
      return Status::error("a synthetic stream has the columns, features and "
                           "times that it is made with; leave out the options "
                           "about them");
    if (specification.starts_with(synthetic))
      return loadSynthetic(
          std::string_view(specification).substr(synthetic.size()));
    if (isEventFile(specification))
      return loadEventFile(specification, options);
    return loadFile(specification, options);
  };
  return guarded(load, [&] {
    return Status::error(std::move(tooLarge), StatusCode::OutOfMemory);
  });
}
