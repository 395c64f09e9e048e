//===- FakeMpi.h - MPI between threads, for tests ---------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_UNIT_COMMUNICATOR_FAKEMPI_H
#define TEST_UNIT_COMMUNICATOR_FAKEMPI_H

extern "C" {

/// Begins anew, with so many processes, which are threads.
void fakeMpiStart(int processes);
/// Makes this thread one of the process of that number.
void fakeMpiJoin(int rank);
/// Groups that were duplicated and not freed.
int fakeMpiLiveGroups();

} // extern "C"

#endif // TEST_UNIT_COMMUNICATOR_FAKEMPI_H
