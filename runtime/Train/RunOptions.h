//===- RunOptions.h - The list of a training run's options ------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All that a run may be told and that its figures or its course depend on. The
// command line is parsed by this list, a checkpoint records what is on it, and
// a resumed run is compared by it, so that no option is forgotten in one of
// these places.
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_TRAIN_RUNOPTIONS_H
#define RUNTIME_TRAIN_RUNOPTIONS_H

#include "lib/Support/SizeList.h"
#include "orcinus/Graph/Labels.h"
#include "orcinus/Reuse/ReplacementPolicy.h"
#include "orcinus/Runtime/Compiler.h"
#include "orcinus/Runtime/Device.h"
#include "orcinus/Runtime/Options.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace orcinus {

/// What happens where a resumed run is given an option again.
enum class OptionRole : uint8_t {
  /// It decides on the figures: only the checkpoint's value is accepted.
  Identity,
  /// Another value is accepted: it changes how the run goes on from here.
  /// What a size or a tuning database make of the program is compared apart.
  Setting,
};

/// One option. A resumed run that is not given it takes the checkpoint's value.
struct RunOption {
  /// Its names on the command line; null for one that it does not have.
  const char *flags;
  /// Its name in checkpoints and messages.
  const char *name;
  OptionRole role;
  const char *help = "";
  /// The range of a number, both ends included.
  double least = 0;
  double most = std::numeric_limits<double>::max();
  /// What is wrong with a text, empty where nothing is; null for any text.
  std::string (*check)(const std::string &text) = nullptr;
  /// What help shows as the default; null for the value.
  const char *defaultText = nullptr;
  /// Whether it is a number of bytes, which may have a unit (ByteCount.h).
  bool isBytes = false;
  /// Whether it names a file that is read.
  bool isFile = false;
  /// Whether a negative number stands for all that there is, which the command
  /// line has no word for.
  bool mayBeUnlimited = false;

  constexpr RunOption ofFile() const {
    RunOption result = *this;
    result.isFile = true;
    return result;
  }
  constexpr RunOption orUnlimited() const {
    RunOption result = *this;
    result.mayBeUnlimited = true;
    return result;
  }
};

/// Checks that a text is one of `names`, which are separated by blanks.
inline std::string checkOneOf(const std::string &text, std::string_view names) {
  std::string padded = " " + std::string(names) + " ";
  if (text.find(' ') == std::string::npos &&
      padded.find(" " + text + " ") != std::string::npos)
    return "";
  return "'" + text + "' is none of " + std::string(names);
}

// Each visitor calls `visit(option, field...)` with the field of each of `all`,
// which are CompileOptions or TrainOptions, constant or not.

/// What the model's text decides where it is not given.
template <typename Visit, typename... Options>
void visitModelOptions(Visit visit, Options &...all) {
  static constexpr const char *own = "the model's";
  visit(RunOption{"--layers", "layers", OptionRole::Setting,
                  "Layers of the model", 1, 16, nullptr, own},
        all.layers...);
  visit(RunOption{"--neighbours", "neighbours", OptionRole::Setting,
                  "Neighbours sampled for each query and layer", 1, 1024,
                  nullptr, own},
        all.neighbours...);
  visit(RunOption{"--dim", "dim", OptionRole::Setting,
                  "Columns of states and embeddings, and of time encodings "
                  "where the model gives these as many",
                  1, 65536, nullptr, own},
        all.dimension...);
  visit(RunOption{"--heads", "heads", OptionRole::Setting, "Attention heads", 1,
                  1024, nullptr, own},
        all.heads...);
  visit(RunOption{"--sizes", "sizes", OptionRole::Setting,
                  "Any of the sizes that the model's text names, as "
                  "patches=32,patch=8",
                  0, 0,
                  [](const std::string &text) {
                    return parseSizeList(text).message();
                  },
                  own},
        all.sizes...);
  visit(RunOption{"--dropout", "dropout", OptionRole::Setting,
                  "Share of activations dropped in training, wherever the "
                  "model drops any",
                  0, 0.99, nullptr, own},
        all.dropout...);
}

template <typename Visit, typename... Options>
void visitOptimizerOptions(Visit visit, Options &...all) {
  static constexpr const char *own = "the model's";
  visit(RunOption{"--optimizer", "optimizer", OptionRole::Setting,
                  "How parameters follow their gradients: adam, adamw or sgd; "
                  "another kind than the model's starts from its defaults",
                  0, 0,
                  [](const std::string &text) {
                    return checkOneOf(text, "adam adamw sgd");
                  },
                  own},
        all.optimizer...);
  visit(RunOption{"--weight-decay", "weight decay", OptionRole::Setting,
                  "Weight decay: an L2 penalty, or decoupled with adamw", 0,
                  std::numeric_limits<double>::max(), nullptr, own},
        all.weightDecay...);
  visit(RunOption{"--momentum", "momentum", OptionRole::Setting,
                  "Momentum of sgd", 0, 0.9999, nullptr, own},
        all.momentum...);
  visit(RunOption{"--nesterov,!--no-nesterov", "nesterov", OptionRole::Setting,
                  "Nesterov's form of momentum"},
        all.nesterov...);
  visit(RunOption{"--clip", "clip", OptionRole::Setting,
                  "The most that the global norm of the gradients may be; 0 "
                  "for no bound",
                  0, std::numeric_limits<double>::max(), nullptr, own},
        all.clip...);
}

