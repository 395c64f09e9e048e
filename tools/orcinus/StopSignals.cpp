//===- StopSignals.cpp - An end that a signal asks for --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StopSignals.h"

#include <csignal>

using namespace orcinus;

static volatile std::sig_atomic_t stopRequested = 0;

void orcinus::heedStopSignals() {
  struct sigaction action{};
  action.sa_handler = [](int) { stopRequested = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (int signal : {SIGINT, SIGTERM})
    (void)sigaction(signal, &action, nullptr);
}

bool orcinus::isStopRequested() { return stopRequested; }
