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

namespace orcinus {

/// The machine that this process runs on, with operators divided among
/// `threads`.
TargetDescription describeHost(int64_t threads);

/// What measurements of programs for `target` are stored under.
TuningContext tuningContext(const TargetDescription &target);

} // namespace orcinus

#endif // ORCINUS_PASSES_LOWERING_HOSTDESCRIPTION_H
