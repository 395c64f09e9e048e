//===- BuiltinModels.h - The models that come with Orcinus ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_MODELS_BUILTINMODELS_H
#define ORCINUS_MODELS_BUILTINMODELS_H

#include <span>
#include <string_view>

namespace orcinus {

/// A model of the folder `models`, by its file's name.
struct BuiltinModel {
  std::string_view name;
  std::string_view text;
};

std::span<const BuiltinModel> builtinModels();

} // namespace orcinus

#endif // ORCINUS_MODELS_BUILTINMODELS_H
