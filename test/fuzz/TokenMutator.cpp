//===- TokenMutator.cpp - Mutations of texts by their tokens --------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// libFuzzer mutates bytes, of which next to none survive a parser of JSON or of
// MLIR: what is behind the parser is hardly reached. Most mutations are
// made here instead: a token becomes another one of its kind, a number or a
// string a literal of any kind, a line comes twice, goes, or moves.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t largest);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t largest, unsigned seed);

namespace {

using Random = std::minstd_rand;

enum class TokenKind { Word, Number, String, Value, Symbol, Other };

struct Token {
  TokenKind kind;
  std::string text;
};

} // namespace

static bool isDigit(char character) {
  return character >= '0' && character <= '9';
}

static bool isWordCharacter(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) ||
         character == '_' || character == '.';
}

static TokenKind kindOf(char first) {
  if (isDigit(first))
    return TokenKind::Number;
  if (first == '"')
    return TokenKind::String;
  if (first == '%')
    return TokenKind::Value;
  if (first == '@' || first == '#' || first == '!')
    return TokenKind::Symbol;
  return isWordCharacter(first) ? TokenKind::Word : TokenKind::Other;
}

/// The end of the token of `kind` that begins at `at`. The digits before the
/// `x` of a shape are a token, and so are those behind it.
static size_t endOfToken(std::string_view text, size_t at, TokenKind kind) {
  auto endOf = [&](auto isPart) {
    size_t end = at + 1;
    while (end < text.size() && isPart(text[end]))
      ++end;
    return end;
  };
  if (kind == TokenKind::String)
    return std::min(text.size(), endOf([](char each) {
                                   return each != '"' && each != '\n';
                                 }) + 1);
  if (kind == TokenKind::Number)
    return endOf(isDigit);
  return kind == TokenKind::Other || text[at] == 'x' ? at + 1
                                                     : endOf(isWordCharacter);
}

/// `text` as tokens, which joined make it again.
static std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  for (size_t at = 0; at < text.size();) {
    TokenKind kind = kindOf(text[at]);
    size_t end = endOfToken(text, at, kind);
    tokens.push_back({kind, std::string(text.substr(at, end - at))});
    at = end;
  }
  return tokens;
}

static size_t below(Random &random, size_t count) {
  return count == 0 ? 0 : random() % count;
}

/// Values at the ends of ranges, and of other types than one would expect.
static std::string anyLiteral(Random &random) {
  constexpr std::array literals = {"0",
                                   "1",
                                   "2",
                                   "3",
                                   "7",
                                   "8",
                                   "16",
                                   "17",
                                   "63",
                                   "64",
                                   "1024",
                                   "-1",
                                   "?",
                                   "0.5",
                                   "1e300",
                                   "2147483647",
                                   "2147483648",
                                   "4294967301",
                                   "9223372036854775807",
                                   "9223372036854775808",
                                   "18446744073709551616",
                                   "null",
                                   "true",
                                   "\"\"",
                                   "\"\\n\"",
                                   "[]",
                                   "{}"};
  return literals[below(random, literals.size())];
}

static std::string otherNumber(const std::string &number, Random &random) {
  int value = 0;
  const char *end = number.data() + number.size();
  auto [rest, error] = std::from_chars(number.data(), end, value);
  if (random() % 2 || error != std::errc() || rest != end)
    return anyLiteral(random);
  return std::to_string(int64_t(value) + (random() % 2 ? 1 : -1));
}

/// A place in `tokens` whose kind is drawn first: types have the most tokens by
/// far, and next to none of them can be exchanged. The end where there is none.
static size_t drawPlace(const std::vector<Token> &tokens, Random &random) {
  constexpr std::array kinds = {TokenKind::Number, TokenKind::Number,
                                TokenKind::String, TokenKind::Value,
                                TokenKind::Symbol, TokenKind::Word};
  TokenKind kind = kinds[below(random, kinds.size())];
  std::vector<size_t> places;
  for (size_t at = 0; at < tokens.size(); ++at)
    if (tokens[at].kind == kind)
      places.push_back(at);
  return places.empty() ? tokens.size() : places[below(random, places.size())];
}

/// Puts another token of its kind, or a literal, in the place of one.
static void replaceToken(std::vector<Token> &tokens, Random &random) {
  size_t place = drawPlace(tokens, random);
  if (place == tokens.size())
    return;
  Token &token = tokens[place];
  if (token.kind == TokenKind::Number && random() % 4) {
    token.text = otherNumber(token.text, random);
    return;
  }
  if (token.kind == TokenKind::String && random() % 4 == 0) {
    token.text = anyLiteral(random);
    return;
  }
  std::vector<const Token *> others;
  for (const Token &each : tokens)
    if (each.kind == token.kind && each.text != token.text)
      others.push_back(&each);
  if (!others.empty())
    token.text = others[below(random, others.size())]->text;
}

/// Doubles, removes or moves a line.
static std::string changeLine(std::string_view text, Random &random) {
  std::vector<std::string> lines(1);
  for (char character : text) {
    lines.back() += character;
    if (character == '\n')
      lines.emplace_back();
  }
  size_t at = below(random, lines.size());
  std::string line = lines[at];
  if (random() % 3 != 0)
    lines.erase(lines.begin() + at);
  if (random() % 3 != 0)
    lines.insert(lines.begin() + below(random, lines.size() + 1), line);
  std::string result;
  for (const std::string &each : lines)
    result += each;
  return result;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t largest,
                               unsigned seed) {
  Random random(seed + 1);
  if (random() % 4 == 0)
    return LLVMFuzzerMutate(data, size, largest);
  std::string text(reinterpret_cast<const char *>(data), size);
  if (random() % 8 == 0) {
    text = changeLine(text, random);
  } else {
    std::vector<Token> tokens = tokenize(text);
    for (size_t changes = 1 + (random() % 3 == 0); changes > 0; --changes)
      replaceToken(tokens, random);
    text.clear();
    for (const Token &token : tokens)
      text += token.text;
  }
  size_t kept = std::min(text.size(), largest);
  std::memcpy(data, text.data(), kept);
  return kept;
}
