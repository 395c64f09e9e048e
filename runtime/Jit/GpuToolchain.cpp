//===- GpuToolchain.cpp - The vendors' tools, found at run time -----------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/GpuToolchain.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <optional>

using namespace orcinus;

static std::string pathIn(llvm::StringRef folder, llvm::StringRef file) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, file);
  return path.str().str();
}

StatusOr<std::string> orcinus::findPtxas() {
  for (const char *variable : {"CUDA_ROOT", "CUDA_HOME", "CUDA_PATH"})
    if (const char *root = std::getenv(variable))
      if (std::string path = pathIn(root, "bin/ptxas");
          llvm::sys::fs::can_execute(path))
        return path;
  if (auto found = llvm::sys::findProgramByName("ptxas"))
    return *found;
  std::string usual = "/usr/local/cuda/bin/ptxas";
  if (llvm::sys::fs::can_execute(usual))
    return usual;
  return Status::error("no ptxas in CUDA_ROOT, CUDA_HOME, CUDA_PATH, PATH or "
                       "/usr/local/cuda: install the CUDA toolkit, or write "
                       "PTX, which the driver compiles",
                       StatusCode::Unavailable);
}

/// A temporary file's path, the file removed when it goes out of scope.
class TemporaryFile {
public:
  explicit TemporaryFile(llvm::StringRef suffix) {
    error = llvm::sys::fs::createTemporaryFile("orcinus", suffix, path);
  }
  ~TemporaryFile() {
    if (!error)
      llvm::sys::fs::remove(path);
  }

  llvm::SmallString<128> path;
  std::error_code error;
};

StatusOr<PtxasResult> orcinus::runPtxas(std::string_view ptx,
                                        std::string_view chip) {
  StatusOr<std::string> tool = findPtxas();
  if (!tool.ok())
    return tool.status();
  TemporaryFile input("ptx"), output("cubin"), report("txt");
  for (const TemporaryFile *file : {&input, &output, &report})
    if (file->error)
      return Status::error("cannot make a temporary file: " +
                               file->error.message(),
                           StatusCode::InputOutput);
  {
    std::error_code error;
    llvm::raw_fd_ostream stream(input.path, error);
    stream << llvm::StringRef(ptx).rtrim('\0');
    stream.close();
    if (error || stream.has_error()) {
      stream.clear_error();
      return Status::error("cannot write '" + input.path.str().str() + "'",
                           StatusCode::InputOutput);
    }
  }
  std::string architecture = "-arch=" + std::string(chip);
  llvm::StringRef arguments[] = {*tool,      "-v", "-O3",      architecture,
                                 input.path, "-o", output.path};
  std::optional<llvm::StringRef> redirects[] = {
      llvm::StringRef(), report.path.str(), report.path.str()};
  std::string message;
  int code = llvm::sys::ExecuteAndWait(*tool, arguments, std::nullopt,
                                       redirects, 0, 0, &message);
  auto read = [](llvm::StringRef path) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  };
  PtxasResult result{read(output.path), read(report.path)};
  if (code != 0)
    return Status::error(
        *tool + " failed: " +
            (message.empty()
                 ? llvm::StringRef(result.report).split('\n').first.str()
                 : message),
        StatusCode::Internal);
  return result;
}

/// The first of `candidates` that is there.
static std::string firstOf(llvm::ArrayRef<std::string> candidates) {
  const auto *found = llvm::find_if(candidates, [](const std::string &path) {
    return llvm::sys::fs::exists(path);
  });
  return found == candidates.end() ? std::string() : *found;
}

StatusOr<AmdToolkit> AmdToolkit::find() {
  if (const char *root = std::getenv("ROCM_PATH"))
    if (llvm::sys::fs::exists(pathIn(root, "llvm/bin/ld.lld")) &&
        llvm::sys::fs::exists(pathIn(root, "amdgcn/bitcode")))
      return AmdToolkit(root, /*temporary=*/false);
  std::string linker = firstOf({ORCINUS_LLVM_TOOLS "/ld.lld"});
  if (linker.empty())
    if (auto found = llvm::sys::findProgramByName("ld.lld"))
      linker = *found;
  if (linker.empty())
    return Status::error("no ld.lld in ROCM_PATH, " ORCINUS_LLVM_TOOLS
                         " or PATH: install lld-22",
                         StatusCode::Unavailable);
  std::string bitcode =
      firstOf({"/usr/lib/x86_64-linux-gnu/amdgcn/bitcode",
               "/usr/lib/amdgcn/bitcode", "/opt/rocm/amdgcn/bitcode"});
  if (bitcode.empty())
    return Status::error(
        "no amdgcn/bitcode in ROCM_PATH, /opt/rocm or /usr/lib: "
        "install rocm-device-libs",
        StatusCode::Unavailable);
  llvm::SmallString<128> folder;
  if (std::error_code error =
          llvm::sys::fs::createUniqueDirectory("orcinus-rocm", folder))
    return Status::error("cannot make a temporary folder: " + error.message(),
                         StatusCode::InputOutput);
  AmdToolkit toolkit(folder.str().str(), /*temporary=*/true);
  for (llvm::StringRef parent : {"llvm/bin", "amdgcn"})
    if (std::error_code error =
            llvm::sys::fs::create_directories(pathIn(folder, parent)))
      return Status::error("cannot make a temporary folder: " + error.message(),
                           StatusCode::InputOutput);
  for (auto [target, link] : {std::pair(linker, "llvm/bin/ld.lld"),
                              std::pair(bitcode, "amdgcn/bitcode")})
    if (std::error_code error =
            llvm::sys::fs::create_link(target, pathIn(folder, link)))
      return Status::error("cannot link to '" + target +
                               "': " + error.message(),
                           StatusCode::InputOutput);
  return toolkit;
}

AmdToolkit::AmdToolkit(AmdToolkit &&other) noexcept
    : folder(std::move(other.folder)), temporary(other.temporary) {
  other.temporary = false;
}

AmdToolkit::~AmdToolkit() {
  if (!temporary)
    return;
  // Links are removed, not followed.
  for (llvm::StringRef entry :
       {"llvm/bin/ld.lld", "llvm/bin", "llvm", "amdgcn/bitcode", "amdgcn", ""})
    llvm::sys::fs::remove(pathIn(folder, entry));
}

Status orcinus::findGpuTools(const GpuChip &chip) {
  return chip.vendor == GpuVendor::Nvidia ? findPtxas().status()
                                          : AmdToolkit::find().status();
}
