//===- ParseModule.cpp - Read modules that anyone wrote -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/Pipelines/ParseModule.h"

#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBufferRef.h"

using namespace mlir;

namespace {

/// Finds lists of linalg's ops that hold what libMLIR does not expect.
class ListCheck {
public:
  struct Fault {
    size_t place;
    std::string message;
  };

  explicit ListCheck(StringRef text) : text(text) {}

  /// The first; nothing where there is none.
  std::optional<Fault> run() {
    // Whether an op is in its generic form, `<{iterator_types = …}>`, in which
    // elements are attributes that libMLIR checks.
    SmallVector<bool> isGeneric;
    while (at < text.size()) {
      StringRef rest = text.drop_front(at);
      if (rest.starts_with("//")) {
        skipTrivia();
      } else if (rest.front() == '"') {
        skipString();
      } else if (size_t length = wordLength(rest)) {
        at += length;
        StringRef word = rest.take_front(length);
        bool isChecked = !isGeneric.empty() && isGeneric.back();
        if (word == "iterator_types" && !isChecked && !isListOfStrings())
          return fault("iterator_types must be a list of strings, such as "
                       "\"parallel\"");
        if ((word == "dimensions" || word == "permutation") &&
            !isListOfNumbers())
          return fault(word + " must be a list of integers of 64 bits");
      } else {
        if (rest.front() == '{')
          isGeneric.push_back(at != 0 && text[at - 1] == '<');
        if (rest.front() == '}' && !isGeneric.empty())
          isGeneric.pop_back();
        ++at;
      }
    }
    return std::nullopt;
  }

private:
  Fault fault(const Twine &message) const {
    return {std::min(at, text.size() - 1), message.str()};
  }

  static size_t wordLength(StringRef from) {
    return from.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; })
        .size();
  }

  /// Passes white space and comments.
  void skipTrivia() {
    while (at < text.size()) {
      if (llvm::isSpace(text[at]))
        ++at;
      else if (text.drop_front(at).starts_with("//"))
        at = std::min(text.find('\n', at), text.size());
      else
        return;
    }
  }

  void skipString() {
    for (++at; at < text.size() && text[at] != '"'; ++at)
      at += text[at] == '\\';
    ++at;
  }

  bool take(char expected) {
    skipTrivia();
    if (at >= text.size() || text[at] != expected)
      return false;
    ++at;
    return true;
  }

  /// Whether it is a list of strings; what is no attribute at all, libMLIR
  /// says.
  bool isListOfStrings() {
    if (!take('='))
      return true;
    if (!take('['))
      return false;
    while (!take(']')) {
      if (at >= text.size() || text[at] != '"')
        return false;
      skipString();
      if (!take(','))
        return take(']');
    }
    return true;
  }

  /// Whether it is one, if it is a list.
  bool isListOfNumbers() {
    if (!take('=') || !take('['))
      return true;
    while (!take(']')) {
      take('-');
      StringRef digits = text.substr(
          at, wordLength(text.drop_front(std::min(at, text.size()))));
      int64_t number = 0;
      if (digits.getAsInteger(/*Radix=*/0, number))
        return false;
      at += digits.size();
      if (!take(','))
        return take(']');
    }
    return true;
  }

  StringRef text;
  size_t at = 0;
};

} // namespace

OwningOpRef<ModuleOp> orcinus::parseModule(StringRef text, MLIRContext &context,
                                           StringRef name) {
  if (!isBytecode(llvm::MemoryBufferRef(text, name)))
    if (std::optional<ListCheck::Fault> fault = ListCheck(text).run()) {
      StringRef before = text.take_front(fault->place);
      size_t column = before.size() - (before.rfind('\n') + 1) + 1;
      emitError(
          FileLineColLoc::get(&context, name, before.count('\n') + 1, column))
          << fault->message;
      return {};
    }
  // libMLIR's lexer looks for the zero behind the text.
  return parseSourceString<ModuleOp>(text.str(), ParserConfig(&context), name);
}
