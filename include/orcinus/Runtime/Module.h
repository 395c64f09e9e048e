//===- Module.h - Compiled functions of tensors -----------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module is what a network becomes: functions of tensors, compiled for this
// machine, that are described and called at run time. docs/networks.md.
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_MODULE_H
#define ORCINUS_RUNTIME_MODULE_H

#include "orcinus/Support/Status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

/// What a tensor's elements are. An I1 has a byte of its own, 0 or 1; an Index
/// has 64 bits. Integers have no sign of their own: a function's body says how
/// it reads them.
enum class TensorElement : uint8_t {
  I1,
  I8,
  I16,
  I32,
  I64,
  Index,
  F16,
  BF16,
  F32,
  F64,
};

/// "i1", "index", "f32" and so on, as MLIR writes them.
std::string_view tensorElementName(TensorElement element);
/// What has that name; nothing where none has.
std::optional<TensorElement> parseTensorElement(std::string_view name);
/// The bytes of an element in memory.
size_t tensorElementBytes(TensorElement element);

/// What a function takes or returns.
struct TensorType {
  enum class Kind : uint8_t {
    /// A tensor, row-major.
    Tensor,
    /// A number, without extents.
    Scalar,
    /// Memory that the function reads and writes, row-major; an argument alone.
    Memory,
  };

  TensorElement element = TensorElement::F32;
  Kind kind = Kind::Tensor;
  /// -1 where each call has one of its own.
  std::vector<int64_t> extents;

  /// Whether all extents are known before a call.
  bool isStatic() const;
  /// As MLIR writes it: "tensor<?x4xf32>", "memref<4xf32>", "f32".
  std::string toString() const;
};

/// A function of a module.
struct EntryPoint {
  std::string name;
  std::vector<TensorType> arguments;
  std::vector<TensorType> results;
  /// Bytes of memory that a call takes for what is between the function's ops;
  /// -1 where that depends on extents or on the number of threads.
  int64_t temporaryBytes = -1;

  /// As MLIR writes it: "main(tensor<?x4xf32>, f32) -> (tensor<?x2xf32>)".
  std::string toString() const;
};

/// A tensor in memory that somebody else owns: row-major, without gaps. A
/// scalar is one without extents.
struct TensorView {
  TensorElement element = TensorElement::F32;
  std::vector<int64_t> extents;
  void *data = nullptr;
};

/// A tensor and its memory, 64-byte aligned.
class Tensor {
public:
  /// One whose elements have no value yet. Errors: a negative extent, more
  /// bytes than there are.
  static StatusOr<Tensor> create(TensorElement element,
                                 std::vector<int64_t> extents);

  /// One over `memory`, which std::free() frees.
  static Tensor adopt(TensorElement element, std::vector<int64_t> extents,
                      void *memory);

  TensorElement element() const { return kind; }
  const std::vector<int64_t> &extents() const { return shape; }
  void *data() const { return memory.get(); }
  /// The bytes of all elements.
  size_t bytes() const { return byteCount; }
  TensorView view() const { return {kind, shape, memory.get()}; }

private:
  struct Release {
    void operator()(void *block) const;
  };

  Tensor() = default;

  TensorElement kind = TensorElement::F32;
  std::vector<int64_t> shape;
  size_t byteCount = 0;
  std::unique_ptr<void, Release> memory;
};

class ModuleCode;

/// A compiled module in memory. Immutable but for its number of threads: any
/// threads may call it at the same time.
class Module {
public:
  /// Loads a shared library that `orcinus compile` wrote. Errors: a file that
  /// is none or cannot be loaded.
  static StatusOr<std::shared_ptr<const Module>> load(const std::string &path);

  /// Of code that is in memory already. Errors: a manifest that does not fit
  /// it.
  static StatusOr<std::shared_ptr<const Module>>
  create(std::unique_ptr<ModuleCode> code);

  ~Module();

  /// What it is called: the stem of its file's name.
  const std::string &name() const;
  /// In the order of its text.
  const std::vector<EntryPoint> &entryPoints() const;

  /// The function `name` or, where that is empty, the only one. Errors: no such
  /// function.
  StatusOr<const EntryPoint *> find(std::string_view name) const;

  /// Calls a function, `name` or, where that is empty, the only one. Returns
  /// its results. Errors: no such function; a number of arguments, an element
  /// type, a rank or an extent other than it takes; an assertion of the module
  /// that does not hold; no memory.
  StatusOr<std::vector<Tensor>>
  call(std::string_view name, std::span<const TensorView> arguments) const;

  /// The same with the results written to memory of the caller, one view each,
  /// which must overlap no argument. Nothing is allocated for results of static
  /// extents; others are copied, and an extent other than the view's is an
  /// error.
  Status call(std::string_view name, std::span<const TensorView> arguments,
              std::span<const TensorView> results) const;

  /// Threads that calls are divided among, of those that it was compiled for;
  /// 0, as at first, leaves it to OpenMP.
  void useThreads(int threads) const;

private:
  struct State;
  class Argument;
  explicit Module(std::unique_ptr<State> state);
  Status invoke(size_t number, std::span<const TensorView> arguments,
                std::vector<Argument> &results) const;

  std::unique_ptr<State> state;
};

/// What a module is compiled from, and for.
struct ModuleOptions {
  /// A file of functions of linalg on tensors, or a library that `orcinus
  /// compile` wrote.
  std::string path;
  /// A text in place of the file's, whose name is that of its weights; empty to
  /// read the file.
  std::string text;
  /// Where functions run: host; simulator, a GPU that the host simulates with
  /// all checks; cuda or hip, a GPU of this machine. Elsewhere than on the host
  /// results have static extents, and arguments and results are copied.
  std::string target = "host";
  /// Threads to divide the work among; 0 for one a processor.
  int threads = 0;
  /// A tuning database, whose best programs operators are executed by; empty
  /// for the compiler's own schedules.
  std::string tuningDatabase;
  /// Where compiled objects are kept; empty for the user's cache directory.
  std::string cacheDirectory;
  bool useCache = true;
};

/// Opens `options.path`: a library is loaded, a text is compiled in memory.
/// Errors: those of Module::load; a file that cannot be read, parsed or lowered
/// (the message has the location); a tuning database that cannot be read.
StatusOr<std::shared_ptr<const Module>>
openModule(const ModuleOptions &options);

/// A module as files.
struct ModuleFiles {
  /// A shared library, or a relocatable object.
  std::string code;
  /// What C includes to call it.
  std::string header;
};

/// Compiles the text `options.path` for this machine into a shared library or,
/// with `asObject`, a relocatable object, whose C functions begin with `name`,
/// an identifier. Both hold all they call but libc, libm and, for several
/// threads, libomp. Errors: those of openModule; a name that is none; no
/// linker.
StatusOr<ModuleFiles> compileModuleFiles(const ModuleOptions &options,
                                         const std::string &name,
                                         bool asObject);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_MODULE_H
