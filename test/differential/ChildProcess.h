//===- ChildProcess.h - A child that may die --------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_DIFFERENTIAL_CHILDPROCESS_H
#define ORCINUS_TEST_DIFFERENTIAL_CHILDPROCESS_H

#include "Case.h"

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace orcinus::differential {

/// A copy of this process that runs one function, writes lines, and ends.
class ChildProcess {
public:
  /// In the child: the way to the parent.
  class Writer {
  public:
    explicit Writer(int descriptor) : descriptor(descriptor) {}
    /// One line; line ends within `text` become blanks.
    void write(std::string text);

  private:
    int descriptor;
  };

  explicit ChildProcess(const std::function<void(Writer &)> &body);
  /// Ends the child where it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess &) = delete;
  ChildProcess &operator=(const ChildProcess &) = delete;

  /// What becomes readable when there is a line, or the child has ended.
  int descriptor() const { return pipe; }

  /// The next line; nothing where none has come whole.
  std::optional<std::string> readLine();

  /// Whether the child has ended, and all that it wrote was read.
  bool hasEnded() const { return ended; }

  /// How it ended: crashed, or hung where its processor time ran out.
  Outcome death();

private:
  pid_t process = -1;
  int pipe = -1;
  std::string pending;
  bool ended = false;
};

/// Waits until one of `descriptors` can be read.
void waitForInput(const std::vector<int> &descriptors);

/// Ends this process when it has used so many more seconds of processor time,
/// or waited for very much longer.
void limitProcessorTime(int seconds);

} // namespace orcinus::differential

#endif // ORCINUS_TEST_DIFFERENTIAL_CHILDPROCESS_H
