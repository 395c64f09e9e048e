//===- Report.h - What checked kernels do wrong -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_SIMULATOR_REPORT_H
#define ORCINUS_RUNTIME_SIMULATOR_REPORT_H

#include "orcinus/Support/Status.h"

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace orcinus {

/// A mistake of a kernel, found while it ran.
struct SimulatorReport {
  enum class Kind {
    /// Two threads of a block access a word of workgroup memory with no barrier
    /// between them, one writes it, and not both are atomic.
    WorkgroupRace,
    /// The same of global memory, where blocks are never ordered.
    GlobalRace,
    /// An index that its memref does not have. The access was not made and its
    /// thread went no further.
    OutOfBounds,
    /// A vector at an address that is no multiple of what its access needs. The
    /// access was not made and its thread went no further.
    Misaligned,
    /// A barrier that some threads of the block never reach. The block went no
    /// further.
    BarrierDivergence,
    /// The same of a shuffle and the lanes that take part in it, or one that
    /// reads a lane that is not there.
    ShuffleDivergence,
    /// A read of workgroup memory that its block has not written.
    UninitialisedRead
  };

  Kind kind;
  /// One line that names the kernel, the places and the threads.
  std::string message;
  /// The places in the source, as `file:line:column`: of a race the access that
  /// completed it and the one before, of a divergence where threads wait.
  std::vector<std::string> locations;
  std::string kernel;
  std::array<int32_t, 3> block;
  std::array<int32_t, 3> thread;
};

/// The reports of one launch: of the same kind at the same places only the
/// first, and no more than a bound.
class ReportLog {
public:
  static constexpr size_t bound = 100;

  void add(SimulatorReport report);
  void clear();

  const std::vector<SimulatorReport> &reports() const { return kept; }

  /// Success where there are none, else an error that quotes the first.
  Status status() const;

private:
  std::vector<SimulatorReport> kept;
  std::set<std::pair<SimulatorReport::Kind, std::vector<std::string>>> seen;
};

/// `(x,y,z)`.
std::string tripleText(const std::array<int32_t, 3> &triple);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_SIMULATOR_REPORT_H
