//===- ProcessorShares.h - Who measures on which processors -----*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TUNING_PROCESSORSHARES_H
#define RUNTIME_TUNING_PROCESSORSHARES_H

#include "orcinus/Support/Status.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace orcinus {

/// Processors of one machine, by their numbers.
using ProcessorList = std::vector<int>;

/// Divides the processors of a machine among processes that measure on it at
/// the same time. `usable` are those that each process may run on, by which it
/// gets some that are its own, at least `threads`, or all that it may run on:
/// so many processes get some, the first ones first, as there are processors
/// for. Those that may run on the same ones get the same number, consecutive in
/// their list. Empty for a process that gets none.
std::vector<ProcessorList>
divideProcessors(std::span<const ProcessorList> usable, int64_t threads);

/// The processors that the process `id` may run on, 0 for this one, the threads
/// of a core beside each other. Empty where nobody knows.
ProcessorList usableProcessorsOf(int id);

/// Has this thread, and what it starts from now on, run on `processors` alone.
Status runOn(const ProcessorList &processors);

/// A text that is equal for the processes of one machine, whose processors they
/// share, in containers, too, and different for others.
std::string machineIdentity();

/// The machine's name, for people.
std::string machineName();

} // namespace orcinus

#endif // RUNTIME_TUNING_PROCESSORSHARES_H
