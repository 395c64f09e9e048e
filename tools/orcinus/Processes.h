//===- Processes.h - Commands of several processes --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_PROCESSES_H
#define TOOLS_ORCINUS_PROCESSES_H

#include "orcinus/Runtime/Communicator.h"
#include "orcinus/Support/Status.h"

#include <functional>
#include <memory>

namespace orcinus {

/// Does `work` with the processes that a launcher has started together with
/// this one, or alone, with null, where none has. The first one prints what
/// there is to be said, and an error says whose it is; what is the same in all
/// is said once.
Status runAmongProcesses(
    const std::function<Status(std::shared_ptr<Communicator>)> &work);

} // namespace orcinus

#endif // TOOLS_ORCINUS_PROCESSES_H
