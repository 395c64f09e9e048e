//===- StandaloneFuzzMain.cpp - Runs a fuzzer on files --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes libFuzzer's place where a build has none: ordinary builds replay the
// corpus with it. Usage: FUZZER FILE|FOLDER...
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

/// The files at `path`, which is one of them or their folder, in order.
static std::vector<std::string> listFiles(const std::string &path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error))
    return {path};
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator entry(path, error), end;
       !error && entry != end; entry.increment(error))
    files.push_back(entry->path().string());
  std::sort(files.begin(), files.end());
  return files;
}

/// Runs the fuzzer on the file at `path`; false where it cannot be read.
static bool runFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    return false;
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  // The last line that is printed names the input that did not come back.
  std::printf("%s\n", path.c_str());
  std::fflush(stdout);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>(bytes.data()),
                         bytes.size());
  return true;
}

int main(int count, char **arguments) {
  size_t runs = 0;
  for (int each = 1; each < count; ++each)
    for (const std::string &file : listFiles(arguments[each])) {
      if (!runFile(file)) {
        std::fprintf(stderr, "cannot read '%s'\n", file.c_str());
        return 1;
      }
      ++runs;
    }
  if (runs == 0) {
    std::fprintf(stderr, "no input: name files or folders of them\n");
    return 2;
  }
  std::printf("%zu inputs\n", runs);
  return 0;
}
