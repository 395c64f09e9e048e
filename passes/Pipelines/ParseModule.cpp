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
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBufferRef.h"

using namespace mlir;

namespace {

/// Finds what libMLIR's parsers of linalg's ops do not expect: in
/// `linalg.generic {…}`, an `iterator_types` that is no list of strings; behind
/// the operands of others, a `dimensions` or a `permutation` that is no list of
/// integers. Ops in the generic form have quotes, and are checked by libMLIR.
class ListCheck {
public:
  struct Fault {
    size_t place;
    std::string message;
  };

  explicit ListCheck(StringRef text) : text(text) {}

  /// The first; nothing where there is none.
  std::optional<Fault> run() {
    while (at < text.size()) {
      StringRef token = next();
      if (token == "linalg.generic") {
        if (!checkTraits())
          return fault("iterator_types must be a list of strings, such as "
                       "\"parallel\"");
      } else if (token == "linalg.broadcast" || token == "linalg.reduce" ||
                 token == "linalg.transpose") {
        if (!checkDimensions())
          return fault("dimensions and permutation must be lists of integers "
                       "of 64 bits");
      }
    }
    return std::nullopt;
  }

private:
  Fault fault(const Twine &message) const {
    return {std::min(at, text.size() - 1), message.str()};
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

  /// The next token, a string or a name with what its kind starts with, or one
  /// character; empty at the end.
  StringRef next() {
    skipTrivia();
    size_t begin = at;
    if (at >= text.size())
      return {};
    char first = text[at++];
    auto isOfName = [](char c) {
      return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$';
    };
    if (first == '"') {
      while (at < text.size() && text[at] != '"')
        at += text[at] == '\\' ? 2 : 1;
      at = std::min(at + 1, text.size());
    } else if (isOfName(first) || StringRef("%#@!^").contains(first)) {
      while (at < text.size() && isOfName(text[at]))
        ++at;
    }
    return text.slice(begin, at);
  }

  /// The next token, which stays the next.
  StringRef peek() {
    size_t here = at;
    StringRef token = next();
    at = here;
    skipTrivia();
    return token;
  }

  /// Passes tokens up to the bracket that closes the one that was read.
  void skipBrackets() {
    for (int depth = 1; depth != 0 && at < text.size();) {
      StringRef token = next();
      if (token == "(" || token == "[" || token == "{")
        ++depth;
      else if (token == ")" || token == "]" || token == "}")
        --depth;
    }
  }

  /// Reads what `alias` stands for with `check`, and comes back; true where it
  /// stands for nothing, which libMLIR says. `checked` are those that were read
  /// so: each is once, also one that stands for itself.
  bool checkAlias(StringRef alias, llvm::StringSet<> &checked,
                  llvm::function_ref<bool()> check) {
    if (!checked.insert(alias).second)
      return true;
    size_t here = at;
    for (at = 0; at < text.size();)
      if (next() == alias && peek() == "=") {
        next();
        if (!check())
          return false;
        at = here;
        return true;
      }
    at = here;
    return true;
  }

  /// The dictionary of a `linalg.generic`, or what it is called.
  bool checkTraits() {
    StringRef token = peek();
    if (token.starts_with("#")) {
      next();
      return checkAlias(token, traits, [&] { return checkTraits(); });
    }
    if (token != "{")
      return true;
    next();
    while (at < text.size() && peek() != "}") {
      StringRef key = next();
      // Whatever a name with escapes is.
      if (key.starts_with("\"") && key.contains('\\'))
        return false;
      bool isList = key.trim('"') == "iterator_types";
      if (peek() == "=") {
        next();
        if (isList && !checkStrings())
          return false;
      }
      while (at < text.size() && peek() != "," && peek() != "}")
        if (StringRef token = next();
            token == "(" || token == "[" || token == "{")
          skipBrackets();
      if (peek() == ",")
        next();
    }
    return true;
  }

  bool checkStrings() {
    StringRef token = peek();
    if (token.starts_with("#")) {
      next();
      return checkAlias(token, lists, [&] { return checkStrings(); });
    }
    if (token != "[")
      return false;
    next();
    while (peek() != "]") {
      if (!peek().starts_with("\""))
        return false;
      next();
      // A string may have a type.
      while (at < text.size() && peek() != "," && peek() != "]")
        next();
      if (peek() == ",")
        next();
    }
    next();
    return true;
  }

  /// The rest of an op that has them behind its operands.
  bool checkDimensions() {
    while (at < text.size()) {
      StringRef token = peek();
      if (token == "dimensions" || token == "permutation") {
        next();
        if (peek() != "=")
          return true;
        next();
        return checkIntegers();
      }
      if (token == "(" || token == "[" || token == "{") {
        next();
        skipBrackets();
      } else if (token == "ins" || token == "outs") {
        next();
      } else {
        return true;
      }
    }
    return true;
  }

  bool checkIntegers() {
    if (peek() != "[")
      return false;
    next();
    while (peek() != "]") {
      if (peek() == "-")
        next();
      StringRef digits = peek();
      bool isHexadecimal = digits.consume_front("0x");
      int64_t number = 0;
      if (digits.getAsInteger(isHexadecimal ? 16 : 10, number))
        return false;
      next();
      if (peek() == ",")
        next();
      else if (peek() != "]")
        return false;
    }
    return true;
  }

  StringRef text;
  size_t at = 0;
  llvm::StringSet<> traits, lists;
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
