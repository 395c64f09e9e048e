//===- NetworkImporter.cpp - Networks of other frameworks -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Graph/AtomicFile.h"
#include "orcinus/Runtime/Import.h"
#include "passes/Lowering/Weights.h"
#include "passes/Pipelines/CompilerDialects.h"
#include "passes/Pipelines/ModulePipeline.h"
#include "passes/Pipelines/ParseModule.h"
#include "runtime/Jit/CollectErrors.h"
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

/// Opens the first extents of the inputs and outputs of an ONNX model:
/// arguments input, output, name. Shapes of values between them are inferred
/// anew.
static constexpr const char *openBatchScript = R"(
import sys, onnx
model = onnx.load(sys.argv[1])
weights = {weight.name for weight in model.graph.initializer}
for value in list(model.graph.input) + list(model.graph.output):
    dimensions = value.type.tensor_type.shape.dim
    if value.name not in weights and len(dimensions) > 0:
        dimensions[0].dim_param = sys.argv[3]
del model.graph.value_info[:]
onnx.save(model, sys.argv[2])
)";

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

  /// The text of an ONNX model in the torch dialect.
  StatusOr<std::string> importOnnx() {
    std::string input = options.input, output = folder.file("onnx.mlir");
    if (!options.dynamicBatch.empty()) {
      input = folder.file("batch.onnx");
      if (Status status = run("python3", {"-c", openBatchScript, options.input,
                                          input, options.dynamicBatch});
          !status.ok())
        return status;
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
    return status.ok() ? status
                       : status.within("cannot import '" + options.input + "'");
  }

  const ImportOptions &options;
  const WorkFolder &folder;
};

} // namespace

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
      isOnnx ? torch.importOnnx() : readBytes(options.input);
  if (!text.ok())
    return text.status();
  std::string pipeline = pipelineFor(*text);
  return pipeline.empty() ? text : torch.lower(*text, pipeline);
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
  Status status = collectErrors(context, "cannot read the network", [&] {
    module = parseModule(*text, context, options.input);
    if (!module)
      return false;
    mlir::PassManager manager(&context);
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
