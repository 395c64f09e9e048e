//===- NumberOption.h - Options that are numbers ----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TOOLS_ORCINUS_NUMBEROPTION_H
#define TOOLS_ORCINUS_NUMBEROPTION_H

#include "lib/Support/ByteCount.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace orcinus {

/// The type of the numbers in a field, which may be optional or a list.
template <typename T>
struct NumberIn {
  using type = T;
};
template <typename T>
struct NumberIn<std::optional<T>> {
  using type = T;
};

template <typename T>
struct NumberIn<std::vector<T>> {
  using type = T;
};

/// Takes a text that is a number of type `T` from `least` to `most`, and
/// nothing else: no sign where none may be, no blank, no nan or inf.
template <typename T>
CLI::Validator numberFrom(T least, T most) {
  bool bounded = most != std::numeric_limits<T>::max();
  const char *kind = std::is_integral_v<T> ? "a whole number" : "a number";
  std::string range = bounded || std::is_integral_v<T>
                          ? fmt::format("from {} to {}", least, most)
                          : fmt::format("of at least {}", least);
  auto read = [=](std::string &text) -> std::string {
    T value{};
    const char *end = text.data() + text.size();
    auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || rest != end || !(value >= least) ||
        !(value <= most))
      return fmt::format("'{}' is not {} {}", text, kind, range);
    // Without leading zeros, which would be read as octal.
    if constexpr (std::is_integral_v<T>)
      text = std::to_string(value);
    return {};
  };
  return CLI::Validator(read, bounded ? range : "");
}

/// Adds an option that is a number from `least` to `most`.
template <typename Field, typename T = typename NumberIn<Field>::type>
CLI::Option *addNumber(CLI::App &command, const std::string &flags,
                       Field &field, std::type_identity_t<T> least,
                       std::type_identity_t<T> most, const std::string &help) {
  return command.add_option(flags, field, help)
      ->transform(numberFrom<T>(least, most));
}

/// The same for any number that is not negative.
template <typename Field, typename T = typename NumberIn<Field>::type>
CLI::Option *addNumber(CLI::App &command, const std::string &flags,
                       Field &field, const std::string &help) {
  return addNumber(command, flags, field, T(0), std::numeric_limits<T>::max(),
                   help);
}

/// Takes a text that is a number of bytes, with or without a unit, and makes it
/// digits.
inline CLI::Validator byteCount() {
  auto read = [](std::string &text) -> std::string {
    StatusOr<int64_t> bytes = parseByteCount(text);
    if (bytes.ok())
      text = std::to_string(*bytes);
    return bytes.message();
  };
  return CLI::Validator(read, "");
}

} // namespace orcinus

#endif // TOOLS_ORCINUS_NUMBEROPTION_H
