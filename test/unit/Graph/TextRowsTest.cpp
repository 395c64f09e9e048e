//===- TextRowsTest.cpp - Rows and fields of a text file ------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Graph/TextRows.h"

#include <gtest/gtest.h>

using namespace orcinus;

namespace {

using Fields = std::vector<std::string>;

Fields split(std::string_view row, Separator separator) {
  FieldSplitter splitter(separator);
  std::vector<std::string_view> fields = splitter.split(row);
  return Fields(fields.begin(), fields.end());
}

std::vector<std::string> rowsOf(std::string_view text, Separator separator) {
  std::vector<std::string> result;
  for (TextRows rows(text, separator); rows.next();)
    result.emplace_back(rows.row());
  return result;
}

TEST(FieldSplitter, EachSeparator) {
  EXPECT_EQ(split("a, b ,,c,", Separator::Comma),
            (Fields{"a", "b", "", "c", ""}));
  EXPECT_EQ(split("a;b c;1,5", Separator::Semicolon),
            (Fields{"a", "b c", "1,5"}));
  EXPECT_EQ(split("a\t\tb c\t", Separator::Tab), (Fields{"a", "", "b c", ""}));
  EXPECT_EQ(split("  a \t b\tc ", Separator::Blank), (Fields{"a", "b", "c"}));
  EXPECT_EQ(split("", Separator::Comma), Fields());
}

TEST(FieldSplitter, QuotesOfRfc4180) {
  EXPECT_EQ(split(R"("a,b","c ""d""",e)", Separator::Comma),
            (Fields{"a,b", "c \"d\"", "e"}));
  EXPECT_EQ(split(R"( "a" , "" ,"""")", Separator::Comma),
            (Fields{"a", "", "\""}));
  EXPECT_EQ(split("\"a b\" c", Separator::Blank), (Fields{"a b", "c"}));
  // Quotes within a field, or before more of it, are ordinary characters.
  EXPECT_EQ(split(R"(5" disk,"x"y,z)", Separator::Comma),
            (Fields{"5\" disk", "\"x\"y", "z"}));
}

TEST(TextRows, QuotesHoldEndsOfLines) {
  EXPECT_EQ(rowsOf("a,\"b\nc\",d\ne,f,g\n", Separator::Comma),
            (Fields{"a,\"b\nc\",d", "e,f,g"}));
  EXPECT_EQ(rowsOf("a,\"b\"\"\nc\",d\n5\",x\ne\n", Separator::Comma),
            (Fields{"a,\"b\"\"\nc\",d", "5\",x", "e"}));
  TextRows rows("a,\"b\nc\"\nd,e\n", Separator::Comma);
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.line(), 1);
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.line(), 3);
}

TEST(TextRows, AnOpenQuoteIsSeen) {
  TextRows rows("a,\"b\nc,d\n", Separator::Comma);
  ASSERT_TRUE(rows.next());
  EXPECT_TRUE(rows.endsInQuotes());
  EXPECT_FALSE(rows.next());
}

TEST(TextRows, CountsCommentsBehindTheFirstRow) {
  TextRows rows("# one\na b c\n# two\n% three\nd e f\n", Separator::Blank);
  while (rows.next())
    ;
  EXPECT_EQ(rows.skippedComments(), 2);
}

TEST(TextRows, EmptyFieldsAtARowsEndAreFields) {
  EXPECT_EQ(rowsOf("a\tb\t\n", Separator::Tab), (Fields{"a\tb\t"}));
  EXPECT_EQ(rowsOf("a,b, \r\n", Separator::Comma), (Fields{"a,b,"}));
}

TEST(TextRows, RecognisesTheSeparator) {
  EXPECT_EQ(recogniseSeparator("a;b;c,d"), Separator::Semicolon);
  EXPECT_EQ(recogniseSeparator("a,b,\tc"), Separator::Comma);
  EXPECT_EQ(recogniseSeparator("a\tb c\td"), Separator::Tab);
  EXPECT_EQ(recogniseSeparator("a b 1,5"), Separator::Blank);
  EXPECT_EQ(recogniseSeparator("\"a;b;c\",d,e"), Separator::Comma);
  EXPECT_EQ(recogniseSeparator("a,b"), Separator::Comma);
  EXPECT_EQ(recogniseSeparator("a"), Separator::Blank);
}

TEST(TextRows, SmallNumbersAreZeroAndLargeOnesAreNot) {
  float value = 1;
  EXPECT_EQ(parseReal("1e-60", value), NumberKind::Valid);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(parseReal("1e60", value), NumberKind::OutOfRange);
}

} // namespace
