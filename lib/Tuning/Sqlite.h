//===- Sqlite.h - SQLite statements without exceptions ----------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_LIB_TUNING_SQLITE_H
#define ORCINUS_LIB_TUNING_SQLITE_H

#include "orcinus/Support/Status.h"

#include <cstdint>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace orcinus {

/// The file of `handle`, in quotes, for messages.
std::string quotedFile(sqlite3 *handle);

/// The error that `handle` had last, with the file's name.
Status sqliteError(sqlite3 *handle, std::string_view action);

/// Runs statements that take nothing and return nothing.
Status executeSql(sqlite3 *handle, const std::string &sql);

/// One prepared statement with its arguments bound.
class SqlStatement {
public:
  /// `arguments` are the statement's `?`, in order.
  template <typename... Arguments>
  SqlStatement(sqlite3 *handle, const std::string &sql,
               const Arguments &...arguments)
      : handle(handle) {
    result = sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr);
    int position = 0;
    (bind(++position, arguments), ...);
  }
  SqlStatement(const SqlStatement &) = delete;
  SqlStatement &operator=(const SqlStatement &) = delete;
  ~SqlStatement() { sqlite3_finalize(statement); }

  /// Goes to the next row; false after the last, or on an error.
  bool next() {
    if (result == SQLITE_OK || result == SQLITE_ROW)
      result = sqlite3_step(statement);
    return result == SQLITE_ROW;
  }

  /// The error that ended the rows, where one did.
  Status status() const {
    if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE)
      return Status();
    return sqliteError(handle, "use");
  }

  sqlite3 *database() const { return handle; }

  std::string text(int column) const {
    const auto *characters = sqlite3_column_text(statement, column);
    return characters ? reinterpret_cast<const char *>(characters) : "";
  }
  int64_t integer(int column) const {
    return sqlite3_column_int64(statement, column);
  }
  double real(int column) const {
    return sqlite3_column_double(statement, column);
  }

private:
  void bind(int position, std::string_view value) {
    sqlite3_bind_text(statement, position, value.data(),
                      static_cast<int>(value.size()), SQLITE_TRANSIENT);
  }
  void bind(int position, double value) {
    sqlite3_bind_double(statement, position, value);
  }
  void bind(int position, int64_t value) {
    sqlite3_bind_int64(statement, position, value);
  }

  sqlite3 *handle;
  sqlite3_stmt *statement = nullptr;
  int result;
};

} // namespace orcinus

#endif // ORCINUS_LIB_TUNING_SQLITE_H
