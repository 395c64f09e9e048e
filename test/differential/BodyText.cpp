//===- BodyText.cpp - What iterations compute, as text --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyText.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

using namespace orcinus;
using namespace orcinus::differential;

namespace {

/// Lines of a body of float elements of type T, its inputs `%x` and `%y`, its
/// result `%z`; `C` is the constant.
const std::map<std::string, std::vector<std::string>> &floatBodies() {
  static const std::map<std::string, std::vector<std::string>> bodies = {
      {"copy", {"linalg.yield %x : T"}},
      {"relu",
       {"%k = arith.constant 0.0 : T", "%v = arith.maximumf %x, %k : T",
        "linalg.yield %v : T"}},
      {"relu_select",
       {"%k = arith.constant 0.0 : T", "%p = arith.cmpf ugt, %x, %k : T",
        "%v = arith.select %p, %x, %k : T", "linalg.yield %v : T"}},
      {"exp", {"%v = math.exp %x : T", "linalg.yield %v : T"}},
      {"tanh", {"%v = math.tanh %x : T", "linalg.yield %v : T"}},
      {"sigmoid",
       {"%k = arith.constant 1.0 : T", "%n = arith.negf %x : T",
        "%e = math.exp %n : T", "%d = arith.addf %e, %k : T",
        "%v = arith.divf %k, %d : T", "linalg.yield %v : T"}},
      {"gelu",
       {"%h = arith.constant 0.5 : T", "%k = arith.constant 1.0 : T",
        "%r = arith.constant 0.70703125 : T", "%s = arith.mulf %x, %r : T",
        "%e = math.erf %s : T", "%a = arith.addf %e, %k : T",
        "%m = arith.mulf %x, %a : T", "%v = arith.mulf %m, %h : T",
        "linalg.yield %v : T"}},
      {"square", {"%v = arith.mulf %x, %x : T", "linalg.yield %v : T"}},
      {"rsqrt",
       {"%k = arith.constant C : T", "%a = math.absf %x : T",
        "%s = arith.addf %a, %k : T", "%v = math.rsqrt %s : T",
        "linalg.yield %v : T"}},
      {"scale",
       {"%k = arith.constant C : T", "%v = arith.mulf %x, %k : T",
        "linalg.yield %v : T"}},
      {"shift",
       {"%k = arith.constant C : T", "%v = arith.addf %x, %k : T",
        "linalg.yield %v : T"}},
      {"negate", {"%v = arith.negf %x : T", "linalg.yield %v : T"}},
      {"add", {"%v = arith.addf %x, %y : T", "linalg.yield %v : T"}},
      {"subtract", {"%v = arith.subf %x, %y : T", "linalg.yield %v : T"}},
      {"multiply", {"%v = arith.mulf %x, %y : T", "linalg.yield %v : T"}},
      {"divide",
       {"%k = arith.constant 1.0 : T", "%a = math.absf %y : T",
        "%d = arith.addf %a, %k : T", "%v = arith.divf %x, %d : T",
        "linalg.yield %v : T"}},
      {"maximum", {"%v = arith.maximumf %x, %y : T", "linalg.yield %v : T"}},
      {"sum", {"%v = arith.addf %x, %z : T", "linalg.yield %v : T"}},
      {"sum_squares",
       {"%m = arith.mulf %x, %x : T", "%v = arith.addf %m, %z : T",
        "linalg.yield %v : T"}},
      {"largest", {"%v = arith.maximumf %x, %z : T", "linalg.yield %v : T"}},
      {"smallest", {"%v = arith.minimumf %z, %x : T", "linalg.yield %v : T"}},
  };
  return bodies;
}

std::string replaceAll(std::string text, const std::string &from,
                       const std::string &to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// The sum of products, its factors extended where they are narrower.
std::string productSum(const std::vector<ElementType> &types, bool swapped) {
  std::string text, left = "%x", right = "%y";
  std::string type(nameOf(types.back()));
  bool isInteger = !isFloat(types.back());
  if (types[0] != types.back()) {
    text += fmt::format("    %xw = arith.{0} %x : {1} to {2}\n"
                        "    %yw = arith.{0} %y : {1} to {2}\n",
                        isInteger ? "extsi" : "extf", nameOf(types[0]), type);
    left = "%xw";
    right = "%yw";
  }
  if (swapped)
    std::swap(left, right);
  const char *suffix = isInteger ? "i" : "f";
  text += fmt::format("    %m = arith.mul{} {}, {} : {}\n", suffix, left, right,
                      type);
  text += fmt::format("    %v = arith.add{} {} : {}\n", suffix,
                      swapped ? "%m, %z" : "%z, %m", type);
  return text + fmt::format("    linalg.yield %v : {}\n", type);
}

} // namespace

std::string differential::constantText(double value, ElementType type) {
  if (!isFloat(type))
    return std::to_string(static_cast<int64_t>(value));
  return fmt::format("{:.6e}", value);
}

std::string differential::bodyText(const std::string &body,
                                   const std::vector<ElementType> &types,
                                   double constant) {
  static const char *const names[] = {"%x", "%y"};
  std::vector<std::string> arguments;
  for (size_t at = 0; at < types.size(); ++at)
    arguments.push_back(fmt::format("{}: {}",
                                    at + 1 == types.size() ? "%z" : names[at],
                                    nameOf(types[at])));
  std::string text = fmt::format("  ^bb0({}):\n", fmt::join(arguments, ", "));
  if (body.starts_with("product_sum"))
    return text + productSum(types, body == "product_sum_swapped");
  std::string type(nameOf(types.back()));
  for (std::string line : floatBodies().at(body)) {
    line = replaceAll(line, " C ",
                      " " + constantText(constant, types.back()) + " ");
    line = replaceAll(line, ": T", ": " + type);
    if (!isFloat(types.back()))
      line = replaceAll(replaceAll(line, "addf", "addi"), "mulf", "muli");
    text += "    " + line + "\n";
  }
  return text;
}
