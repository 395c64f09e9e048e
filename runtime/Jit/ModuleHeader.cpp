//===- ModuleHeader.cpp - What C includes to call a module ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Jit/ModuleHeader.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

#include <algorithm>

using namespace orcinus;

bool orcinus::isIdentifier(std::string_view name) {
  return !name.empty() && !llvm::isDigit(name.front()) &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

/// `name` with what C has no letters for as `_`.
static std::string identifierOf(std::string name) {
  for (char &c : name)
    if (!llvm::isAlnum(c))
      c = '_';
  return name;
}

/// The type of an element. What C has no type for is its bits.
static const char *typeOf(TensorElement element) {
  switch (element) {
  case TensorElement::I1:
    return "uint8_t";
  case TensorElement::I8:
    return "int8_t";
  case TensorElement::I16:
    return "int16_t";
  case TensorElement::I32:
    return "int32_t";
  case TensorElement::I64:
  case TensorElement::Index:
    return "int64_t";
  case TensorElement::F16:
  case TensorElement::BF16:
    return "uint16_t";
  case TensorElement::F32:
    return "float";
  case TensorElement::F64:
    return "double";
  }
  return "void";
}

namespace {

/// Writes the function of one entry point.
class FunctionWriter {
public:
  FunctionWriter(const ModuleManifest &manifest, const EntryPoint &entry)
      : manifest(manifest), entry(entry),
        name(manifest.name + "_" + identifierOf(entry.name)),
        isReturned(!std::all_of(
            entry.results.begin(), entry.results.end(),
            [](const TensorType &type) { return type.isStatic(); })) {}

  std::string write() {
    for (size_t at = 0; at != entry.arguments.size(); ++at)
      addArgument(entry.arguments[at], "argument" + std::to_string(at));
    for (size_t at = 0; at != entry.results.size(); ++at)
      addResult(entry.results[at], "result" + std::to_string(at));
    std::string text = "\n/* " + entry.toString() + " */\n";
    text += "extern const char *" + name +
            "_packed(void **arguments) __asm__(\"" +
            manifest.symbolOf(entry.name) + "\");\n";
    text += "static inline const char *" + name + "(" +
            (parameters.empty() ? "void" : parameters) + ") {\n" + before +
            "  void *arguments[] = {" + pointers +
            (pointers.empty() ? "0" : "") + "};\n" +
            "  const char *problem = " + name + "_packed(arguments);\n";
    if (!after.empty())
      text += "  if (problem)\n    return problem;\n" + after;
    return text + "  return problem;\n}\n";
  }

private:
  void addParameter(const std::string &text) {
    parameters += (parameters.empty() ? "" : ", ") + text;
  }
  void addPointer(const std::string &text) {
    pointers += (pointers.empty() ? "" : ", ") + text;
  }

  /// A descriptor `name`_memory of the elements at `name`, of the extents
  /// that `type` says and, where it leaves them open, parameters do.
  void addDescriptor(const TensorType &type, const std::string &name) {
    std::string extents, strides, stride = "1";
    std::vector<std::string> sizes;
    for (size_t at = 0; at != type.extents.size(); ++at) {
      if (type.extents[at] >= 0) {
        sizes.push_back(std::to_string(type.extents[at]));
        continue;
      }
      sizes.push_back(name + "_extent" + std::to_string(at));
      addParameter("int64_t " + sizes.back());
    }
    for (const std::string &size : sizes)
      extents += ", " + size;
    for (size_t at = sizes.size(); at-- > 0;) {
      strides = ", " + stride + strides;
      stride = stride == "1" ? sizes[at] : sizes[at] + " * " + stride;
    }
    before += "  int64_t " + name + "_memory[] = {(int64_t)(intptr_t)" + name +
              ", (int64_t)(intptr_t)" + name + ", 0" + extents + strides +
              "};\n";
    addPointer(name + "_memory");
  }

  void addArgument(const TensorType &type, const std::string &name) {
    std::string element = typeOf(type.element);
    if (type.kind == TensorType::Kind::Scalar) {
      addParameter(element + " " + name);
      addPointer("&" + name);
      return;
    }
    bool isWritten = type.kind == TensorType::Kind::Memory;
    addParameter((isWritten ? "" : "const ") + element + " *" + name);
    addDescriptor(type, name);
  }

  void addResult(const TensorType &type, const std::string &name) {
    std::string element = typeOf(type.element);
    if (type.kind == TensorType::Kind::Scalar) {
      addParameter(element + " *" + name);
      addPointer(name);
      return;
    }
    if (!isReturned) {
      addParameter(element + " *" + name);
      addDescriptor(type, name);
      return;
    }
    std::string rank = std::to_string(type.extents.size());
    addParameter(element + " **" + name);
    before += "  int64_t " + name + "_memory[3 + 2 * " + rank + "];\n";
    addPointer(name + "_memory");
    after += "  *" + name + " = (" + element + " *)(intptr_t)" + name +
             "_memory[1];\n";
    if (type.extents.empty())
      return;
    addParameter("int64_t " + name + "_extents[" + rank + "]");
    for (size_t at = 0; at != type.extents.size(); ++at)
      after += "  " + name + "_extents[" + std::to_string(at) + "] = " + name +
               "_memory[" + std::to_string(3 + at) + "];\n";
  }

  const ModuleManifest &manifest;
  const EntryPoint &entry;
  std::string name;
  /// Whether results come in memory that the caller frees.
  bool isReturned;
  std::string parameters, before, pointers, after;
};

} // namespace

StatusOr<std::string> orcinus::moduleHeader(const ModuleManifest &manifest) {
  llvm::StringMap<std::string> taken;
  for (const EntryPoint &entry : manifest.entryPoints) {
    auto [place, isNew] =
        taken.try_emplace(identifierOf(entry.name), entry.name);
    if (!isNew)
      return Status::error("the functions '" + place->second + "' and '" +
                           entry.name + "' have one name in C: rename one");
  }
  std::string guard = llvm::StringRef(manifest.name).upper() + "_MODULE_H";
  std::string text =
      "/* Written by orcinus compile: the functions of the module '" +
      manifest.name +
      "'.\n"
      " *\n"
      " * Each returns null or, where it failed, a line that says why, which\n"
      " * holds until the thread's next call. Tensors are row-major and "
      "without\n"
      " * gaps; a result must overlap no argument. i1 is a byte, 0 or 1; f16 "
      "and\n"
      " * bf16 are their bits. A result that is given as a pointer to a "
      "pointer\n"
      " * comes in memory of its own, which free() frees. Any threads may "
      "call\n"
      " * at the same time. */\n"
      "#ifndef " +
      guard + "\n#define " + guard +
      "\n\n#include <stdint.h>\n\n"
      "#ifdef __cplusplus\nextern \"C\" {\n#endif\n";
  for (const EntryPoint &entry : manifest.entryPoints)
    text += FunctionWriter(manifest, entry).write();
  text +=
      "\n/* How many threads the calls of the calling thread have, of those "
      "that the\n * module was compiled for. */\nextern void " +
      manifest.name + "_threads(int32_t threads) __asm__(\"" +
      manifest.threadsSymbol() + "\");\n";
  return text + "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* " + guard +
         " */\n";
}