template <typename Visit, typename... Options>
void visitTaskOptions(Visit visit, Options &...all) {
  visit(RunOption{"--task", "task", OptionRole::Identity,
                  "What is learnt: link-prediction, or, by labels, "
                  "node-classification, node-regression, node-property, "
                  "edge-classification or edge-regression",
                  0, 0,
                  [](const std::string &text) {
                    return parseTask(text).message();
                  },
                  "link-prediction"},
        all.task...);
  visit(RunOption{nullptr, "outputs", OptionRole::Identity, "", 1, 65536},
        all.outputs...);
  visit(RunOption{"--freeze-encoder", "frozen encoder", OptionRole::Identity,
                  "With --encoder, train the head of the task alone"},
        all.freezeEncoder...);
}

template <typename Visit, typename... Options>
void visitReuseOptions(Visit visit, Options &...all) {
  visit(
      RunOption{"--reuse", "reuse", OptionRole::Identity,
                "How training reuses the embeddings of inner layers: none, "
                "push-pull (one that is not cached reads as zeros) or "
                "recompute (it is computed). Recompute alone embeds a batch's "
                "neighbours once, apart from its targets and with their "
                "gradient, and keeps nothing for later batches; with "
                "--capacity, --memory, --max-age or another --share, and of "
                "models that embed neighbours at their event's time, it is "
                "the paper's: shared rows, unlimited caches, blocked "
                "gradients",
                0, 0,
                [](const std::string &text) {
                  return checkOneOf(text, "none push-pull recompute");
                }},
      all.reuse...);
  visit(RunOption{"--share", "share", OptionRole::Identity,
                  "With reuse, which embedding of its own batch a neighbour is "
                  "given: paper (its latest), causal (the latest not after the "
                  "reader) or separate (none: recompute embeds it for its "
                  "readers alone)",
                  0, 0,
                  [](const std::string &text) {
                    return checkOneOf(text, "paper causal separate");
                  },
                  "by mode"},
        all.share...);
  visit(RunOption{"--policy", "policy", OptionRole::Identity,
                  "What a cache with a capacity keeps: mrd, lru, 2q, lfu, fifo "
                  "or random",
                  0, 0,
                  [](const std::string &text) {
                    return parsePolicyKind(text).message();
                  }},
        all.policy...);
  visit(RunOption{"--capacity", "capacity", OptionRole::Identity,
                  "With reuse, the most embeddings that each layer's cache "
                  "holds; 0 shares within a batch only",
                  0, double(unlimitedCapacity), nullptr, "by mode"}
            .orUnlimited(),
        all.capacity...);
  visit(RunOption{"--memory", "memory", OptionRole::Identity,
                  "With reuse, the bytes that the embeddings in all layers' "
                  "caches take together, as 64MiB: training divides them among "
                  "the caches; in place of a capacity",
                  0, std::numeric_limits<double>::max(), nullptr, "unlimited",
                  /*isBytes=*/true},
        all.memory...);
  visit(
      RunOption{"--max-age", "age limit", OptionRole::Identity,
                "With reuse, batches after which a cached embedding counts as "
                "uncached",
                0, double(unlimitedAge), nullptr, "unlimited"},
      all.maxAge...);
  visit(RunOption{"--block-gradient,!--no-block-gradient", "block gradient",
                  OptionRole::Identity,
                  "Let no gradient flow through reused embeddings, or let it",
                  0, 0, nullptr, "by mode"},
        all.blockGradient...);
}

template <typename Visit, typename... Options>
void visitTargetOptions(Visit visit, Options &...all) {
  visit(RunOption{"--target", "target", OptionRole::Setting,
                  "What to compile for: host, cuda, hip or simulator", 0, 0,
                  [](const std::string &text) {
                    return parseDeviceKind(text).message();
                  }},
        all.target...);
  visit(RunOption{"--check-kernels", "check kernels", OptionRole::Setting,
                  "On the simulator, report races, accesses out of bounds and "
                  "barriers that not all threads reach"},
        all.checkKernels...);
  visit(RunOption{"--thread-order", "thread order", OptionRole::Setting,
                  "On the simulator, a seed for the order of threads; 0 for "
                  "that of their numbers"},
        all.threadOrder...);
}

