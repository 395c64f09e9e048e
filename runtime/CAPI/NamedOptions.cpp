//===- NamedOptions.cpp - Options by their names --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/CAPI/NamedOptions.h"

#include "lib/Support/ByteCount.h"
#include "runtime/Train/RunOptions.h"

#include <charconv>
#include <limits>
#include <optional>
#include <sstream>
#include <type_traits>

using namespace orcinus;

static std::string checkLateEvents(const std::string &text) {
  return checkOneOf(text, "refuse clamp");
}

/// Calls `visit(option, field)` with what RunOptions.h does not list.
template <typename Visit, typename Options>
static void visitOtherOptions(Visit visit, Options &all) {
  auto give = [&](const char *flags, auto &field, double least = 0,
                  double most = std::numeric_limits<double>::max()) {
    visit(RunOption{flags, flags, OptionRole::Setting, "", least, most}, field);
  };
  give("--columns", all.load.columns);
  give("--sort", all.load.sort);
  give("--time-unit", all.load.timeUnit);
  give("--features", all.load.features);
  give("--categories", all.load.categories);
  give("--category-codes", all.load.categoryCodes);
  give("--label-columns", all.load.labels);
  give("--cache-dir", all.compile.cacheDirectory);
  give("--cache", all.compile.useCache);
  give("--block-size", all.session.blockSize, 0, 1 << 20);
  std::string late =
      all.session.lateEvents == LateEvents::Refuse ? "refuse" : "clamp";
  visit(RunOption{"--late-events", "--late-events", OptionRole::Setting, "", 0,
                  0, checkLateEvents},
        late);
  if constexpr (!std::is_const_v<Options>)
    all.session.lateEvents =
        late == "refuse" ? LateEvents::Refuse : LateEvents::ClampToNewest;
}

template <typename Visit, typename Options>
static void visitAll(Visit &visit, Options &all) {
  auto each = [&](const RunOption &option, auto &field) {
    visit(option, field);
  };
  visitCompileOptions(each, all.compile);
  visitTrainOptions(each, all.train);
  visitOtherOptions(each, all);
}

/// The first of its names on the command line, without "--"; empty for one that
/// it does not have.
static std::string_view nameOf(const RunOption &option) {
  std::string_view flags = option.flags ? option.flags : "";
  flags = flags.substr(0, flags.find(','));
  return flags.substr(std::min<size_t>(2, flags.size()));
}

static Status rejects(const RunOption &option, std::string_view value,
                      const std::string &why) {
  return Status::error("option '" + std::string(nameOf(option)) + "': '" +
                       std::string(value) + "' " + why);
}

namespace {

struct Setter {
  std::string_view name;
  std::string_view value;
  bool found = false;
  Status status = {};
  std::string known = {};

  template <typename Field>
  void operator()(const RunOption &option, Field &field) {
    std::string_view own = nameOf(option);
    if (own.empty())
      return;
    known += (known.empty() ? "" : ", ") + std::string(own);
    if (own != name)
      return;
    found = true;
    status = option.isBytes ? storeBytes(option, field) : store(option, field);
  }

private:
  template <typename T>
  Status store(const RunOption &option, std::optional<T> &field) {
    T given{};
    Status stored = store(option, given);
    if (stored.ok())
      field = given;
    return stored;
  }

  /// Stores a number of bytes by its digits.
  template <typename Field>
  Status storeBytes(const RunOption &option, Field &field) {
    StatusOr<int64_t> bytes = parseByteCount(value);
    if (!bytes.ok())
      return bytes.status().within("option '" + std::string(name) + "'");
    std::string digits = std::to_string(*bytes);
    value = digits;
    return store(option, field);
  }

  Status store(const RunOption &option, bool &field) {
    if (value != "true" && value != "false")
      return rejects(option, value, "is neither true nor false");
    field = value == "true";
    return Status();
  }

  template <typename T>
    requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
  Status store(const RunOption &option, T &field) {
    T given{};
    const char *end = value.data() + value.size();
    auto [rest, error] = std::from_chars(value.data(), end, given);
    if (error != std::errc() || rest != end || !(given >= T(option.least)) ||
        !(static_cast<double>(given) <= option.most)) {
      std::ostringstream range;
      range << "is not a " << (std::is_integral_v<T> ? "whole " : "")
            << "number of at least " << option.least;
      if (option.most != std::numeric_limits<double>::max())
        range << " and at most " << option.most;
      return rejects(option, value, range.str());
    }
    field = given;
    return Status();
  }

  Status store(const RunOption &option, std::string &field) {
    std::string given(value);
    if (std::string why = option.check ? option.check(given) : ""; !why.empty())
      return Status::error("option '" + std::string(name) + "': " + why);
    field = std::move(given);
    return Status();
  }
};

struct Getter {
  std::string_view name;
  std::optional<std::string> value = {};

  template <typename Field>
  void operator()(const RunOption &option, const Field &field) {
    if (!nameOf(option).empty() && nameOf(option) == name)
      value = print(field);
  }

private:
  template <typename T>
  static std::string print(const std::optional<T> &field) {
    return field ? print(*field) : "";
  }
  static std::string print(bool field) { return field ? "true" : "false"; }
  static std::string print(const std::string &field) { return field; }
  template <typename T>
    requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
  static std::string print(T field) {
    char text[32];
    auto [end, error] = std::to_chars(text, text + sizeof(text), field);
    return {text, end};
  }
};

} // namespace

Status NamedOptions::set(std::string_view name, std::string_view value) {
  Setter setter{name, value};
  visitAll(setter, *this);
  if (!setter.found)
    return Status::error("no option '" + std::string(name) +
                         "'; there are: " + setter.known);
  return setter.status;
}

StatusOr<std::string> NamedOptions::get(std::string_view name) const {
  Getter getter{name};
  visitAll(getter, *this);
  if (!getter.value)
    return Status::error("no option '" + std::string(name) + "'");
  return *getter.value;
}
