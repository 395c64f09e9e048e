//===- HostContext.h - What measurements here can be compared with -*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_PASSES_TUNING_HOSTCONTEXT_H
#define ORCINUS_PASSES_TUNING_HOSTCONTEXT_H

#include "orcinus/Tuning/Database.h"
#include "orcinus/Tuning/Target.h"

namespace orcinus {

/// What programs that this build of the compiler made for `target` have in
/// common: a database opened for it knows no others.
TuningContext tuningContextOf(const TargetDescription &target);

} // namespace orcinus

#endif // ORCINUS_PASSES_TUNING_HOSTCONTEXT_H