/// All of CompileOptions but the model's text, which a checkpoint keeps apart,
/// and what decides on no figure: the cache and the threads that compile.
template <typename Visit, typename... Options>
void visitCompileOptions(Visit visit, Options &...all) {
  visit(RunOption{"--model", "model", OptionRole::Setting,
                  "A built-in model's name, or an .mlir file"}
            .ofFile(),
        all.model...);
  visitModelOptions(visit, all...);
  visitOptimizerOptions(visit, all...);
  visitTaskOptions(visit, all...);
  visitReuseOptions(visit, all...);
  visit(RunOption{"--measure-staleness", "measure staleness",
                  OptionRole::Setting,
                  "With reuse, compare reused embeddings with exact ones in "
                  "four batches of each epoch"},
        all.measureStaleness...);
  visit(RunOption{"--exact-epochs", "exact epochs", OptionRole::Setting,
                  "With reuse, epochs without it at the end, from the best "
                  "parameters of those before",
                  0, 1 << 30, nullptr, "0"},
        all.exactEpochs...);
  visitTargetOptions(visit, all...);
  visit(RunOption{"--tuning-db", "tuning database", OptionRole::Setting,
                  "A database of orcinus tune, whose programs are used for "
                  "what it was tuned for"}
            .ofFile(),
        all.tuningDatabase...);
  visit(RunOption{nullptr, "plain loops", OptionRole::Setting},
        all.plainLoops...);
  visit(RunOption{nullptr, "sharded", OptionRole::Setting}, all.sharded...);
}

template <typename Visit, typename... Options>
void visitRateOptions(Visit visit, Options &...all) {
  constexpr double any = std::numeric_limits<double>::max();
  visit(RunOption{"--lr,--learning-rate", "learning rate", OptionRole::Identity,
                  "Learning rate", 0, any, nullptr, "the model's, or 0.0001"},
        all.learningRate...);
  visit(
      RunOption{"--schedule", "schedule", OptionRole::Identity,
                "How the rate changes: constant, cosine (down, over the decay "
                "steps or all epochs) or step (times the decay factor, every "
                "so many steps)",
                0, 0,
                [](const std::string &text) {
                  return checkOneOf(text, "constant cosine step");
                },
                "constant"},
      all.schedule...);
  visit(RunOption{"--warmup", "warm-up steps", OptionRole::Identity,
                  "Steps in which the rate first grows linearly", 0, 1 << 30,
                  nullptr, "0"},
        all.warmupSteps...);
  visit(RunOption{"--decay-steps", "decay steps", OptionRole::Identity,
                  "Steps of the schedule: of all of cosine, or between two "
                  "changes of step",
                  1, 1 << 30, nullptr, "to the end of all epochs"},
        all.decaySteps...);
  visit(RunOption{"--decay-factor", "decay factor", OptionRole::Identity,
                  "What the rate is multiplied by: in the end by cosine, at "
                  "each change by step",
                  0, 1, nullptr, "0, of step 0.1"},
        all.decayFactor...);
}

/// All of TrainOptions but what changes no result.
template <typename Visit, typename... Options>
void visitTrainOptions(Visit visit, Options &...all) {
  visit(RunOption{"--epochs", "epochs", OptionRole::Setting, "Epochs at most",
                  1, 1 << 30},
        all.epochs...);
  visit(RunOption{"--batch-size", "batch size", OptionRole::Identity,
                  "Events of a step", 1, 1 << 20},
        all.batchSize...);
  visit(RunOption{nullptr, "evaluation batch size", OptionRole::Identity, "", 1,
                  1 << 20},
        all.evaluationBatchSize...);
  visitRateOptions(visit, all...);
  visit(RunOption{"--seed", "seed", OptionRole::Identity, "Random seed"},
        all.seed...);
  visit(RunOption{"--shards", "shards", OptionRole::Identity,
                  "Parts of a batch, a power of two, over which gradients are "
                  "added in a fixed order: the run is the same on any number "
                  "of processes that divides it",
                  1, 1 << 20, nullptr, "one a process"},
        all.shards...);
  visit(RunOption{"--state", "state", OptionRole::Setting,
                  "Where the states of nodes and the rows of caches are: "
                  "replicated, all of them in each process, or sharded, each "
                  "in one",
                  0, 0,
                  [](const std::string &text) {
                    return checkOneOf(text, "replicated sharded");
                  }},
        all.state...);
  visit(RunOption{"--threads", "threads", OptionRole::Setting,
                  "Threads to compute with; 0 for one a processor", 0, 4096},
        all.threads...);
  visit(RunOption{"--protocol", "protocol", OptionRole::Identity,
                  "Whose split is trained on: orca, dyglib or tgb", 0, 0,
                  [](const std::string &text) {
                    return checkOneOf(text, "orca dyglib tgb");
                  }},
        all.protocol...);
  visit(RunOption{"--mask-nodes", "masked node fraction", OptionRole::Identity,
                  "Share of nodes kept from training, or whose labels are, for "
                  "the inductive figures",
                  0, 1, nullptr, "0.1, of labels 0"},
        all.maskedNodeFraction...);
  visit(RunOption{"--patience", "patience", OptionRole::Setting,
                  "Epochs without a better validation before stopping; 0 "
                  "for never",
                  0, 1 << 30},
        all.patience...);
  visit(RunOption{nullptr, "train fraction", OptionRole::Identity, "", 0, 1},
        all.trainFraction...);
  visit(
      RunOption{nullptr, "validation fraction", OptionRole::Identity, "", 0, 1},
      all.validationFraction...);
}

} // namespace orcinus

#endif // RUNTIME_TRAIN_RUNOPTIONS_H
