//===- Json.h - JSON from and for anybody -----------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_SUPPORT_JSON_H
#define ORCINUS_LIB_SUPPORT_JSON_H

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace orcinus {

/// `json` on one line. Names come from files and modules and may be any bytes,
/// but JSON is UTF-8: what is not becomes U+FFFD. The library's own `dump()`
/// throws there.
template <typename Json>
std::string printJson(const Json &json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false,
                   Json::error_handler_t::replace);
}

/// `json` as an integer from `least` to `most`; nothing where it is none. The
/// library's own `get<T>()` rounds fractions and drops the bits that do not
/// fit.
template <typename T, typename Json>
std::optional<T> asInteger(const Json &json,
                           T least = std::numeric_limits<T>::min(),
                           T most = std::numeric_limits<T>::max()) {
  auto within = [&](auto number) -> std::optional<T> {
    if (std::cmp_less(number, least) || std::cmp_greater(number, most))
      return std::nullopt;
    return static_cast<T>(number);
  };
  if (json.is_number_unsigned())
    return within(json.template get<uint64_t>());
  if (json.is_number_integer())
    return within(json.template get<int64_t>());
  return std::nullopt;
}

// Each sets `value` to the field `name` of `object`; false where it has none of
// that type.

template <typename Json>
bool readField(const Json &object, const char *name, std::string &value) {
  auto field = object.find(name);
  if (field == object.end() || !field->is_string())
    return false;
  value = field->template get<std::string>();
  return true;
}

template <typename Json>
bool readField(const Json &object, const char *name, double &value) {
  auto field = object.find(name);
  if (field == object.end() || !field->is_number())
    return false;
  value = field->template get<double>();
  return true;
}

template <typename Json>
bool readField(const Json &object, const char *name, int64_t &value) {
  auto field = object.find(name);
  std::optional<int64_t> number;
  if (field != object.end())
    number = asInteger<int64_t>(*field);
  value = number.value_or(0);
  return number.has_value();
}

} // namespace orcinus

#endif // ORCINUS_LIB_SUPPORT_JSON_H
