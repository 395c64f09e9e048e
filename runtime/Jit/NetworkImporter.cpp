//===- NetworkImporter.cpp - Networks of other frameworks -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Graph/AtomicFile.h"
#include "orcinus/Runtime/Import.h"
#include "passes/Lowering/Passes.h"
#include "passes/Lowering/Weights.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/ModulePipeline.h"
#include "passes/Pipelines/ParseModule.h"
#include "runtime/Jit/CollectErrors.h"
#include "runtime/Jit/OnnxScripts.h"
#include "runtime/Jit/ToolProcess.h"
#include "runtime/Module/WeightsFile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

using namespace orcinus;

/// Constants of fewer bytes stay in the text, where one can read them.
static constexpr int64_t leastWeightBytes = 1024;

//===----------------------------------------------------------------------===//
// torch-mlir
//===----------------------------------------------------------------------===//

static constexpr const char *torchToLinalg =
    "torch-backend-to-linalg-on-tensors-backend-pipeline)";

/// What torch-mlir-opt makes linalg of `text` by; null where it is to do
/// nothing.
static std::string pipelineFor(llvm::StringRef text) {
  if (text.contains("stablehlo."))
    return "--pass-pipeline=builtin.module(inline,"
           "func.func(stablehlo-legalize-deprecated-ops),"
           "stablehlo-legalize-to-linalg,stablehlo-convert-to-signless,"
           "canonicalize)";
  if (text.contains("torch.onnx"))
    return std::string("--pass-pipeline=builtin.module(func.func(convert-torch-"
                       "onnx-to-torch),torch-onnx-to-torch-backend-pipeline,") +
           torchToLinalg;
  if (text.contains("!torch."))
    return std::string("--pass-pipeline=builtin.module(torchdynamo-export-to-"
                       "torch-backend-pipeline,") +
           torchToLinalg;
  return "";
}

namespace {

/// Makes linalg of a file by torch-mlir's tools.
class TorchMlir {
public:
  TorchMlir(const ImportOptions &options, const WorkFolder &folder)
      : options(options), folder(folder) {}

  /// The text of the ONNX model in the torch dialect; with `folds`, of what the
  /// model is when its constants are folded.
  StatusOr<std::string> importOnnx(bool folds) {
    std::string input = options.input, output = folder.file("onnx.mlir");
    if (!options.dynamicBatch.empty()) {
      input = folder.file("batch.onnx");
      if (Status status = run("python3", {"-c", openBatchScript, options.input,
                                          input, options.dynamicBatch});
          !status.ok())
        return status;
    }
    if (folds) {
      std::string folded = folder.file("folded.onnx");
      if (Status status =
              run("python3", {"-c", foldConstantsScript, input, folded});
          !status.ok())
        return status;
      input = folded;
    }
    // Its own temporary files go beside the model, where nothing else puts them
    // elsewhere.
    Status status = run("torch-mlir-import-onnx",
                        {input, "-o", output, "--temp-dir", folder.file("")});
    if (!status.ok())
      return status;
    return readBytes(output);
  }

  /// What `pipeline` makes of `text`.
  StatusOr<std::string> lower(const std::string &text,
                              const std::string &pipeline) {
    std::string input = folder.file("input.mlir"),
                output = folder.file("linalg.mlir");
    Status status = writeBytes(input, text);
    if (status.ok())
      status = run("torch-mlir-opt", {input, pipeline, "-o", output});
    if (!status.ok())
      return status;
    return readBytes(output);
  }

private:
  Status run(const std::string &tool,
             const std::vector<std::string> &arguments) {
    llvm::SmallVector<llvm::StringRef, 1> folders;
    if (!options.tools.empty())
      folders.push_back(options.tools);
    auto program = llvm::sys::findProgramByName(tool, folders);
    if (!program)
      return Status::error(
          "there is no " + tool +
              (options.tools.empty() ? " on PATH"
                                     : " in '" + options.tools + "'") +
              ", which reads '" + options.input +
              "': pip install torch-mlir onnx, or say where it is by --tools",
          StatusCode::Unavailable);
    Status status = runTool(folder, *program, arguments);
    if (status.ok())
      return status;
    return Status::error(explain(status.message()), status.code())
        .within("cannot import '" + options.input + "'");
  }

  /// What a tool said, by the network's own names: what is in the folder nobody
  /// will see.
  std::string explain(llvm::StringRef said) const {
    llvm::StringRef op = refusedOp(said);
    if (!op.empty())
      return "torch-mlir does not lower '" + op.str() +
             "' as it is used here: write it as other ops, or export the "
             "network from PyTorch by torch_mlir.fx, or to ONNX with another "
             "opset";
    std::string text = said.str(), file = folder.file("input.mlir");
    bool isText = !llvm::StringRef(options.input).ends_with(".onnx");
    if (size_t at = text.find(file); at != std::string::npos)
      text.replace(at, file.size(), isText ? options.input : "its linalg");
    return text;
  }

