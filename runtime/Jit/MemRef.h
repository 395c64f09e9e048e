//===- MemRef.h - Memref descriptors to pass to programs --------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_JIT_MEMREF_H
#define ORCINUS_RUNTIME_JIT_MEMREF_H

#include "orcinus/Support/CheckedArithmetic.h"

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace orcinus {

/// A memref descriptor of any rank, as docs/abi.md lays it out, over memory
/// that it does not own.
class MemRef {
public:
  /// Elements of rank `shape.size()`, the last dimension contiguous.
  MemRef(void *data, const std::vector<int64_t> &shape)
      : words(3 + 2 * shape.size()) {
    words[0] = words[1] = reinterpret_cast<int64_t>(data);
    int64_t stride = 1;
    for (size_t at = shape.size(); at-- > 0;) {
      words[3 + at] = shape[at];
      words[3 + shape.size() + at] = stride;
      // Where an extent is 0, the others may be of any size.
      stride = saturatedProduct(stride, shape[at]);
    }
  }

  /// What `arguments[i]` of a packed function points to.
  void *descriptor() { return words.data(); }

private:
  std::vector<int64_t> words;
};

} // namespace orcinus

#endif // ORCINUS_RUNTIME_JIT_MEMREF_H
