//===- Column.h - Values of one's own or of others --------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_GRAPH_COLUMN_H
#define ORCINUS_GRAPH_COLUMN_H

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace orcinus {

/// A contiguous sequence of values, which lie in memory of its own or are
/// borrowed: of an array in another language, or of a mapped file. Reading
/// makes no difference between the two. What is borrowed is never written: the
/// first change copies it. A copy of a borrowed column borrows the same values.
template <typename T>
class Column {
public:
  using value_type = T;

  Column() = default;
  Column(std::vector<T> values) : values(std::move(values)) { show(); }
  Column(std::initializer_list<T> values) : values(values) { show(); }
  Column(const Column &other) : values(other.values), owner(other.owner) {
    show(other.view);
  }
  Column(Column &&other) noexcept
      : values(std::move(other.values)), owner(std::move(other.owner)) {
    show(other.view);
    other.clear();
  }
  Column &operator=(Column other) noexcept {
    values.swap(other.values);
    owner.swap(other.owner);
    std::swap(view, other.view);
    return *this;
  }

  /// Those at `values`, which stay what they are as long as `owner` lives; it
  /// is not null.
  static Column borrow(std::span<const T> values,
                       std::shared_ptr<const void> owner) {
    Column result;
    result.owner = std::move(owner);
    result.view = values;
    return result;
  }
  bool isBorrowed() const { return owner != nullptr; }

  size_t size() const { return view.size(); }
  bool empty() const { return view.empty(); }
  const T *data() const { return view.data(); }
  auto begin() const { return view.begin(); }
  auto end() const { return view.end(); }
  const T &operator[](size_t index) const { return view[index]; }
  const T &front() const { return view.front(); }
  const T &back() const { return view.back(); }
  size_t capacity() const { return owner ? 0 : values.capacity(); }
  friend bool operator==(const Column &left, const Column &right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end());
  }

  /// Calls `change` with the values as a vector, its own.
  template <typename Change>
  void modify(Change change) {
    // What is changed by a borrowed value is still there then.
    std::shared_ptr<const void> kept = owner;
    if (owner)
      values.assign(view.begin(), view.end());
    owner.reset();
    show();
    change(values);
    show();
  }
  void set(size_t index, const T &value) {
    modify([&](std::vector<T> &own) { own[index] = value; });
  }
  // As std::vector has it.
  // NOLINTNEXTLINE(readability-identifier-naming)
  void push_back(const T &value) {
    modify([&](std::vector<T> &own) { own.push_back(value); });
  }
  template <typename Range>
  void append(const Range &range) {
    modify([&](std::vector<T> &own) {
      own.insert(own.end(), std::begin(range), std::end(range));
    });
  }
  void reserve(size_t count) {
    modify([&](std::vector<T> &own) { own.reserve(count); });
  }
  void resize(size_t count) {
    modify([&](std::vector<T> &own) { own.resize(count); });
  }
  void clear() { *this = Column(); }

private:
  void show() { view = values; }
  void show(std::span<const T> borrowed) {
    if (owner)
      view = borrowed;
    else
      show();
  }

  std::vector<T> values;
  /// Of what is borrowed; null where the values are the column's own.
  std::shared_ptr<const void> owner;
  std::span<const T> view;
};

} // namespace orcinus

#endif // ORCINUS_GRAPH_COLUMN_H
