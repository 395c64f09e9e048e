//===- FakeDrivers.h - Fake GPUs for child processes ------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_TEST_UNIT_JIT_FAKEDRIVERS_H
#define ORCINUS_TEST_UNIT_JIT_FAKEDRIVERS_H

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <unistd.h>

namespace orcinus::test {

/// While it lives, processes that are started find the fake drivers of
/// test/unit/Device in place of the system's: an sm_90 and a gfx942.
class FakeDrivers {
public:
  FakeDrivers()
      : folder(std::filesystem::temp_directory_path() /
               ("orcinus-fake-drivers-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    std::filesystem::create_symlink(ORCINUS_FAKE_CUDA_DRIVER,
                                    folder / "libcuda.so.1");
    std::filesystem::create_symlink(ORCINUS_FAKE_HIP_DRIVER,
                                    folder / "libamdhip64.so");
    if (const char *path = std::getenv(variable))
      earlier = path;
    setenv(variable, (folder.string() + ":" + earlier.value_or("")).c_str(), 1);
  }
  ~FakeDrivers() {
    if (earlier)
      setenv(variable, earlier->c_str(), 1);
    else
      unsetenv(variable);
    std::filesystem::remove_all(folder);
  }
  FakeDrivers(const FakeDrivers &) = delete;
  FakeDrivers &operator=(const FakeDrivers &) = delete;

private:
  static constexpr const char *variable = "LD_LIBRARY_PATH";

  std::filesystem::path folder;
  std::optional<std::string> earlier;
};

} // namespace orcinus::test

#endif // ORCINUS_TEST_UNIT_JIT_FAKEDRIVERS_H
