//===- NeighbourKeys.cpp - The keys that attention reads ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Kernels/NeighbourKeys.h"

#include "passes/Kernels/TimePhase.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace orcinus;

int64_t NeighbourKeys::width(ValueRange inputs) {
  return shapeOf(inputs.front()).back();
}

NeighbourKeys::NeighbourKeys(KernelBuilder &b, ValueRange inputs, bool time,
                             int64_t neighbours)
    : b(b), inputs(inputs), time(time),
      heads(cast<MemRefType>(inputs[0].getType()).getDimSize(1)),
      columns(b, width(inputs)),
      keys(b.scratch({neighbours, b.paddedWidth(columns.width)})) {}

void NeighbourKeys::forValid(llvm::function_ref<void(Value)> body) const {
  b.forLoop(b.constant(0), valid, /*step=*/1, body);
}

void NeighbourKeys::forEachQuery(IndexRange range,
                                 llvm::function_ref<void(Value)> body) {
  Value last = b.subtract(range.end, b.constant(1));
  b.forEach(range, [&](Value newQuery) {
    query = newQuery;
    valid = b.loadIndex(inputs[1], query);
    Value next = b.minimum(b.add(query, b.constant(1)), last);
    forValid([&](Value neighbour) {
      // The next query's rows come while this one's keys are made, a row at a
      // time: the processor waits for a limited number of lines.
      prefetchRows(next, neighbour);
      fill(neighbour);
    });
    b.synchronize();
    body(query);
    // What the next query's keys replace has been read.
    b.synchronize();
  });
}

void NeighbourKeys::forEachRow(
    Value ofQuery, Value neighbour,
    llvm::function_ref<void(const RowVectors &, Value, Value)> body) const {
  ArrayRef<Value> tables = ArrayRef(inputs).drop_front(time ? 6 : 3);
  for (size_t index = 0; index < tables.size(); index += 2) {
    Value row = b.loadIndex(tables[index + 1], {ofQuery, neighbour});
    body(RowVectors(b, shapeOf(tables[index]).back()), tables[index], row);
  }
}

void NeighbourKeys::prefetchRows(Value ofQuery, Value neighbour) const {
  forEachRow(ofQuery, neighbour,
             [&](const RowVectors &part, Value table, Value row) {
               part.forEach([&](const RowVector &vector) {
                 part.prefetch(table, row, vector);
               });
             });
}

void NeighbourKeys::fill(Value neighbour) {
  int64_t offset = 0;
  forEachRow(query, neighbour,
             [&](const RowVectors &part, Value table, Value row) {
               part.forEach([&](const RowVector &vector) {
                 part.store(part.load(table, row, vector), keys, neighbour,
                            vector, offset);
               });
               offset += part.width;
             });
  if (!time)
    return;
  RowVectors part(b, shapeOf(inputs[4]).back());
  Value delta = b.loadSplat(inputs[3], {query, neighbour});
  part.forEach([&](const RowVector &vector) {
    Value phase = timePhase(b, part, vector, delta, inputs[4], inputs[5]);
    part.store(math::CosOp::create(b.builder, b.location, phase), keys,
               neighbour, vector, offset);
  });
}

SmallVector<NeighbourKeys::HeadGroup> NeighbourKeys::headGroups() const {
  constexpr int64_t largest = 4;
  SmallVector<HeadGroup> groups;
  for (int64_t first = 0; first < heads; first += largest)
    groups.push_back({first, std::min(largest, heads - first)});
  return groups;
}

void NeighbourKeys::multiply(Value rows, Value row, Value products) const {
  for (HeadGroup group : headGroups())
    multiplyGroup(group, rows, row, products);
}

void NeighbourKeys::multiplyGroup(HeadGroup group, Value rows, Value row,
                                  Value products) const {
  auto loadRow = [&](int64_t head, const RowVector &vector) {
    return columns.load(rows, {row, b.constant(group.first + head)}, vector);
  };
  // The heads' rows stay in registers where they leave room for a key's vector
  // and the sums.
  SmallVector<Value> resident;
  int64_t blockVectors = RowVectors::elementwiseBlock;
  if (columns.count() * group.size + group.size + 1 <= b.registers) {
    blockVectors = columns.count();
    for (const RowVector &vector : columns.all())
      for (int64_t head = 0; head < group.size; ++head)
        resident.push_back(loadRow(head, vector));
  }
  forValid([&](Value neighbour) {
    SmallVector<Value> sums = columns.reduce(
        blockVectors, SmallVector<Value>(group.size, b.splat(0.0)),
        [&](ArrayRef<RowVector> block, ValueRange carried) {
          SmallVector<Value> next(carried);
          for (auto [index, vector] : llvm::enumerate(block)) {
            Value key = columns.load(keys, neighbour, vector);
            for (int64_t head = 0; head < group.size; ++head) {
              Value own = resident.empty()
                              ? loadRow(head, vector)
                              : resident[index * group.size + head];
              next[head] = b.fma(own, key, next[head]);
            }
          }
          return next;
        });
    for (auto [head, sum] : llvm::enumerate(sums))
      b.storeElement(b.sum(sum), products,
                     {b.constant(group.first + head), neighbour});
  });
}

void NeighbourKeys::combine(Value coefficients, ValueRange leading,
                            Value out) const {
  for (HeadGroup group : headGroups())
    combineGroup(group, coefficients, leading, out);
}

void NeighbourKeys::combineGroup(HeadGroup group, Value coefficients,
                                 ValueRange leading, Value out) const {
  // Registers: the sums, a coefficient a head and a key's vector.
  int64_t blockVectors =
      std::max<int64_t>(1, (b.registers - 2 - group.size) / group.size);
  columns.forEachBlock(blockVectors, [&](ArrayRef<RowVector> block) {
    SmallVector<Value> zeros(block.size() * group.size, b.splat(0.0));
    SmallVector<Value> sums = b.reduceLoop(
        b.constant(0), valid, /*step=*/1, zeros,
        [&](Value neighbour, ValueRange carried) {
          SmallVector<Value> factors;
          for (int64_t head = 0; head < group.size; ++head) {
            SmallVector<Value> at(leading);
            at.append({b.constant(group.first + head), neighbour});
            factors.push_back(b.loadSplat(coefficients, at));
          }
          SmallVector<Value> next;
          for (const RowVector &vector : block) {
            Value key = columns.load(keys, neighbour, vector);
            for (Value factor : factors)
              next.push_back(b.fma(factor, key, carried[next.size()]));
          }
          return next;
        });
    for (auto [index, vector] : llvm::enumerate(block))
      for (int64_t head = 0; head < group.size; ++head)
        columns.store(sums[index * group.size + head], out,
                      {query, b.constant(group.first + head)}, vector);
  });
}
