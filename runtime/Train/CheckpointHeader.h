//===- CheckpointHeader.h - Options and position as JSON --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions that read throw on values that a checkpoint cannot have; call
// them within readingHeader(), which makes a status of it.
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_CHECKPOINTHEADER_H
#define RUNTIME_TRAIN_CHECKPOINTHEADER_H

#include "lib/Support/Json.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/RunPosition.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace orcinus {

/// A value that no checkpoint has.
struct MalformedCheckpoint : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What `read` returns, or an error where it found a malformed value in a file
/// of the kind `kind`.
template <typename Read>
auto readingHeader(Read read, std::string_view kind = "checkpoint")
    -> decltype(read()) {
  auto malformed = [&](const std::exception &error) {
    return Status::error(
        fmt::format("the {} is malformed: {}", kind, error.what()),
        StatusCode::Damaged);
  };
  try {
    return read();
  } catch (const nlohmann::json::exception &error) {
    return malformed(error);
  } catch (const MalformedCheckpoint &error) {
    return malformed(error);
  }
}

/// The whole number `key` of `object`, if it is from `least` to `most`.
template <typename T>
T readInteger(const nlohmann::ordered_json &object, const std::string &key,
              T least, T most = std::numeric_limits<T>::max()) {
  const nlohmann::ordered_json &value = object.at(key);
  std::optional<T> number = asInteger<T>(value, least, most);
  if (!number)
    throw MalformedCheckpoint(
        fmt::format("its {} is {}", key, printJson(value)));
  return *number;
}

/// The options of RunOptions.h: all, or those that identify a run.
nlohmann::ordered_json optionsToJson(const CheckpointDescription &options);
nlohmann::ordered_json identityOptions(const CheckpointDescription &options);
CheckpointDescription optionsFromJson(const nlohmann::ordered_json &value);

nlohmann::ordered_json positionToJson(const RunPosition &position);
/// Of a run with `batches` batches an epoch, of which `steps` make a step of
/// the optimizer, where that is known.
RunPosition positionFromJson(const nlohmann::ordered_json &value,
                             int64_t batches, std::optional<int64_t> steps);

} // namespace orcinus

#endif // RUNTIME_TRAIN_CHECKPOINTHEADER_H
