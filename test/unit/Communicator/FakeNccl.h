//===- FakeNccl.h - NCCL between threads, for tests -------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_UNIT_COMMUNICATOR_FAKENCCL_H
#define TEST_UNIT_COMMUNICATOR_FAKENCCL_H

namespace fake {

/// What tests say and see of it. A library has one.
struct NcclControl {
  /// What joining returns to the process of that number, -1 for none.
  int refusedRank = -1;
  /// The next exchange fails in all processes.
  bool failsToExchange = false;
  /// Who has joined and not left.
  int liveMembers = 0;
  /// Sent in groups that were complete.
  int messages = 0;
};

} // namespace fake

extern "C" fake::NcclControl *fakeNcclControl();

#endif // TEST_UNIT_COMMUNICATOR_FAKENCCL_H
