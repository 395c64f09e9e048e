//===- Compiler.h - From a model to a program -------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_RUNTIME_COMPILER_H
#define ORCINUS_RUNTIME_COMPILER_H

#include "orcinus/Support/Status.h"
#include "orcinus/Tuning/GpuChip.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orcinus {

class Device;

/// What a model is compiled for. What is not given here the model's text
/// decides.
struct CompileOptions {
  /// The name of a built-in model ("tgn", "tgat", …) or the path of an .mlir
  /// file.
  std::string model = "tgn";
  /// The text of the model, in place of what `model` names; empty to read
  /// that. Checkpoints are evaluated so: they carry their model's text.
  std::string modelText;
  std::optional<int> layers;
  /// Neighbours sampled for each query and layer.
  std::optional<int> neighbours;
  /// Columns of states and embeddings, and of time encodings where the model
  /// gives these as many.
  std::optional<int> dimension;
  /// Attention heads.
  std::optional<int> heads;
  /// Any of the sizes that the model's text names, over what is given above:
  /// "patches=32,patch=8".
  std::optional<std::string> sizes;
  /// The share of activations dropped in training, in [0, 1): the rate of every
  /// dropout that the model asks for.
  std::optional<float> dropout;
  /// What training follows gradients by: "adam", "adamw" or "sgd". One of
  /// another kind than the model's starts from its own defaults.
  std::optional<std::string> optimizer;
  /// Settings of the optimizer: weight decay (an L2 penalty, for adamw
  /// decoupled), momentum and Nesterov's form of it (sgd), and the most that
  /// the global norm of the gradients may be, 0 for no bound.
  std::optional<double> weightDecay;
  std::optional<double> momentum;
  std::optional<bool> nesterov;
  std::optional<double> clip;
  /// What is learnt: a name of parseTask(), "link-prediction" if not given.
  std::optional<std::string> task;
  /// The numbers of a label (LabelSet::columns), 1 if not given.
  std::optional<int64_t> outputs;
  /// Whether a task's head alone is trained, and nothing else drops
  /// activations.
  std::optional<bool> freezeEncoder;
  /// How training reuses the embeddings of inner layers (Orca, section 2):
  /// "none", "push-pull" (one that is not cached reads as zeros) or "recompute"
  /// (it is computed). Evaluation is always exact.
  ///
  /// Where no capacity, memory, age limit or other share is given, "recompute"
  /// keeps nothing from batch to batch, and embeds each neighbour once a batch,
  /// with its gradient: share "separate", capacity 0, blockGradient false. So
  /// it is as good as exact training (docs/reuse.md). Otherwise, and of models
  /// that embed neighbours at their event's time, the defaults are Orca's:
  /// share "paper", an unlimited capacity, blockGradient true.
  std::string reuse = "none";
  /// Which embedding of its own batch a neighbour is given: "paper" (the
  /// latest), "causal" (the latest that is not after the reader) or "separate"
  /// (none: it is cached, or computed for its readers alone; with "recompute").
  std::optional<std::string> share;
  /// What a cache with a capacity keeps: "mrd" or another name of
  /// parsePolicyKind().
  std::string policy = "mrd";
  /// Embeddings that a cache holds; negative for all that can be read.
  std::optional<int64_t> capacity;
  /// In place of a capacity: bytes for the embeddings of all caches, which
  /// training divides among them by its events (MemoryDivision). The program is
  /// the same for any number of bytes.
  std::optional<int64_t> memory;
  /// Batches after which a cached embedding counts as uncached; negative for
  /// never.
  int64_t maxAge = -1;
  /// Whether no gradient flows through reused embeddings.
  std::optional<bool> blockGradient;
  /// Whether the program can measure what reuse does to embeddings; see
  /// TrainOptions::stalenessSamples.
  bool measureStaleness = false;
  /// With reuse, epochs at a run's end that reuse nothing: once its other
  /// epochs have ended, it goes on from the best parameters with a new
  /// optimizer; 0 if not given. Without reuse it has no meaning.
  std::optional<int> exactEpochs;
  /// Whether batches may be trained in shards (TrainOptions::shards).
  std::optional<bool> sharded;
  /// The step functions to compile, as of docs/abi.md ("score", "advance", …);
  /// empty for those that training takes.
  std::vector<std::string> functions;
  /// Columns of the stream's features, 0 without.
  std::optional<int64_t> edgeFeatureColumns;
  std::optional<int64_t> nodeFeatureColumns;
  /// Where its step functions compute: "host", "cuda", "hip" or "simulator"
  /// (parseDeviceKind()).
  std::string target = "host";
  /// On the simulator: report races, accesses out of bounds and barriers that
  /// not all threads reach, as errors of the step.
  bool checkKernels = false;
  /// On the simulator: 0 runs threads by their numbers, each other number is an
  /// order of its own.
  uint64_t threadOrder = 0;
  /// A tuning database (orcinus tune), whose best programs operators are
  /// executed by; empty for the compiler's own schedules.
  std::string tuningDatabase;
  /// Threads that steps will be computed with (CompiledModel::useThreads), for
  /// which code is divided and programs are tuned; 0 for one a processor.
  int threads = 0;
  /// Executes linear algebra by plain loops, an element at a time: what
  /// schedules are compared with.
  bool plainLoops = false;
  /// Where compiled objects are kept; empty for the user's cache directory.
  std::string cacheDirectory;
  bool useCache = true;
  /// Threads to compile with; with one, the object code is a single file.
  int compileThreads = 2;
};

