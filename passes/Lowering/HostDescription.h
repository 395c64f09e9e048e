//===- HostDescription.h - This machine, as tuning sees it ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_LOWERING_HOSTDESCRIPTION_H
#define ORCINUS_PASSES_LOWERING_HOSTDESCRIPTION_H

#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/Target.h"

#include <cstdint>
#include <string_view>

namespace orcinus {

/// The machine that this process runs on, with operators divided among
/// `threads`.
TargetDescription describeHost(int64_t threads);

/// The host, the simulator, or the GPU that `name` names, as `orcinus tune
/// --target` spells it. Errors: an unknown target.
StatusOr<TargetDescription> describeTarget(std::string_view name,
                                           int64_t threads);

/// What measurements of programs for `target` are stored under.
TuningContext tuningContext(const TargetDescription &target);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_HOSTDESCRIPTION_H
