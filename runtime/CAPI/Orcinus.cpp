//===- Orcinus.cpp - The C API --------------------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/c/Orcinus.h"

#include "orcinus/Graph/ArrayStream.h"
#include "orcinus/Graph/Loader.h"
#include "orcinus/Runtime/NamedOptions.h"
#include "orcinus/Runtime/Plugin.h"
#include "orcinus/Runtime/Session.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/CAPI/CallResult.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

using namespace orcinus;

struct orcinus_stream {
  std::shared_ptr<const EventStream> stream;
  /// Empty where external ids are the node numbers.
  std::unordered_map<int64_t, int32_t> nodeOfExternalId;
  /// Empty where ids are integers. The names are those of `stream`.
  std::unordered_map<std::string_view, int32_t> nodeOfName;
};

struct orcinus_model {
  std::shared_ptr<const CompiledModel> model;
};

struct orcinus_trainer {
  Trainer trainer;
  /// Of the last validation or test.
  std::vector<Figure> figures;
};

struct orcinus_session {
  Session session;
};

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

static thread_local StatusCode lastCode = StatusCode::Ok;

StatusCode &orcinus::lastCallCode() { return lastCode; }

static_assert(int(StatusCode::Ok) == ORCINUS_OK &&
              int(StatusCode::InvalidArgument) == ORCINUS_INVALID_ARGUMENT &&
              int(StatusCode::Damaged) == ORCINUS_DAMAGED &&
              int(StatusCode::InputOutput) == ORCINUS_INPUT_OUTPUT &&
              int(StatusCode::OutOfMemory) == ORCINUS_OUT_OF_MEMORY &&
              int(StatusCode::Unavailable) == ORCINUS_UNAVAILABLE &&
              int(StatusCode::Unusable) == ORCINUS_UNUSABLE &&
              int(StatusCode::Internal) == ORCINUS_INTERNAL &&
              int(StatusCode::Interrupted) == ORCINUS_INTERRUPTED);
static_assert(int(CheckpointMatch::Model) == ORCINUS_MATCH_MODEL &&
              int(CheckpointMatch::History) == ORCINUS_MATCH_HISTORY &&
              int(CheckpointMatch::Run) == ORCINUS_MATCH_RUN);

orcinus_code orcinus_last_code(void) {
  return static_cast<orcinus_code>(lastCode);
}

void orcinus_string_free(char *string) { std::free(string); }

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

orcinus_options *orcinus_options_create(char **error) {
  return make(error, []() -> StatusOr<std::unique_ptr<orcinus_options>> {
    return std::make_unique<orcinus_options>();
  });
}

void orcinus_options_free(orcinus_options *options) { delete options; }

int orcinus_options_set(orcinus_options *options, const char *name,
                        const char *value, char **error) {
  return perform(error, [&] {
    return options->options.set(textOrEmpty(name), textOrEmpty(value));
  });
}

char *orcinus_options_get(const orcinus_options *options, const char *name,
                          char **error) {
  char *text = nullptr;
  perform(error, [&] {
    auto value = options->options.get(textOrEmpty(name));
    return value.ok() ? copyInto(text, *value) : value.status();
  });
  return text;
}