/// Sets what `options` leave open of reuse, as CompileOptions::reuse says, for
/// a model that embeds neighbours at their event's time, or at the query's.
inline void setReuseDefaults(CompileOptions &options, bool embedsAtEventTime) {
  bool keeps = options.reuse != "recompute" || options.capacity ||
               options.memory || options.maxAge >= 0 ||
               options.share.value_or("separate") != "separate" ||
               embedsAtEventTime;
  if (!options.share)
    options.share = keeps ? "paper" : "separate";
  if (!options.capacity)
    options.capacity = keeps ? -1 : 0;
  if (!options.blockGradient)
    options.blockGradient = keeps;
}

/// What a program has of CompileOptions::tuningDatabase.
struct TuningUse {
  /// Ops of its steps that are executed by programs of the database.
  int64_t operators = 0;
  /// Programs that the database holds for the target, thread count and compiler
  /// of this program.
  int64_t programs = 0;
  /// Where it holds none for these: what they are, and what it holds programs
  /// for instead, a line each.
  std::string wanted;
  std::vector<std::string> others;
};

/// A model compiled into a program: functions and a manifest that says what
/// their arguments are (docs/abi.md). Immutable; its code lives as long as it.
class CompiledModel {
public:
  virtual ~CompiledModel() = default;

  /// The manifest, JSON.
  virtual const std::string &manifest() const = 0;

  /// The address of a function of the program, or null where it has none of
  /// that name.
  virtual void *lookup(std::string_view symbol) const = 0;

  /// The device that step functions run on, with its code loaded, opened by the
  /// first call and alive as long as it is held; null for the host. Errors: the
  /// machine has none that can be used.
  virtual StatusOr<std::shared_ptr<Device>> device() const {
    return std::shared_ptr<Device>();
  }

  /// The text of the model as the compiler read it, before the options above
  /// were applied. Together with them it identifies the model.
  virtual const std::string &modelText() const = 0;

  /// What it was compiled for. The manifest says what became of it: the sizes
  /// and dropout rates, with the model's own where none were given.
  virtual const CompileOptions &options() const = 0;

  /// What it has of a tuning database; nothing where none was given.
  virtual TuningUse tuningUse() const { return {}; }

  /// The machine code as a relocatable object file of the target.
  virtual std::string_view objectCode() const = 0;

  /// Makes the functions compute with that many threads where the calling
  /// thread calls them. The OpenMP runtime of compiled code need not be the
  /// caller's, so this is the model's to do.
  virtual void useThreads(int threads) const = 0;

  /// Why the program was not kept in the cache directory; empty where it was.
  virtual std::string cacheWarning() const { return {}; }

  /// Wall-clock seconds from text to code.
  virtual double compileSeconds() const = 0;

  /// Whether the code came from the object cache.
  virtual bool cacheHit() const = 0;
};

/// Compiles `options.model`. Errors: an unknown model or file, a model that
/// does not parse or verify (the message has its location), a target that this
/// build or machine does not offer, a tuning database that cannot be read.
StatusOr<std::shared_ptr<const CompiledModel>>
compileModel(const CompileOptions &options);

/// An object file of the host with the functions of linalg on tensors or
/// memrefs that the file `options.model` holds, to be called as docs/abi.md
/// says; nothing where it holds a model or no function. Errors: a file that
/// cannot be read, parsed or lowered (the message has the location), a tuning
/// database that cannot be read.
StatusOr<std::optional<std::string>>
compileFunctions(const CompileOptions &options);

/// Kernels compiled for a GPU.
struct GpuObject {
  /// A cubin, PTX, or an AMD code object (HSACO).
  std::string bytes;
  /// What each kernel takes, in the file's order; unknown for PTX.
  std::vector<KernelResources> kernels;
};

/// The kernels of a model's steps, or of a file of linalg ops on tensors or
/// memrefs, for the GPU that `options.target` names (`nvidia:sm_90`,
/// `amd:gfx942`). With `asText` those for NVIDIA stay PTX. Errors: an unknown
/// target, a tool that is missing, a file that cannot be read or has another
/// op.
StatusOr<GpuObject> compileForGpu(const CompileOptions &options, bool asText);

} // namespace orcinus

#endif // ORCINUS_RUNTIME_COMPILER_H
