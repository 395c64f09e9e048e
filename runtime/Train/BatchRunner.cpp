//===- BatchRunner.cpp - Runs the batches of a split ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/BatchRunner.h"

#include "orcinus/Support/CounterRng.h"

#include <algorithm>

using namespace orcinus;

void BatchSequence::negativesOf(int64_t index, const EventStream &stream,
                                std::vector<int32_t> &result) const {
  negativesOf(static_cast<size_t>(index * batchSize), batch(index).size(),
              stream, result);
}

void BatchSequence::negativesOf(size_t first, size_t count,
                                const EventStream &stream,
                                std::vector<int32_t> &result) const {
  result.resize(count);
  if (drawn.empty())
    negatives->sample(firstDraw + first, stream, events.subspan(first, count),
                      result);
  else
    std::ranges::copy(drawn.subspan(first, count), result.begin());
}

void BatchSequence::labelsOf(int64_t index,
                             std::vector<int64_t> &result) const {
  labelsOf(static_cast<size_t>(index * batchSize), batch(index).size(), result);
}

void BatchSequence::labelsOf(size_t first, size_t count,
                             std::vector<int64_t> &result) const {
  result.clear();
  if (count == 0)
    return;
  // Events of other splits may lie between two of these: their labels go with
  // the event before.
  size_t behind = first + count;
  bool endsBatch =
      behind == events.size() || behind % static_cast<size_t>(batchSize) == 0;
  auto [begin, end] = labels->ofEvents(
      events[first], endsBatch ? events[behind - 1] + 1 : events[behind]);
  for (int64_t label = begin; label != end; ++label)
    if (hiddenNodes.empty() || !hiddenNodes[labels->places[label].node])
      result.push_back(label);
}

/// Fills `contents` and points `input` to what the batch's labels are.
static void addLabels(const LabelSet &labels, BatchContents &contents,
                      StepInput &input) {
  auto batch = static_cast<int32_t>(input.events.size());
  contents.labelledRows.clear();
  contents.otherLabelledRows.clear();
  contents.labelledEvents.clear();
  contents.labelNodes.clear();
  contents.labelTimes.clear();
  int64_t columns = labels.columns();
  contents.labelValues.resize(contents.labels.size() * columns);
  float *next = contents.labelValues.data();
  for (int64_t label : contents.labels) {
    const LabelPlace &place = labels.places[label];
    auto found = std::ranges::lower_bound(input.events, place.event);
    auto event = static_cast<int32_t>(found - input.events.begin());
    int32_t row = place.of == LabelOf::Source ? event : batch + event;
    if (place.of == LabelOf::Node) {
      row = 2 * batch + static_cast<int32_t>(contents.labelNodes.size());
      contents.labelNodes.push_back(place.node);
      contents.labelTimes.push_back(place.time);
    }
    contents.labelledRows.push_back(row);
    contents.otherLabelledRows.push_back(isOfEvents(labels.task) ? batch + event
                                                                 : row);
    contents.labelledEvents.push_back(place.event);
    labels.values(label, std::span(next, columns));
    next += columns;
  }
  input.queryNodes = contents.labelNodes;
  input.queryTimes = contents.labelTimes;
  input.labelledRows = contents.labelledRows;
  input.otherLabelledRows = contents.otherLabelledRows;
  input.labelledEvents = contents.labelledEvents;
  input.labelValues = contents.labelValues;
  input.labelColumns = columns;
}

void BatchSequence::fill(size_t first, size_t count, const EventStream &stream,
                         BatchContents &contents, StepInput &input) const {
  input.events = events.subspan(first, count);
  if (labels) {
    labelsOf(first, count, contents.labels);
    addLabels(*labels, contents, input);
    return;
  }
  negativesOf(first, count, stream, contents.negatives);
  input.negatives = contents.negatives;
}

StepInput BatchRunner::inputOf(const BatchSequence &sequence, int64_t batch,
                               BatchContents &contents) {
  StepInput input;
  input.stream = &stream;
  input.graph = sequence.graph;
  input.state = &index;
  input.caches = caches;
  sequence.fill(static_cast<size_t>(batch * sequence.batchSize),
                sequence.batch(batch).size(), stream, contents, input);
  input.threads = threads;
  input.samplingSeed =
      randomBits(sequence.samplingSeed, randomStream("sampling"), batch);
  return input;
}

void BatchRunner::startPreparing(const BatchSequence &sequence, int64_t batch) {
  size_t slot = batch % 2;
  begunBatches = batch + 1;
  PreparedPart &part = prepared[slot];
  part.input = inputOf(sequence, batch, contents[slot]);
  bool advances = sequence.labels && !isLabelled(batch);
  part.invocation = (advances ? advancing : slots)[slot].get();
  worker.start({&part, 1});
}

/// Runs a batch that was prepared.
Status BatchRunner::finish(int64_t batch, BatchConsumer &consumer) {
  Invocation *current = prepared[batch % 2].invocation;
  if (current)
    if (Status status = current->step(consumer.scalars(batch)); !status.ok())
      return status;
  bool passes = !current || current == advancing[batch % 2].get();
  return passes ? consumer.pass(batch) : consumer.consume(batch, *current);
}

Status BatchRunner::run(const BatchSequence &sequence, int64_t first,
                        int64_t end, BatchConsumer &consumer) {
  ArenaScope scope(arena);
  RunScope inRun(worker);
  begunBatches = first;
  if (first < end)
    startPreparing(sequence, first);
  for (int64_t batch = first; batch < end; ++batch) {
    if (Status status = worker.wait(); !status.ok())
      return status;
    bool last = batch + 1 == end;
    bool pauses = consumer.pausesAfter(batch);
    if (!last && !pauses)
      startPreparing(sequence, batch + 1);
    Status status = finish(batch, consumer);
    // Also where the consumer stops the run: the states have the batch.
    if (last || pauses)
      worker.settle();
    if (!status.ok())
      return status;
    if (!last && pauses)
      startPreparing(sequence, batch + 1);
  }
  return Status();
}

Status BatchRunner::replay(const BatchSequence &sequence, int64_t first,
                           int64_t end,
                           const std::function<void(const Invocation &)> &see) {
  for (int64_t batch = first; batch < end; ++batch) {
    startPreparing(sequence, batch);
    if (Status status = worker.wait(); !status.ok())
      return status;
    if (see)
      see(*slots[batch % 2]);
  }
  return Status();
}
