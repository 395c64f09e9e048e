//===- StopSignals.h - An end that a signal asks for -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_STOPSIGNALS_H
#define TOOLS_ORCINUS_STOPSIGNALS_H

namespace orcinus {

/// From now on the first SIGINT (Ctrl-C) or SIGTERM, which launchers send, asks
/// for an end; the second one of its kind ends the process.
void heedStopSignals();

/// Whether an end was asked for.
bool isStopRequested();

} // namespace orcinus

#endif // TOOLS_ORCINUS_STOPSIGNALS_H
