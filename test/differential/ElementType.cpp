//===- ElementType.cpp - The types that are tested ------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementType.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/ErrorHandling.h"

#include <cmath>
#include <cstring>

using namespace orcinus;
using namespace orcinus::differential;

namespace {

/// What is to be known of a type; `semantics` is null for integers.
struct Properties {
  std::string_view name;
  int64_t bytes;
  int precision;
  int smallestExponent;
  const llvm::fltSemantics *semantics;
};

const Properties &propertiesOf(ElementType type) {
  static const Properties table[] = {
      {"f64", 8, 53, -1074, &llvm::APFloat::IEEEdouble()},
      {"f32", 4, 24, -149, &llvm::APFloat::IEEEsingle()},
      {"f16", 2, 11, -24, &llvm::APFloat::IEEEhalf()},
      {"bf16", 2, 8, -133, &llvm::APFloat::BFloat()},
      {"i8", 1, 63, 0, nullptr},
      {"i32", 4, 63, 0, nullptr},
  };
  return table[static_cast<size_t>(type)];
}

template <typename T>
double readAs(const std::byte *memory) {
  T value;
  std::memcpy(&value, memory, sizeof(T));
  return static_cast<double>(value);
}

template <typename T>
void writeAs(double value, std::byte *memory) {
  T stored = static_cast<T>(value);
  std::memcpy(memory, &stored, sizeof(T));
}

} // namespace

std::string_view differential::nameOf(ElementType type) {
  return propertiesOf(type).name;
}

int64_t differential::bytesOf(ElementType type) {
  return propertiesOf(type).bytes;
}

bool differential::isFloat(ElementType type) {
  return propertiesOf(type).semantics != nullptr;
}

int differential::precisionOf(ElementType type) {
  return propertiesOf(type).precision;
}

double differential::smallestOf(ElementType type) {
  return std::ldexp(1.0, propertiesOf(type).smallestExponent);
}

double differential::readElement(ElementType type, const std::byte *memory) {
  switch (type) {
  case ElementType::F64:
    return readAs<double>(memory);
  case ElementType::F32:
    return readAs<float>(memory);
  case ElementType::I8:
    return readAs<int8_t>(memory);
  case ElementType::I32:
    return readAs<int32_t>(memory);
  case ElementType::F16:
  case ElementType::BF16: {
    uint16_t bits;
    std::memcpy(&bits, memory, sizeof(bits));
    llvm::APFloat value(*propertiesOf(type).semantics, llvm::APInt(16, bits));
    return value.convertToDouble();
  }
  }
  llvm_unreachable("unknown type");
}

void differential::writeElement(ElementType type, double value,
                                std::byte *memory) {
  switch (type) {
  case ElementType::F64:
    return writeAs<double>(value, memory);
  case ElementType::F32:
    return writeAs<float>(value, memory);
  case ElementType::I8:
    return writeAs<int8_t>(value, memory);
  case ElementType::I32:
    return writeAs<int32_t>(value, memory);
  case ElementType::F16:
  case ElementType::BF16: {
    llvm::APFloat rounded(value);
    bool losesInfo;
    rounded.convert(*propertiesOf(type).semantics,
                    llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    auto bits = static_cast<uint16_t>(rounded.bitcastToAPInt().getZExtValue());
    std::memcpy(memory, &bits, sizeof(bits));
    return;
  }
  }
  llvm_unreachable("unknown type");
}

double differential::roundTo(ElementType type, double value) {
  std::byte memory[8];
  writeElement(type, value, memory);
  return readElement(type, memory);
}
