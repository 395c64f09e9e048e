//===- Target.cpp - The machine that operators are tuned for --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Tuning/Target.h"

#include <fmt/format.h>

using namespace orcinus;

std::string TargetDescription::key() const {
  return fmt::format("{} {} {} threads {}", name, cpu, features, threads);
}

std::string TargetDescription::summary() const {
  return fmt::format("{} {}, {} threads", name, cpu, threads);
}