orcinus_options *orcinus_options_of_checkpoint(const char *directory,
                                               char **error) {
  return make(error, [&]() -> StatusOr<std::unique_ptr<orcinus_options>> {
    auto stored = readCheckpoint(textOrEmpty(directory));
    if (!stored.ok())
      return stored.status();
    auto result = std::make_unique<orcinus_options>();
    result->options.compile = std::move(stored->compile);
    result->options.train = std::move(stored->train);
    return result;
  });
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

static orcinus_stream withNodesFound(EventStream stream) {
  orcinus_stream result;
  for (size_t node = 0; node != stream.externalIds.size(); ++node)
    result.nodeOfExternalId.emplace(stream.externalIds[node], node);
  result.stream = std::make_shared<const EventStream>(std::move(stream));
  for (const std::string &name : result.stream->externalNames)
    result.nodeOfName.emplace(name, result.nodeOfName.size());
  return result;
}

static StatusOr<std::unique_ptr<orcinus_stream>> wrap(EventStream stream) {
  return std::make_unique<orcinus_stream>(withNodesFound(std::move(stream)));
}

orcinus_stream *orcinus_stream_open(const char *specification,
                                    const orcinus_options *options,
                                    char **error) {
  return make(error, [&]() -> StatusOr<std::unique_ptr<orcinus_stream>> {
    StatusOr<LoadedStream> loaded =
        loadEventStream(textOrEmpty(specification), given(options).load);
    if (!loaded.ok())
      return loaded.status();
    return wrap(std::move(loaded->stream));
  });
}

/// Features of a stream that is made of arrays; none where there are no
/// columns.
static StatusOr<FeatureMatrix> matrixOf(const float *values, int64_t rows,
                                        int64_t columns, const char *what) {
  auto all = spanOfRows(values, rows, columns, what);
  if (!all.ok())
    return all.status();
  if (columns == 0)
    return FeatureMatrix();
  return FeatureMatrix{rows, columns,
                       std::vector<float>(all->begin(), all->end())};
}

orcinus_stream *orcinus_stream_create(const int32_t *source,
                                      const int32_t *destination,
                                      const double *time, int64_t events,
                                      int32_t nodes, const float *edge_features,
                                      int64_t edge_columns,
                                      const float *node_features,
                                      int64_t node_columns, char **error) {
  return make(error, [&]() -> StatusOr<std::unique_ptr<orcinus_stream>> {
    if (events < 0 || events > INT32_MAX || nodes < 0 || edge_columns < 0 ||
        node_columns < 0)
      return Status::error("a stream has 0 to 2^31-1 events, and no negative "
                           "number of nodes or columns");
    auto from = spanOf(source, events, "sources");
    auto to = spanOf(destination, events, "destinations");
    auto when = spanOf(time, events, "times");
    auto ofEdges =
        matrixOf(edge_features, events, edge_columns, "edge features");
    auto ofNodes =
        matrixOf(node_features, nodes, node_columns, "node features");
    if (Status status = firstError(from, to, when, ofEdges, ofNodes);
        !status.ok())
      return status;
    EventStream stream;
    stream.source = std::vector<int32_t>(from->begin(), from->end());
    stream.destination = std::vector<int32_t>(to->begin(), to->end());
    stream.nodeCount = nodes;
    stream.edgeFeatures = std::move(*ofEdges);
    stream.nodeFeatures = std::move(*ofNodes);
    std::vector<double> seconds(when->begin(), when->end());
    if (Status status = setTimes(stream, std::move(seconds), "s"); !status.ok())
      return status;
    if (Status status = checkStream(stream); !status.ok())
      return status;
    return wrap(std::move(stream));
  });
}

void orcinus_stream_free(orcinus_stream *stream) { delete stream; }

int64_t orcinus_stream_event_count(const orcinus_stream *stream) {
  return stream->stream->eventCount();
}

int32_t orcinus_stream_node_count(const orcinus_stream *stream) {
  return stream->stream->nodeCount;
}

int64_t orcinus_stream_external_id(const orcinus_stream *stream, int32_t node) {
  if (node < 0 || node >= stream->stream->nodeCount ||
      !stream->nodeOfName.empty())
    return -1;
  const auto &ids = stream->stream->externalIds;
  return ids.empty() ? node : ids[node];
}

int32_t orcinus_stream_find_node(const orcinus_stream *stream,
                                 int64_t external_id) {
  if (!stream->nodeOfName.empty())
    return -1;
  if (stream->stream->externalIds.empty())
    return external_id >= 0 && external_id < stream->stream->nodeCount
               ? static_cast<int32_t>(external_id)
               : -1;
  auto found = stream->nodeOfExternalId.find(external_id);
  return found == stream->nodeOfExternalId.end() ? -1 : found->second;
}

char *orcinus_stream_node_name(const orcinus_stream *stream, int32_t node) {
  if (node < 0 || node >= stream->stream->nodeCount)
    return nullptr;
  return orElse<char *>(
      nullptr, [&] { return strdup(stream->stream->nodeName(node).c_str()); });
}

int32_t orcinus_stream_find_node_named(const orcinus_stream *stream,
                                       const char *name) {
  std::string_view text = textOrEmpty(name);
  if (!stream->nodeOfName.empty()) {
    auto found = stream->nodeOfName.find(text);
    return found == stream->nodeOfName.end() ? -1 : found->second;
  }
  int64_t id = 0;
  auto [end, error] = std::from_chars(text.begin(), text.end(), id);
  return error == std::errc() && end == text.end()
             ? orcinus_stream_find_node(stream, id)
             : -1;
}

int orcinus_stream_align(orcinus_stream *stream, const char *directory,
                         char **error) {
  return perform(error, [&] {
    EventStream aligned = *stream->stream;
    if (Status status = alignWithCheckpoint(textOrEmpty(directory), aligned);
        !status.ok())
      return status;
    *stream = withNodesFound(std::move(aligned));
    return Status();
  });
}

//===----------------------------------------------------------------------===//
// Plugins
//===----------------------------------------------------------------------===//

int orcinus_plugin_load(const char *path, char **error) {
  return perform(error, [&] { return loadPlugin(textOrEmpty(path)); });
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

orcinus_model *orcinus_model_compile(const orcinus_options *options,
                                     const orcinus_stream *stream,
                                     char **error) {
  return make(error, [&]() -> StatusOr<std::unique_ptr<orcinus_model>> {
    NamedOptions chosen = given(options);
    CompileOptions compile = std::move(chosen.compile);
    compile.threads = chosen.train.threads;
    if (chosen.train.shards.value_or(1) > 1)
      compile.sharded = true;
    auto model =
        compileModel(streamCompileOptions(std::move(compile), *stream->stream));
    if (!model.ok())
      return model.status();
    return std::make_unique<orcinus_model>(orcinus_model{std::move(*model)});
  });
}

void orcinus_model_free(orcinus_model *model) { delete model; }

int orcinus_options_set_labels(orcinus_options *options,
                               const orcinus_stream *stream, const char *path,
                               char **error) {
  return perform(error, [&] {
    NamedOptions &own = options->options;
    auto task = taskOfOption(own.compile.task);
    if (!task.ok())
      return task.status();
    auto labels =
        path ? readLabels(*stream->stream, path, *task, own.load.timeUnit)
             : labelsOfStream(*stream->stream, *task);
    if (!labels.ok())
      return labels.status();
    own.compile.outputs = labels->columns();
    options->labels = std::make_shared<const LabelSet>(std::move(*labels));
    return Status();
  });
}

//===----------------------------------------------------------------------===//
// Trainers
//===----------------------------------------------------------------------===//

orcinus_trainer *orcinus_trainer_create(const orcinus_stream *stream,
                                        const orcinus_model *model,
                                        const orcinus_options *options,
                                        char **error) {
  return make(error, [&]() -> StatusOr<std::unique_ptr<orcinus_trainer>> {
    auto trainer =
        Trainer::create(stream->stream, model->model, given(options).train,
                        options ? options->labels : nullptr);
    if (!trainer.ok())
      return trainer.status();
    return std::make_unique<orcinus_trainer>(
        orcinus_trainer{std::move(*trainer), {}});
  });
}

void orcinus_trainer_free(orcinus_trainer *trainer) { delete trainer; }

static orcinus_metrics convert(const RankingMetrics &metrics) {
  return {metrics.averagePrecision, metrics.areaUnderCurve,
          metrics.inductiveAveragePrecision, metrics.inductiveAreaUnderCurve};
}

static Status storeTest(const StatusOr<TestReport> &tested,
                        orcinus_trainer *trainer, orcinus_test_report *report) {
  if (tested.ok())
    trainer->figures = tested->test.figures;
  if (tested.ok() && report)
    *report = {convert(tested->test), tested->bestEpoch};
  return tested.status();
}

int orcinus_trainer_step(orcinus_trainer *trainer, double *loss, char **error) {
  return perform(error, [&] {
    auto step = trainer->trainer.trainStep();
    if (step.ok() && loss)
      *loss = step->loss;
    return step.status();
  });
}

static orcinus_epoch_report convert(const EpochReport &epoch) {
  return {epoch.epoch, epoch.trainSeconds, epoch.validationSeconds,
          epoch.trainLoss, convert(epoch.validation)};
}

int orcinus_trainer_epoch(orcinus_trainer *trainer,
                          orcinus_epoch_report *report, char **error) {
  return perform(error, [&] {
    auto epoch = trainer->trainer.trainEpoch();
    if (epoch.ok())
      trainer->figures = epoch->validation.figures;
    if (epoch.ok() && report)
      *report = convert(*epoch);
    return epoch.status();
  });
}

namespace {

/// Tells a C function of each epoch.
struct EpochObserver : TrainingObserver {
  orcinus_epoch_observer observer;
  void *user;

  EpochObserver(orcinus_epoch_observer observer, void *user)
      : observer(observer), user(user) {}

  void onEpoch(const EpochReport &epoch) override {
    if (!observer)
      return;
    orcinus_epoch_report report = convert(epoch);
    observer(&report, user);
  }
};

} // namespace

int orcinus_trainer_train(orcinus_trainer *trainer,
                          const char *checkpoint_directory, int resume,
                          const char *metrics_file,
                          orcinus_epoch_observer observer, void *user,
                          orcinus_test_report *report, char **error) {
  return perform(error, [&] {
    CheckpointOptions checkpoints;
    checkpoints.directory = textOrEmpty(checkpoint_directory);
    checkpoints.resume = resume;
    EpochObserver told(observer, user);
    return storeTest(
        trainer->trainer.train(checkpoints, textOrEmpty(metrics_file), &told),
        trainer, report);
  });
}

int orcinus_trainer_test(orcinus_trainer *trainer, orcinus_test_report *report,
                         char **error) {
  return perform(error, [&] {
    return storeTest(trainer->trainer.test(), trainer, report);
  });
}

double orcinus_trainer_figure(const orcinus_trainer *trainer,
                              const char *name) {
  for (const Figure &figure : trainer->figures)
    if (figure.name == textOrEmpty(name))
      return figure.value;
  return NAN;
}

int orcinus_trainer_load_encoder(orcinus_trainer *trainer,
                                 const char *directory, char **error) {
  return perform(error, [&] {
    return trainer->trainer.loadEncoder(textOrEmpty(directory));
  });
}

int64_t orcinus_trainer_embedding_width(const orcinus_trainer *trainer) {
  return trainer->trainer.embeddingWidth();
}

int orcinus_trainer_embed(orcinus_trainer *trainer, const int32_t *nodes,
                          const double *times, int64_t queries, float *result,
                          char **error) {
  return perform(error, [&] {
    auto who = spanOf(nodes, queries, "nodes");
    auto when = spanOf(times, queries, "times");
    auto rows = spanOfRows(result, queries, trainer->trainer.embeddingWidth(),
                           "numbers of the result");
    if (Status status = firstError(who, when, rows); !status.ok())
      return status;
    return trainer->trainer.embed(*who, *when, *rows);
  });
}

int orcinus_trainer_save(const orcinus_trainer *trainer, const char *directory,
                         char **error) {
  return perform(error,
                 [&] { return trainer->trainer.save(textOrEmpty(directory)); });
}

int orcinus_trainer_load(orcinus_trainer *trainer, const char *directory,
                         char **error) {
  return perform(error,
                 [&] { return trainer->trainer.load(textOrEmpty(directory)); });
}

//===----------------------------------------------------------------------===//
// Sessions
//===----------------------------------------------------------------------===//

orcinus_session *orcinus_session_open(const char *directory,
                                      const orcinus_stream *history,
                                      const orcinus_options *options,
                                      char **error) {
  return make(error, [&]() -> StatusOr<std::unique_ptr<orcinus_session>> {
    NamedOptions chosen = given(options);
    auto stored = readCheckpoint(textOrEmpty(directory));
    if (!stored.ok())
      return stored.status();
    CompileOptions compile = sessionCompileOptions(stored->compile);
    compile.cacheDirectory = chosen.compile.cacheDirectory;
    compile.useCache = chosen.compile.useCache;
    compile.threads = chosen.session.threads = chosen.train.threads;
    // Its programs are faster, and no others: there is nobody to warn.
    (void)forgetMissingDatabase(compile);
    auto model = compileModel(
        streamCompileOptions(std::move(compile), *history->stream));
    if (!model.ok())
      return model.status();
    auto session = Session::open(textOrEmpty(directory), *history->stream,
                                 *model, chosen.session);
    if (!session.ok())
      return session.status();
    return std::make_unique<orcinus_session>(std::move(*session));
  });
}

void orcinus_session_free(orcinus_session *session) { delete session; }

orcinus_match orcinus_session_match(const orcinus_session *session) {
  return static_cast<orcinus_match>(session->session.match());
}

int64_t orcinus_session_event_count(const orcinus_session *session) {
  return session->session.eventCount();
}

int64_t orcinus_session_embedding_width(const orcinus_session *session) {
  return session->session.embeddingWidth();
}

int32_t orcinus_session_node(const orcinus_session *session, const char *name) {
  return orElse<int32_t>(
      -1, [&] { return session->session.node(textOrEmpty(name)); });
}

char *orcinus_session_node_name(const orcinus_session *session, int32_t node) {
  const NodeNames &names = session->session.names();
  return node >= 0 && node < names.nodeCount()
             ? strdup(names.name(node).c_str())
             : nullptr;
}

static StatusOr<Timestamp> timestampOf(const orcinus_session *session,
                                       double seconds) {
  if (!std::isfinite(seconds))
    return Status::error("a time is not finite");
  TimeScale timeScale = session->session.timeScale();
  return timeScale.at(seconds);
}

/// The moments of `queries` times.
static StatusOr<std::vector<Moment>> momentsOf(const orcinus_session *session,
                                               const double *times,
                                               int64_t queries) {
  auto all = spanOf(times, queries, "times");
  if (!all.ok())
    return all.status();
  std::vector<Moment> moments;
  moments.reserve(all->size());
  for (double seconds : *all) {
    auto at = timestampOf(session, seconds);
    if (!at.ok())
      return at.status();
    moments.push_back({*at});
  }
  return moments;
}

int orcinus_session_append(orcinus_session *session, const char *const *source,
                           const char *const *destination, const double *time,
                           const float *features, int64_t events,
                           char **error) {
  return perform(error, [&] {
    int64_t columns = features ? session->session.edgeFeatureColumns() : 0;
    auto from = spanOf(source, events, "sources");
    auto to = spanOf(destination, events, "destinations");
    auto when = spanOf(time, events, "times");
    auto values = spanOfRows(features, events, columns, "features");
    if (Status status = firstError(from, to, when, values); !status.ok())
      return status;
    std::vector<NewEvent> added;
    added.reserve(when->size());
    for (size_t event = 0; event != when->size(); ++event) {
      if (!source[event] || !destination[event])
        return Status::error("the name of a node of event " +
                             std::to_string(event) + " is null");
      auto at = timestampOf(session, time[event]);
      if (!at.ok())
        return at.status();
      added.push_back({source[event], destination[event], *at,
                       values->subspan(event * columns, columns)});
    }
    return session->session.append(added);
  });
}

int orcinus_session_save(const orcinus_session *session, const char *path,
                         char **error) {
  return perform(error,
                 [&] { return session->session.save(textOrEmpty(path)); });
}

int orcinus_session_restore(orcinus_session *session, const char *path,
                            char **error) {
  return perform(error,
                 [&] { return session->session.restore(textOrEmpty(path)); });
}

int orcinus_session_score(orcinus_session *session, const int32_t *sources,
                          const int32_t *destinations, const double *times,
                          int64_t pairs, float *logits, char **error) {
  return perform(error, [&] {
    auto from = spanOf(sources, pairs, "sources");
    auto to = spanOf(destinations, pairs, "destinations");
    auto results = spanOf(logits, pairs, "logits");
    auto moments = momentsOf(session, times, pairs);
    if (Status status = firstError(from, to, results, moments); !status.ok())
      return status;
    std::vector<PairQuery> queries;
    queries.reserve(moments->size());
    for (size_t pair = 0; pair != moments->size(); ++pair)
      queries.push_back({sources[pair], destinations[pair], (*moments)[pair]});
    return session->session.score(queries, *results);
  });
}

int64_t orcinus_session_top(orcinus_session *session, int32_t source,
                            double time, const int32_t *candidates,
                            int64_t candidate_count, int64_t count,
                            int32_t *nodes, float *logits, char **error) {
  int64_t found = -1;
  perform(error, [&] {
    auto at = timestampOf(session, time);
    StatusOr<std::span<const int32_t>> among = session->session.destinations();
    if (candidates)
      among = spanOf(candidates, candidate_count, "candidates");
    if (Status status =
            firstError(at, among, spanOf(nodes, count, "best nodes"),
                       spanOf(logits, count, "logits of the best nodes"));
        !status.ok())
      return status;
    auto best = session->session.topK(source, {*at}, *among, count);
    if (!best.ok())
      return best.status();
    for (size_t rank = 0; rank != best->size(); ++rank) {
      nodes[rank] = (*among)[(*best)[rank].place];
      logits[rank] = (*best)[rank].logit;
    }
    found = static_cast<int64_t>(best->size());
    return Status();
  });
  return found;
}

/// Asks for rows of `width` numbers, of nodes at times.
static int answerForNodes(orcinus_session *session, const int32_t *nodes,
                          const double *times, int64_t queries, int64_t width,
                          float *result, char **error,
                          Status (Session::*ask)(std::span<const int32_t>,
                                                 std::span<const Moment>,
                                                 std::span<float>)) {
  return perform(error, [&] {
    auto who = spanOf(nodes, queries, "nodes");
    auto moments = momentsOf(session, times, queries);
    auto rows = spanOfRows(result, queries, width, "numbers of the result");
    if (Status status = firstError(who, moments, rows); !status.ok())
      return status;
    return (session->session.*ask)(*who, *moments, *rows);
  });
}

int orcinus_session_embed(orcinus_session *session, const int32_t *nodes,
                          const double *times, int64_t queries, float *result,
                          char **error) {
  return answerForNodes(session, nodes, times, queries,
                        session->session.embeddingWidth(), result, error,
                        &Session::embed);
}

int64_t orcinus_session_prediction_width(const orcinus_session *session) {
  return session->session.predictionWidth();
}

int orcinus_session_predict(orcinus_session *session, const int32_t *nodes,
                            const double *times, int64_t queries, float *result,
                            char **error) {
  return answerForNodes(session, nodes, times, queries,
                        session->session.predictionWidth(), result, error,
                        &Session::predict);
}

char *orcinus_checkpoint_class(const char *directory, int64_t number,
                               char **error) {
  char *name = nullptr;
  perform(error, [&] {
    auto classes = readCheckpointClasses(textOrEmpty(directory));
    if (classes.ok() && number >= 0 && number < std::ssize(*classes))
      return copyInto(name, (*classes)[number]);
    return classes.status();
  });
  return name;
}
