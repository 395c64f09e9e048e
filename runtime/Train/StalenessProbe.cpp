//===- StalenessProbe.cpp - What reuse does to embeddings -----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/StalenessProbe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

using namespace orcinus;

/// What the layer above reads of each inner layer, from the first one up.
static constexpr std::string_view poolRole = "pool";

StalenessProbe::StalenessProbe(const Manifest &manifest)
    : neighbours(manifest.neighbours),
      neighbourTime(manifest.caches.front().key) {}

StatusOr<std::unique_ptr<StalenessProbe>>
StalenessProbe::create(const CompiledModel &model, const Manifest &manifest,
                       ModelState &state, FeatureArguments &features) {
  if (!manifest.function("measure_step") || manifest.caches.empty())
    return Status::error("the model was not compiled to measure the staleness "
                         "of reused embeddings");
  std::unique_ptr<StalenessProbe> probe(new StalenessProbe(manifest));
  auto bind = [&](const std::string &name,
                  std::unique_ptr<Invocation> &invocation) {
    auto created = Invocation::create(name, model, manifest, state, features,
                                      embeddingsOutput);
    if (created.ok())
      invocation = std::move(*created);
    return created.status();
  };
  if (Status status = bind("measure", probe->reusing); !status.ok())
    return status;
  size_t layers = manifest.caches.size() + 1;
  if (layers > 1 &&
      probe->reusing->outputs().find(poolRole, layers - 2).columns == 0)
    return Status::error("measure_step does not give what the layers above its "
                         "caches read");
  probe->embedders.resize(layers + 1);
  probe->exact.resize(layers + 1);
  for (size_t layer = 1; layer <= layers; ++layer) {
    std::string name =
        layer == layers ? "embed" : fmt::format("embed{}", layer);
    if (Status status = bind(name, probe->embedders[layer]); !status.ok())
      return status;
  }
  return probe;
}

/// Adds the exact embeddings of the queries to those of the layer.
Status StalenessProbe::embedExactly(size_t layer,
                                    const std::vector<Query> &queries,
                                    const StepInput &input) {
  std::vector<Query> missing;
  for (const Query &query : queries)
    if (exact[layer].try_emplace(query).second)
      missing.push_back(query);
  // Chunks of a batch's size keep the frontiers of deep models small.
  size_t chunk = input.count(StepCount::Targets);
  std::vector<int32_t> nodes;
  std::vector<Timestamp> times;
  for (size_t begin = 0; begin < missing.size(); begin += chunk) {
    nodes.clear();
    times.clear();
    size_t end = std::min(begin + chunk, missing.size());
    for (size_t query = begin; query != end; ++query) {
      nodes.push_back(missing[query].first);
      times.push_back(missing[query].second);
    }
    StepInput embedding = input;
    embedding.events = embedding.negatives = {};
    embedding.queryNodes = nodes;
    embedding.queryTimes = times;
    Invocation &embedder = *embedders[layer];
    if (Status status = embedder.prepare(embedding); !status.ok())
      return status;
    if (Status status = embedder.step({}); !status.ok())
      return status;
    StepOutputs::View rows = embedder.outputs().find(embeddingsOutput.role);
    for (size_t query = begin; query != end; ++query) {
      Row row = rows.values.data() + (query - begin) * rows.columns;
      exact[layer][missing[query]].assign(row, row + rows.columns);
    }
  }
  return Status();
}

