//===- FunctionModel.h - A program of given functions -----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TEST_UNIT_RUNTIME_FUNCTIONMODEL_H
#define TEST_UNIT_RUNTIME_FUNCTIONMODEL_H

#include "orcinus/Runtime/Compiler.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace orcinus::test {

/// A program that a test writes by hand: its functions by name.
class FunctionModel : public CompiledModel {
public:
  explicit FunctionModel(std::map<std::string, void *, std::less<>> functions)
      : functions(std::move(functions)) {}

  const std::string &manifest() const override { return text; }
  void *lookup(std::string_view symbol) const override {
    auto found = functions.find(symbol);
    return found == functions.end() ? nullptr : found->second;
  }
  const std::string &modelText() const override { return text; }
  const CompileOptions &options() const override { return compileOptions; }
  std::string_view objectCode() const override { return {}; }
  void useThreads(int) const override {}
  double compileSeconds() const override { return 0; }
  bool cacheHit() const override { return false; }

private:
  std::map<std::string, void *, std::less<>> functions;
  std::string text;
  CompileOptions compileOptions;
};

} // namespace orcinus::test

#endif // TEST_UNIT_RUNTIME_FUNCTIONMODEL_H
