//===- NamedOptions.h - Options by their names ------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_NAMEDOPTIONS_H
#define ORCINUS_RUNTIME_NAMEDOPTIONS_H

#include "orcinus/Graph/Loader.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Options.h"
#include "orcinus/Runtime/Session.h"
#include "orcinus/Support/Status.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// What an option is told to.
enum class OptionGroup : uint8_t { Load, Compile, Train, Session };

/// One option, for a person.
struct OptionDescription {
  std::string name;
  OptionGroup group = OptionGroup::Load;
  std::string help;
  /// What holds where it is not set.
  std::string defaultText;
};

/// All that loading, compiling, training and sessions may be told, by the names
/// that the command line has without "--".
///
/// "threads" is the training's: who compiles or opens a session takes it from
/// there.
struct NamedOptions {
  LoadOptions load;
  CompileOptions compile;
  TrainOptions train;
  SessionOptions session;

  /// Errors: an unknown name (the message has all), a value that the option
  /// does not take.
  Status set(std::string_view name, std::string_view value);

  /// As `set` takes it; empty where the model's text or a default decides.
  /// Errors: an unknown name.
  StatusOr<std::string> get(std::string_view name) const;

  /// All options, in the order of their groups.
  static std::vector<OptionDescription> describe();
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_NAMEDOPTIONS_H
