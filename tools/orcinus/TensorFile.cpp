//===- TensorFile.cpp - Tensors as npy files ------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorFile.h"

#include "lib/Graph/AtomicFile.h"
#include "lib/Graph/NumpyFile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

using namespace orcinus;

/// What NumPy calls `element`: what is written first, then all that is read.
static std::vector<std::string_view> numpyTypes(TensorElement element) {
  switch (element) {
  case TensorElement::I1:
    return {"|b1"};
  case TensorElement::I8:
    return {"|i1", "|u1"};
  case TensorElement::I16:
    return {"<i2", "<u2"};
  case TensorElement::I32:
    return {"<i4", "<u4"};
  case TensorElement::I64:
  case TensorElement::Index:
    return {"<i8", "<u8"};
  case TensorElement::F16:
    return {"<f2"};
  case TensorElement::BF16:
    return {"|V2", "<V2", "<u2"};
  case TensorElement::F32:
    return {"<f4"};
  case TensorElement::F64:
    return {"<f8"};
  }
  return {};
}

StatusOr<Tensor> orcinus::readTensor(const std::string &path,
                                     const TensorType &type) {
  StatusOr<InputFile> file = InputFile::read(path);
  if (!file.ok())
    return file.status();
  std::string_view bytes = file->bytes.view();
  StatusOr<NumpyHeader> header = NumpyHeader::parse(bytes, path);
  if (!header.ok())
    return header.status();
  std::vector<std::string_view> types = numpyTypes(type.element);
  if (std::find(types.begin(), types.end(), header->type) == types.end())
    return Status::error(
        fmt::format("'{}' has elements of type '{}', but {} takes '{}'", path,
                    header->type, type.toString(), fmt::join(types, "' or '")));
  std::string shape = fmt::format("({})", fmt::join(header->extents, ", "));
  StatusOr<Tensor> tensor = Tensor::create(type.element, header->extents);
  if (!tensor.ok())
    return tensor.status().within(
        fmt::format("'{}' of the shape {}", path, shape));
  bytes.remove_prefix(header->dataOffset);
  if (bytes.size() != tensor->bytes())
    return Status::error(fmt::format(
        "'{}' is {} for its shape {}; copy or write it again", path,
        bytes.size() < tensor->bytes() ? "truncated" : "too long", shape));
  std::memcpy(tensor->data(), bytes.data(), bytes.size());
  return tensor;
}

Status orcinus::writeTensor(const std::string &path, const Tensor &tensor) {
  AtomicFile file(path);
  Status status = file.open();
  if (status.ok())
    status = file.write(
        npyHeader(numpyTypes(tensor.element()).front(), tensor.extents()));
  if (status.ok())
    status =
        file.write({static_cast<const char *>(tensor.data()), tensor.bytes()});
  return status.ok() ? file.commit() : status;
}
