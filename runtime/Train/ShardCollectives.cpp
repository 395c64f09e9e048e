//===- ShardCollectives.cpp - Sums over shards while steps run ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Train/ShardCollectives.h"

#include <algorithm>
#include <cassert>
#include <utility>

using namespace orcinus;

/// Arrays begin where kernels may load whole vectors.
static constexpr size_t valuesOfAlignment = bufferAlignment / sizeof(float);

std::vector<std::vector<FloatArray *>>
orcinus::gradientSums(const Manifest &manifest, std::string_view step,
                      ModelState &state) {
  std::vector<std::vector<FloatArray *>> sums;
  if (const FunctionSpecification *function = manifest.function(step))
    for (const ArgumentSpecification &argument : function->arguments) {
      FloatArray *array =
          argument.sum ? state.find(argument.kind, argument.name) : nullptr;
      if (!array)
        continue;
      auto number = static_cast<size_t>(*argument.sum);
      if (sums.size() <= number)
        sums.resize(number + 1);
      sums[number].push_back(array);
    }
  return sums;
}

ShardCollectives::ShardCollectives(
    std::vector<std::vector<FloatArray *>> arrays, ShardLayout layout,
    std::shared_ptr<Communicator> all)
    : layout(layout), processes(std::move(all)), onHost(hostSums(processes)) {
  // The loss is added even where no parameter is trained.
  if (arrays.empty())
    arrays.emplace_back();
  for (std::vector<FloatArray *> &together : arrays) {
    Sum &sum = sums.emplace_back();
    sum.arrays = std::move(together);
    sum.memory = onHost.get();
    for (const FloatArray *array : sum.arrays) {
      size_t count = array->values().size();
      sum.ranges.emplace_back(sum.end, count);
      sum.end += (count + valuesOfAlignment - 1) / valuesOfAlignment *
                 valuesOfAlignment;
    }
  }
}

ShardCollectives::~ShardCollectives() {
  // After an error elsewhere, others may never come to what is being done.
  if (thread.forget() && background)
    background->leave();
}

Status ShardCollectives::sendBeside(std::shared_ptr<Communicator> other) {
  background = std::move(other);
  std::unique_ptr<SumMemory> before =
      std::exchange(onHost, hostSums(background));
  for (Sum &sum : sums)
    if (sum.memory == before.get())
      sum.memory = onHost.get();
  return thread.start();
}

void ShardCollectives::addOnDevice(std::unique_ptr<SumMemory> device) {
  onDevice = std::move(device);
  for (Sum &sum : sums)
    sum.memory = onDevice.get();
  // The loss is the host's.
  sums.emplace_back().memory = onHost.get();
}

/// The values of a sum, with the loss where it has it.
size_t ShardCollectives::sizeOf(const Sum &sum) const {
  return sum.end + (hasLoss(sum) ? 1 : 0);
}

int64_t ShardCollectives::gradientBytes() const {
  size_t values = 0;
  for (const Sum &sum : sums)
    values += sizeOf(sum);
  return static_cast<int64_t>(values * sizeof(float));
}

void ShardCollectives::note(Status status) {
  if (failure.ok())
    failure = std::move(status);
}

void ShardCollectives::restart() {
  thread.restart();
  failure = Status();
}

void ShardCollectives::begin(bool asked, std::span<double> added) {
  isAsked = asked;
  counts = added;
  endedShards = 0;
  submitted = 0;
  for (Sum &sum : sums) {
    for (Subtree &subtree : sum.subtrees)
      sum.spare.push_back(std::move(subtree.values));
    sum.subtrees.clear();
    sum.isTaken = sum.isStored = false;
    sum.work = 0;
  }
}

//===----------------------------------------------------------------------===//
// Own shards
//===----------------------------------------------------------------------===//

/// Puts the gradients of the shard in hand, times its share, behind the
/// subtrees, or zeros.
Status ShardCollectives::addLeaf(Sum &sum, bool isEmpty) {
  Subtree leaf{1, {}};
  if (sum.spare.empty()) {
    StatusOr<SumBuffer> made = sum.memory->allocate(sizeOf(sum));
    if (!made.ok())
      return made.status();
    leaf.values = std::move(*made);
    // What lies between arrays is added like the rest.
    if (Status status = sum.memory->clear(leaf.values.values()); !status.ok())
      return status;
  } else {
    leaf.values = std::move(sum.spare.back());
    sum.spare.pop_back();
  }
  std::span<float> values = leaf.values.values();
  Status status = isEmpty ? sum.memory->clear(values) : Status();
  for (size_t place = 0; !isEmpty && place != sum.arrays.size(); ++place) {
    auto [begin, count] = sum.ranges[place];
    if (status.ok())
      status = sum.memory->weigh(values.subspan(begin, count),
                                 *sum.arrays[place], ownShare);
  }
  sum.subtrees.push_back(std::move(leaf));
  return status;
}