/// How far `approximate` is from the query's exact embedding.
double StalenessProbe::distance(size_t layer, Row approximate,
                                const Query &query) const {
  const std::vector<float> &row = exact[layer].at(query);
  double sum = 0;
  for (size_t column = 0; column != row.size(); ++column) {
    double difference = double(approximate[column]) - row[column];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

/// What the reusing program computed of a layer for one of its queries.
StalenessProbe::Row StalenessProbe::answerOf(size_t layer, size_t query) const {
  bool isTop = layer + 1 == embedders.size();
  const StepOutputs &outputs = reusing->outputs();
  StepOutputs::View rows = isTop ? outputs.find(embeddingsOutput.role)
                                 : outputs.find(poolRole, layer - 1);
  return rows.values.data() + query * rows.columns;
}

/// Compares what layer `layer` + 1 read of layer `layer`, and what it answered.
StatusOr<StalenessProbe::LayerErrors>
StalenessProbe::compareLayer(size_t layer, const StepInput &input) {
  const StepTables &tables = reusing->tables();
  // Lookups stand from the last layer down.
  StepTables::LookupHandles handles =
      tables.lookups()[embedders.size() - 2 - layer];
  auto integers = [&](int32_t handle, Component component) {
    return tables.find(handle, component)->values<int32_t>();
  };
  std::vector<int32_t> nodes = reusing->nodesOf(handles.query);
  auto times =
      tables.find(handles.query, Component::Times)->values<Timestamp>();
  std::vector<int32_t> readNodes = reusing->nodesOf(handles.neighbourhood);
  auto readEvents = integers(handles.neighbourhood, Component::Events);
  auto counts = integers(handles.neighbourhood, Component::Counts);
  auto self = integers(handles.lookup, Component::Self);
  auto rows = integers(handles.lookup, Component::Neighbours);
  auto readOf = [&](size_t query, int64_t flat) -> Query {
    return {readNodes[flat], neighbourTime == NeighbourTime::Event
                                 ? input.stream->time[readEvents[flat]]
                                 : times[query]};
  };

  std::vector<Query> below, own;
  for (size_t query = 0; query != nodes.size(); ++query) {
    own.push_back({nodes[query], times[query]});
    for (int64_t flat = query * neighbours, end = flat + counts[query];
         flat != end; ++flat)
      below.push_back(readOf(query, flat));
  }
  below.insert(below.end(), own.begin(), own.end());
  if (Status status = embedExactly(layer, below, input); !status.ok())
    return status;
  if (Status status = embedExactly(layer + 1, own, input); !status.ok())
    return status;

  LayerErrors errors;
  for (size_t query = 0; query != nodes.size(); ++query) {
    double sum = distance(layer, answerOf(layer, self[query]), own[query]);
    for (int64_t flat = query * neighbours, end = flat + counts[query];
         flat != end; ++flat) {
      errors.reads.push_back(
          distance(layer, answerOf(layer, rows[flat]), readOf(query, flat)));
      sum += errors.reads.back();
    }
    errors.input.push_back(sum);
    errors.output.push_back(
        distance(layer + 1, answerOf(layer + 1, query), own[query]));
  }
  return errors;
}

static ErrorSummary summarize(const std::vector<double> &errors) {
  ErrorSummary summary;
  for (double error : errors) {
    summary.mean += error / static_cast<double>(errors.size());
    summary.largest = std::max(summary.largest, error);
  }
  return summary;
}

StatusOr<StalenessReport> StalenessProbe::measure(StepInput input) {
  input.keepsCaches = true;
  if (Status status = reusing->prepare(input); !status.ok())
    return status;
  if (Status status = reusing->step({}); !status.ok())
    return status;
  for (auto &embeddings : exact)
    embeddings.clear();
  StalenessReport report;
  // Below this, differences are those of rounding.
  constexpr double leastInput = 1e-3;
  size_t layers = embedders.size() - 1;
  for (size_t layer = 1; layer != layers; ++layer) {
    auto errors = compareLayer(layer, input);
    if (!errors.ok())
      return errors.status();
    report.staleness.push_back(summarize(errors->reads));
    for (size_t query = 0; query < errors->input.size(); query += 2)
      if (errors->input[query] > leastInput)
        report.combineConstant =
            std::max(report.combineConstant,
                     errors->output[query] / errors->input[query]);
    if (layer + 1 == layers)
      report.outputError = summarize(errors->output);
  }
  double perReader = neighbours * report.aggregateConstant;
  for (size_t layer = 1; layer != layers; ++layer)
    report.bound +=
        perReader *
        std::pow(1 + perReader, static_cast<double>(layers - layer - 1)) *
        std::pow(report.combineConstant, static_cast<double>(layers - layer)) *
        report.staleness[layer - 1].largest;
  return report;
}
