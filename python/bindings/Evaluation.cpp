//===- Evaluation.cpp - Protocols and plans in Python ---------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Evaluation/Evaluator.h"
#include "orcinus/Evaluation/Heuristics.h"
#include "orcinus/Reuse/PlanCommand.h"
#include "orcinus/Reuse/ReplacementPolicy.h"
#include "orcinus/Runtime/DividedScorer.h"
#include "orcinus/Runtime/SessionScorer.h"
#include "python/bindings/Bindings.h"
#include "runtime/Train/RunSplit.h"

using namespace orcinus;
using namespace orcinus::python;

namespace {

/// How a model is evaluated, as `orcinus eval` has it.
struct EvaluationSettings : ProtocolRequest {
  std::string lag = "batch";
  int64_t scoreEvery = 1;

  StateLag stateLag() const {
    if (lag == "batch" || lag == "timestamp")
      return lag == "batch" ? StateLag::Batch : StateLag::Timestamp;
    throw Failure{
        Status::error("the lag is batch or timestamp, not '" + lag + "'")};
  }

  EvaluatorOptions evaluatorOptions(bool validation) const {
    if (scoreEvery < 1)
      throw Failure{Status::error("score_every is at least 1")};
    return {stateLag(), validation, scoreEvery};
  }
};

/// Passes everything on, and keeps what was asked and answered.
class ScoreKeeper : public PairScorer {
public:
  ScoreKeeper(std::unique_ptr<PairScorer> scorer, bool keeps)
      : scorer(std::move(scorer)), keeps(keeps) {}

  Status score(const PairQueries &queries, std::span<double> scores) override {
    Status status = scorer->score(queries, scores);
    if (!keeps || !status.ok())
      return status;
    append(sources, queries.sources);
    append(events, queries.events);
    append(destinations, queries.destinations);
    append(kept, scores);
    for (int64_t query = 0; query != queries.queryCount(); ++query)
      offsets.push_back(offsets.back() + std::ssize(queries.candidates(query)));
    return status;
  }
  Status advance(std::span<const int32_t> next) override {
    return scorer->advance(next);
  }
  void endBatch() override { scorer->endBatch(); }
  // A copy would keep its answers apart. Who asks for one evaluates several
  // sequences of events, of which the copy's are those with new nodes.
  std::unique_ptr<PairScorer> clone() const override { return scorer->clone(); }

  /// Gives the nodes in what was kept, which are those of `asked`, the numbers
  /// of `stream`, by their names.
  void numberAs(Stream &stream, const EventStream &asked) {
    if (!keeps)
      return;
    std::vector<int32_t> numbers;
    for (int32_t node = 0; node != asked.nodeCount; ++node)
      numbers.push_back(stream.names().find(asked.nodeName(node)).value());
    for (std::vector<int32_t> *nodes : {&sources, &destinations})
      for (int32_t &node : *nodes)
        node = numbers[static_cast<size_t>(node)];
  }

  nb::object take() {
    if (!keeps)
      return nb::none();
    nb::dict result;
    result["events"] = toNumpy(std::move(events));
    result["sources"] = toNumpy(std::move(sources));
    result["offsets"] = toNumpy(std::move(offsets));
    result["destinations"] = toNumpy(std::move(destinations));
    result["scores"] = toNumpy(std::move(kept));
    return result;
  }

private:
  static void append(auto &values, const auto &more) {
    values.insert(values.end(), more.begin(), more.end());
  }

  std::unique_ptr<PairScorer> scorer;
  bool keeps;
  std::vector<int32_t> sources, events, destinations;
  std::vector<int64_t> offsets{0};
  std::vector<double> kept;
};

} // namespace

/// Figures by their names, what the protocol set, and what was kept.
static nb::tuple resultOf(const StatusOr<ProtocolResult> &result,
                          const Protocol &protocol, ScoreKeeper &keeper) {
  check(result.status());
  return nb::make_tuple(toDict(figuresOf(*result)), protocol.describe(),
                        keeper.take());
}

static nb::tuple evaluateHeuristic(const Stream &stream,
                                   const HeuristicOptions &model,
                                   const EvaluationSettings &settings,
                                   bool keepScores) {
  const EventStream &events = *stream.events;
  EvaluatorOptions options = settings.evaluatorOptions(/*validation=*/true);
  std::optional<Protocol> protocol;
  std::optional<ScoreKeeper> keeper;
  std::optional<StatusOr<ProtocolResult>> result;
  {
    nb::gil_scoped_release unlocked;
    protocol = take(createProtocol(events, settings));
    keeper.emplace(take(makeHeuristic(events, protocol->split(), model)),
                   keepScores);
    result = evaluateScorer(events, *protocol, *keeper, options);
  }
  return resultOf(*result, *protocol, *keeper);
}