/// Two subtrees of as many shards become one.
Status ShardCollectives::merge(Sum &sum) {
  std::vector<Subtree> &trees = sum.subtrees;
  while (trees.size() > 1 &&
         trees.back().shards == trees[trees.size() - 2].shards) {
    Subtree right = std::move(trees.back());
    trees.pop_back();
    Status status =
        sum.memory->add(trees.back().values.values(), right.values.values());
    trees.back().shards += right.shards;
    sum.spare.push_back(std::move(right.values));
    if (!status.ok())
      return status;
  }
  return Status();
}

void ShardCollectives::take(Sum &sum, bool isEmpty) {
  sum.isTaken = true;
  if (!failure.ok())
    return;
  note(addLeaf(sum, isEmpty));
  // The loss comes when the shard has ended.
  if (failure.ok() && !hasLoss(sum))
    note(merge(sum));
  // The next shard's step writes to the same gradients, on other streams.
  if (failure.ok() && !isEmpty)
    note(sum.memory->finish());
}

bool ShardCollectives::startAllReduce(int32_t number) {
  if (number < 0 || number >= std::ssize(sums) || sums[number].isTaken)
    return true;
  take(sums[number], /*isEmpty=*/false);
  submitReady();
  return failure.ok();
}

/// Gives the thread what all own shards have given theirs to, in order.
void ShardCollectives::submitReady() {
  if (!processes || !failure.ok())
    return;
  while (submitted != sums.size()) {
    Sum &sum = sums[submitted];
    if (sum.subtrees.empty() || sum.subtrees.front().shards != layout.own ||
        (hasLoss(sum) && endedShards != layout.own))
      return;
    if (Status status = sum.memory->finish(); !status.ok())
      return note(std::move(status));
    sum.work = thread.submit([this, &sum] {
      return sum.memory->addOverProcesses(sum.subtrees.front().values.values(),
                                          hasLoss(sum) ? counts
                                                       : std::span<double>());
    });
    ++submitted;
  }
}

void ShardCollectives::endShard(float loss) {
  for (Sum &sum : sums) {
    if (!sum.isTaken)
      take(sum, /*isEmpty=*/false);
    sum.isTaken = false;
  }
  Sum &last = sums.back();
  if (failure.ok()) {
    last.subtrees.back().values.values().back() = ownShare * loss;
    note(merge(last));
  }
  ++endedShards;
  submitReady();
}

void ShardCollectives::skipShard() {
  ++endedShards;
  if (!isAsked)
    return;
  for (Sum &sum : sums) {
    take(sum, /*isEmpty=*/true);
    sum.isTaken = false;
  }
  if (failure.ok())
    note(merge(sums.back()));
  submitReady();
}

//===----------------------------------------------------------------------===//
// What is waited for
//===----------------------------------------------------------------------===//

/// Waits for the sum over the processes, and puts it into the arrays.
Status ShardCollectives::await(Sum &sum) {
  if (!failure.ok() || sum.isStored || !isAsked)
    return failure;
  assert(sum.subtrees.size() == 1 && "all own shards have ended");
  if (sum.work != 0)
    note(thread.wait(sum.work));
  if (!failure.ok())
    return failure;
  std::span<const float> values = sum.subtrees.front().values.values();
  for (size_t place = 0; place != sum.arrays.size(); ++place) {
    auto [begin, count] = sum.ranges[place];
    note(sum.memory->store(values.subspan(begin, count), *sum.arrays[place]));
  }
  if (hasLoss(sum))
    lossOfBatch = values.back();
  sum.isStored = true;
  return failure;
}

bool ShardCollectives::awaitAllReduce(int32_t number) {
  return number < 0 || number >= std::ssize(sums) || await(sums[number]).ok();
}

void ShardCollectives::startAllGather(const GatherRows &gather) {
  gathering = thread.submit([this, &gather] {
    return gather(background ? background.get() : processes.get());
  });
}

Status ShardCollectives::awaitRows() {
  note(thread.wait(gathering));
  return failure;
}

bool ShardCollectives::awaitAllGather(int32_t) { return awaitRows().ok(); }

Status ShardCollectives::finish() {
  if (isAsked) {
    for (Sum &sum : sums)
      (void)await(sum);
    return failure;
  }
  // Counts alone.
  if (processes && failure.ok())
    note(thread.wait(thread.submit(
        [this] { return onHost->addOverProcesses({}, counts); })));
  return failure;
}