  /// The op that is not lowered, where `said` speaks of one; else nothing.
  static llvm::StringRef refusedOp(llvm::StringRef said) {
    auto quoted = [&](llvm::StringRef before, llvm::StringRef end) {
      size_t at = said.find(before);
      return at == llvm::StringRef::npos
                 ? llvm::StringRef()
                 : said.substr(at + before.size()).split(end).first;
    };
    llvm::StringRef op = quoted("failed to legalize operation '", "'");
    // All ops of ONNX are one of torch's.
    return op == "torch.operator" ? quoted("name = \"", "\"") : op;
  }

  const ImportOptions &options;
  const WorkFolder &folder;
};

} // namespace

/// Linalg of `text`, which is MLIR of any kind that is read.
static StatusOr<std::string> lowerText(TorchMlir &torch, std::string text) {
  if (std::string pipeline = pipelineFor(text); !pipeline.empty()) {
    StatusOr<std::string> lowered = torch.lower(text, pipeline);
    if (!lowered.ok())
      return lowered;
    text = std::move(*lowered);
  }
  // Of a dialect that this compiler does not have, ops in their generic form
  // are read.
  if (llvm::StringRef(text).contains("tm_tensor."))
    return torch.lower(text, "--mlir-print-op-generic");
  return text;
}

/// The text of the network, in dialects that this compiler knows.
static StatusOr<std::string> readNetwork(const ImportOptions &options) {
  StatusOr<WorkFolder> folder = WorkFolder::make();
  if (!folder.ok())
    return folder.status();
  TorchMlir torch(options, *folder);
  bool isOnnx = llvm::StringRef(options.input).ends_with(".onnx");
  if (!isOnnx && !options.dynamicBatch.empty())
    return Status::error("--dynamic-batch is for ONNX models: the extents of "
                         "MLIR are as it says");
  std::error_code error;
  if (!std::filesystem::exists(options.input, error))
    return Status::error("cannot read '" + options.input +
                             "': No such file or directory",
                         StatusCode::InputOutput);
  StatusOr<std::string> text =
      isOnnx ? torch.importOnnx(/*folds=*/false) : readBytes(options.input);
  if (!text.ok())
    return text;
  StatusOr<std::string> lowered = lowerText(torch, std::move(*text));
  if (lowered.ok() || !isOnnx)
    return lowered;
  // With its constants folded, more of its shapes may be known.
  text = torch.importOnnx(/*folds=*/true);
  if (!text.ok())
    return lowered;
  StatusOr<std::string> folded = lowerText(torch, std::move(*text));
  return folded.ok() ? folded : lowered;
}

//===----------------------------------------------------------------------===//
// The module
//===----------------------------------------------------------------------===//

/// The elements of a weight, as a file of weights has them.
static StatusOr<Weight> describeWeight(ConstantWeight constant) {
  mlir::MemRefType type = constant.global.getType();
  std::string name;
  llvm::raw_string_ostream(name) << type.getElementType();
  std::optional<TensorElement> element = parseTensorElement(name);
  if (!element)
    return Status::error("a constant of the network has elements of type " +
                         name + ", which a module cannot have");
  Weight weight;
  weight.name = constant.global.getSymName().str();
  weight.element = *element;
  weight.extents.assign(type.getShape().begin(), type.getShape().end());
  weight.data = constant.bytes.data();
  weight.bytes = constant.bytes.size();
  return weight;
}

static Status writeText(const std::string &path, mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  return writeWholeFile(path, text);
}

StatusOr<ImportReport> orcinus::importModule(const ImportOptions &options) {
  if (!llvm::StringRef(options.output).ends_with(".mlir"))
    return Status::error("'" + options.output +
                         "' must end in .mlir: a module's weights lie beside "
                         "it, under its name");
  StatusOr<std::string> text = readNetwork(options);
  if (!text.ok())
    return text.status();
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  bool hasTmTensor = llvm::StringRef(*text).contains("tm_tensor.");
  context.allowUnregisteredDialects(hasTmTensor);
  Status status = collectErrors(context, "cannot read the network", [&] {
    module = parseModule(*text, context, options.input);
    if (!module)
      return false;
    mlir::PassManager manager(&context);
    if (hasTmTensor)
      manager.addNestedPass<mlir::func::FuncOp>(createLowerTmTensor());
    buildFusePipeline(manager);
    return succeeded(manager.run(*module));
  });
  if (!status.ok())
    return status;
  ImportReport report;
  std::vector<Weight> weights;
  for (const ConstantWeight &constant :
       takeConstants(*module, leastWeightBytes)) {
    StatusOr<Weight> weight = describeWeight(constant);
    if (!weight.ok())
      return weight.status();
    report.weightBytes += static_cast<int64_t>(weight->bytes);
    weights.push_back(std::move(*weight));
  }
  report.weights = static_cast<int64_t>(weights.size());
  for (auto function : module->getOps<mlir::func::FuncOp>())
    report.functions += function.isPublic();
  if (!weights.empty())
    status = writeWeights(weightsPathOf(options.output), weights);
  if (status.ok())
    status = writeText(options.output, *module);
  if (!status.ok())
    return status;
  return report;
}
