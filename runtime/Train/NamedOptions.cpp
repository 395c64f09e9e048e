//===- NamedOptions.cpp - Options by their names --------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/NamedOptions.h"

#include "lib/Support/ByteCount.h"
#include "runtime/Train/RunOptions.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <sstream>
#include <type_traits>

using namespace orcinus;

static std::string checkLateEvents(const std::string &text) {
  return checkOneOf(text, "refuse clamp");
}

/// Calls `visit(option, group, field)` with what RunOptions.h does not list.
template <typename Visit, typename Options>
static void visitOtherOptions(Visit &visit, Options &all) {
  auto give = [&](const char *flags, OptionGroup group, const char *help,
                  auto &field, double least = 0,
                  double most = std::numeric_limits<double>::max()) {
    visit(RunOption{flags, flags, OptionRole::Setting, help, least, most},
          group, field);
  };
  give("--columns", OptionGroup::Load,
       "The columns of a plain text file, a letter each: u source, v "
       "destination, t time, f edge feature, - not used; or auto",
       all.load.columns);
  give("--sort", OptionGroup::Load,
       "Sort events by time where they are not sorted", all.load.sort);
  give("--time-unit", OptionGroup::Load,
       "What times that are numbers count: s, ms, us, ns, min, h, d, or auto",
       all.load.timeUnit);
  give("--features", OptionGroup::Load,
       "Columns that are edge features: auto, all, or names between commas",
       all.load.features);
  give("--categories", OptionGroup::Load,
       "Columns of text with one feature for each text", all.load.categories);
  give("--category-codes", OptionGroup::Load,
       "Columns of text with one feature, the text's number",
       all.load.categoryCodes);
  give("--label-columns", OptionGroup::Load, "Columns of labels",
       all.load.labels);
  give("--cache-dir", OptionGroup::Compile, "Where compiled code is kept",
       all.compile.cacheDirectory);
  give("--cache", OptionGroup::Compile, "Whether compiled code is kept",
       all.compile.useCache);
  give("--block-size", OptionGroup::Session,
       "Events that states take in at once; 0 for the checkpoint's evaluation "
       "batch size",
       all.session.blockSize, 0, 1 << 20);
  std::string late =
      all.session.lateEvents == LateEvents::Refuse ? "refuse" : "clamp";
  visit(RunOption{"--late-events", "--late-events", OptionRole::Setting,
                  "What becomes of events before the newest: refuse, or clamp "
                  "to its time",
                  0, 0, checkLateEvents},
        OptionGroup::Session, late);
  if constexpr (!std::is_const_v<Options>)
    all.session.lateEvents =
        late == "refuse" ? LateEvents::Refuse : LateEvents::ClampToNewest;
}

template <typename Visit, typename Options>
static void visitAll(Visit &visit, Options &all) {
  auto of = [&](OptionGroup group) {
    return [&visit, group](const RunOption &option, auto &field) {
      visit(option, group, field);
    };
  };
  visitCompileOptions(of(OptionGroup::Compile), all.compile);
  visitTrainOptions(of(OptionGroup::Train), all.train);
  visitOtherOptions(visit, all);
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
  void operator()(const RunOption &option, OptionGroup, Field &field) {
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

/// A value as Setter takes it.
template <typename T>
std::string print(const std::optional<T> &field);
std::string print(bool field) { return field ? "true" : "false"; }
std::string print(const std::string &field) { return field; }
template <typename T>
  requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
std::string print(T field) {
  char text[32];
  auto [end, error] = std::to_chars(text, text + sizeof(text), field);
  return {text, end};
}
template <typename T>
std::string print(const std::optional<T> &field) {
  return field ? print(*field) : "";
}

struct Getter {
  std::string_view name;
  std::optional<std::string> value = {};

  template <typename Field>
  void operator()(const RunOption &option, OptionGroup, const Field &field) {
    if (!nameOf(option).empty() && nameOf(option) == name)
      value = print(field);
  }
};

struct Describer {
  std::vector<OptionDescription> all = {};

  template <typename Field>
  void operator()(const RunOption &option, OptionGroup group,
                  const Field &field) {
    if (!nameOf(option).empty())
      all.push_back({std::string(nameOf(option)), group, option.help,
                     option.defaultText ? option.defaultText : print(field)});
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

std::vector<OptionDescription> NamedOptions::describe() {
  const NamedOptions defaults;
  Describer describer;
  visitAll(describer, defaults);
  std::stable_sort(describer.all.begin(), describer.all.end(),
                   [](const OptionDescription &a, const OptionDescription &b) {
                     return a.group < b.group;
                   });
  return std::move(describer.all);
}