/// Opens the checkpoint over the stream and evaluates the test, as `orcinus
/// eval --protocol` does, with other processes where there are any.
static nb::tuple evaluateCheckpoint(const std::string &directory,
                                    Stream &stream, const NamedOptions &options,
                                    EvaluationSettings settings,
                                    bool keepScores,
                                    const Processes *processes) {
  CheckpointDescription stored = take(readCheckpoint(directory));
  if (stored.train.protocol == "orca")
    settings.split = orcaSplitOf(stored.train);
  EvaluatorOptions evaluator = settings.evaluatorOptions(/*validation=*/false);
  SessionOptions how;
  how.blockSize = evaluator.lag == StateLag::Batch ? settings.batchSize : 1;
  std::optional<Protocol> protocol;
  std::optional<ScoreKeeper> keeper;
  std::optional<StatusOr<ProtocolResult>> result;
  {
    nb::gil_scoped_release unlocked;
    Session session =
        openSession(directory, stored.compile, stream, options, how);
    protocol = take(createProtocol(session.stream(), settings));
    int64_t first = protocol->split().test.front();
    if (session.stateEvents() != first)
      check(session.replayTo(first));
    keeper.emplace(
        makeDividedScorer(makeSessionScorer(session, evaluator.lag),
                          processes ? processes->communicator : nullptr),
        keepScores);
    result = evaluateScorer(session.stream(), *protocol, *keeper, evaluator);
    keeper->numberAs(stream, session.stream());
  }
  return resultOf(*result, *protocol, *keeper);
}

static std::string plan(const Stream &stream, const NamedOptions &options,
                        int32_t layers, int32_t neighbours, bool ofEventTimes) {
  PlanRequest request;
  const CompileOptions &compile = options.compile;
  request.trainFraction = options.train.trainFraction;
  request.maskedNodeFraction = options.train.maskedNodeFraction.value_or(0);
  request.splitSeed = options.train.seed;
  request.plan.policy.kind = take(parsePolicyKind(compile.policy));
  request.plan.policy.seed = options.train.seed;
  int64_t capacity = compile.capacity.value_or(-1);
  request.plan.policy.capacity =
      capacity < 0 ? unlimitedCapacity : static_cast<int32_t>(capacity);
  request.plan.policy.maxAge =
      compile.maxAge < 0 ? unlimitedAge : static_cast<int32_t>(compile.maxAge);
  request.plan.batchSize = options.train.batchSize;
  request.plan.layers = layers;
  request.plan.neighbours = neighbours;
  request.plan.neighbourTime =
      ofEventTimes ? NeighbourTime::Event : NeighbourTime::Query;
  if (compile.memory)
    request.memory.bytes = *compile.memory;
  nb::gil_scoped_release unlocked;
  return toJson(take(planStream(*stream.events, request)));
}

void orcinus::python::bindEvaluation(nb::module_ &module) {
  nb::class_<EvaluationSettings>(module, "EvaluationSettings")
      .def(nb::init<>())
      .def_rw("protocol", &EvaluationSettings::protocol)
      .def_rw("negatives", &EvaluationSettings::negatives)
      .def_rw("negatives_per_event", &EvaluationSettings::negativesPerEvent)
      .def_rw("new_nodes", &EvaluationSettings::newNodes)
      .def_rw("batch_size", &EvaluationSettings::batchSize)
      .def_rw("lag", &EvaluationSettings::lag)
      .def_rw("score_every", &EvaluationSettings::scoreEvery);
  nb::class_<HeuristicOptions>(module, "HeuristicOptions")
      .def(nb::init<>())
      .def_rw("model", &HeuristicOptions::model)
      .def_rw("edgebank_mode", &HeuristicOptions::edgeBankMode)
      .def_rw("recency_order", &HeuristicOptions::recencyOrder)
      .def_rw("poptrack_decay", &HeuristicOptions::popTrackDecay);
  module.def("evaluate_heuristic", &evaluateHeuristic);
  module.def("evaluate_checkpoint", &evaluateCheckpoint, nb::arg("directory"),
             nb::arg("stream"), nb::arg("options"), nb::arg("settings"),
             nb::arg("keep_scores"), nb::arg("processes").none());
  module.def("plan", &plan);
}
