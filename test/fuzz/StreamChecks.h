//===- StreamChecks.h - What holds of every event stream --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_FUZZ_STREAMCHECKS_H
#define ORCINUS_TEST_FUZZ_STREAMCHECKS_H

#include "orcinus/Graph/Loader.h"

#include <string>

namespace orcinus::fuzz {

/// Checks what `include/orcinus/Graph/EventStream.h` says of every stream.
void checkStream(const EventStream &stream);

/// Loads `path` as it is and with sorting, and checks the streams and messages
/// that come out.
void loadAndCheck(const std::string &path);

} // namespace orcinus::fuzz

#endif // ORCINUS_TEST_FUZZ_STREAMCHECKS_H
