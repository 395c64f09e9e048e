//===- Policies.h - The constructors of the policies ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_REUSE_POLICIES_H
#define ORCINUS_LIB_REUSE_POLICIES_H

#include "orcinus/Reuse/ReplacementPolicy.h"

namespace orcinus {

// Each is defined in the file of its policy, which also holds its class and
// says how it breaks ties. `options.kind` is not looked at.
std::unique_ptr<ReplacementPolicy>
createMinimumReuseDistance(const PolicyOptions &options);
std::unique_ptr<ReplacementPolicy>
createLeastRecentlyUsed(const PolicyOptions &options);
std::unique_ptr<ReplacementPolicy> createTwoQueue(const PolicyOptions &options);
std::unique_ptr<ReplacementPolicy>
createLeastFrequentlyUsed(const PolicyOptions &options);
std::unique_ptr<ReplacementPolicy>
createFirstInFirstOut(const PolicyOptions &options);
std::unique_ptr<ReplacementPolicy>
createRandomReplacement(const PolicyOptions &options);

} // namespace orcinus

#endif // ORCINUS_LIB_REUSE_POLICIES_H
