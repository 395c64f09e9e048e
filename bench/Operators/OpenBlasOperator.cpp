//===- OpenBlasOperator.cpp - Matrix products by OpenBLAS -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Libraries.h"
#include "LoopRoles.h"

#include <cblas.h>

#include <memory>

using namespace orcinus;
using namespace orcinus::bench;

namespace {

struct MatrixProduct {
  int64_t batches = 1, rows = 1, columns = 1, sum = 1;
  int64_t batchStrides[3] = {0, 0, 0};
  /// From row to row of each matrix, and whether left and right lie the other
  /// way round.
  int64_t leading[3] = {1, 1, 1};
  CBLAS_TRANSPOSE transposed[2] = {CblasNoTrans, CblasNoTrans};
  std::vector<float> operands[3];

  void run() {
    for (int64_t batch = 0; batch < batches; ++batch)
      cblas_sgemm(CblasRowMajor, transposed[0], transposed[1], rows, columns,
                  sum, 1.0f, operands[0].data() + batch * batchStrides[0],
                  leading[0], operands[1].data() + batch * batchStrides[1],
                  leading[1], 0.0f,
                  operands[2].data() + batch * batchStrides[2], leading[2]);
  }
};

} // namespace

TimedWork bench::openBlasOperator(const OperatorDescription &description,
                                  int threads) {
  LoopRoles roles(description);
  // A head that only weights and result have makes a batch, too.
  std::vector<size_t> batches = roles.batches;
  if (roles.columns.size() == 2) {
    batches.push_back(roles.columns.front());
    roles.columns.erase(roles.columns.begin());
  }
  if (roles.rows.size() > 1 || roles.columns.size() != 1 ||
      roles.sums.size() != 1 || batches.size() > 1)
    return {};
  auto product = std::make_shared<MatrixProduct>();
  auto extent = [&](size_t loop) { return description.loops[loop].extent; };
  size_t column = roles.columns[0], sum = roles.sums[0];
  product->columns = extent(column);
  product->sum = extent(sum);
  auto setLeading = [&](size_t operand, int64_t outer, int64_t inner) {
    product->leading[operand] = std::max(outer, inner);
    if (operand < 2)
      product->transposed[operand] = inner == 1 ? CblasNoTrans : CblasTrans;
  };
  setLeading(0, product->sum, 1);
  setLeading(2, product->columns, 1);
  if (!roles.rows.empty()) {
    size_t row = roles.rows[0];
    product->rows = extent(row);
    setLeading(0, roles.stride(0, row), roles.stride(0, sum));
    setLeading(2, roles.stride(2, row), roles.stride(2, column));
  }
  setLeading(1, roles.stride(1, sum), roles.stride(1, column));
  for (size_t batch : batches) {
    product->batches = extent(batch);
    for (size_t operand = 0; operand < 3; ++operand)
      product->batchStrides[operand] = roles.stride(operand, batch);
  }
  size_t numbers[] = {0, 1, description.operands.size() - 1};
  for (size_t at = 0; at < 3; ++at) {
    int64_t size = 1;
    for (int64_t length :
         description.shapeOf(description.operands[numbers[at]]))
      size *= length;
    product->operands[at].assign(size, 0.5f);
  }
  openblas_set_num_threads(threads);
  return {"OpenBLAS", [product] { product->run(); }};
}
