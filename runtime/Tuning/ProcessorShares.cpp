//===- ProcessorShares.cpp - Who measures on which processors -------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Tuning/ProcessorShares.h"

#include "orcinus/Support/Processors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <unistd.h>
#include <utility>

using namespace orcinus;

std::vector<ProcessorList>
orcinus::divideProcessors(std::span<const ProcessorList> usable,
                          int64_t threads) {
  std::map<ProcessorList, std::vector<size_t>> groups;
  for (size_t process = 0; process < usable.size(); ++process)
    groups[usable[process]].push_back(process);
  std::vector<ProcessorList> shares(usable.size());
  std::set<int> taken;
  // In the order of the groups' first processes.
  for (size_t process = 0; process < usable.size(); ++process) {
    const std::vector<size_t> &members = groups[usable[process]];
    if (members.front() != process)
      continue;
    ProcessorList free;
    std::copy_if(usable[process].begin(), usable[process].end(),
                 std::back_inserter(free),
                 [&](int number) { return !taken.contains(number); });
    size_t needed = std::max<size_t>(1, threads);
    // All of a process's own are enough for it, however few.
    if (free.size() < std::min(needed, usable[process].size()) || free.empty())
      continue;
    size_t count = std::clamp<size_t>(free.size() / needed, 1, members.size());
    for (size_t at = 0; at < count; ++at)
      shares[members[at]].assign(free.begin() + at * free.size() / count,
                                 free.begin() + (at + 1) * free.size() / count);
    taken.insert(free.begin(), free.end());
  }
  return shares;
}

/// The number of the first thread of the core of processor `number`; its own
/// where the machine does not say.
static int firstOfCore(int number) {
  std::ifstream siblings(fmt::format(
      "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", number));
  int first = number;
  return siblings >> first ? first : number;
}

ProcessorList orcinus::usableProcessorsOf(int id) {
  ProcessorList processors = listProcessors([id](size_t bytes, cpu_set_t *set) {
    return sched_getaffinity(id, bytes, set);
  });
  std::ranges::sort(processors, {}, [](int number) {
    return std::pair(firstOfCore(number), number);
  });
  return processors;
}

Status orcinus::runOn(const ProcessorList &processors) {
  constexpr size_t bits = 8 * sizeof(cpu_set_t);
  size_t sets =
      processors.empty() ? 1 : std::ranges::max(processors) / bits + 1;
  std::vector<cpu_set_t> chosen(sets);
  size_t bytes = sets * sizeof(cpu_set_t);
  for (int number : processors)
    CPU_SET_S(number, bytes, chosen.data());
  if (sched_setaffinity(0, bytes, chosen.data()) == 0)
    return Status();
  return Status::error(
      fmt::format("cannot choose processors: {}", std::strerror(errno)),
      StatusCode::Unavailable);
}

std::string orcinus::machineIdentity() {
  // The kernel's own, which differs from machine to machine and from start to
  // start.
  std::string identity;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> identity;
  return identity.empty() ? machineName() : identity;
}

std::string orcinus::machineName() {
  std::array<char, 256> name{};
  // What does not fit is cut off.
  if (gethostname(name.data(), name.size() - 1) != 0)
    return "an unnamed machine";
  return name.data();
}
