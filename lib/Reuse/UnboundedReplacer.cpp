//===- UnboundedReplacer.cpp - A cache that keeps everything --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/CacheReplacer.h"

using namespace orcinus;

namespace {

class UnboundedReplacer : public CacheReplacer {
public:
  explicit UnboundedReplacer(int64_t keyCount) : keyCount(keyCount) {}

  int64_t slotCount() const override { return keyCount; }

  void replace(const CacheAccess &access, CacheChanges &changes) override {
    changes.clear();
    changes.writtenKeys.assign(access.computedKeys.begin(),
                               access.computedKeys.end());
    changes.writtenSlots = changes.writtenKeys;
  }

  void reset() override {}

private:
  int64_t keyCount;
};

} // namespace

std::unique_ptr<CacheReplacer>
orcinus::createUnboundedReplacer(int64_t keyCount) {
  return std::make_unique<UnboundedReplacer>(keyCount);
}
