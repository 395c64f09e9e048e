//===- StreamChecks.cpp - What holds of every event stream ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StreamChecks.h"

#include "FuzzSupport.h"

#include <algorithm>
#include <cmath>

using namespace orcinus;
using namespace orcinus::fuzz;

static void checkFeatures(const FeatureMatrix &features, int64_t rows) {
  if (features.columns == 0)
    return;
  check(features.rows == rows, "there is a row of features for each");
  check(static_cast<int64_t>(features.values.size()) ==
            features.rows * features.columns,
        "features are a matrix");
  check(std::all_of(features.values.begin(), features.values.end(),
                    [](float value) { return std::isfinite(value); }),
        "features are finite");
}

void orcinus::fuzz::checkStream(const EventStream &stream) {
  size_t events = static_cast<size_t>(stream.eventCount());
  check(events > 0, "a stream has events");
  check(stream.source.size() == events && stream.destination.size() == events,
        "columns are of one length");
  for (const auto *nodes : {&stream.source, &stream.destination})
    check(std::all_of(nodes->begin(), nodes->end(),
                      [&](int32_t node) {
                        return node >= 0 && node < stream.nodeCount;
                      }),
          "nodes are numbered");
  check(std::is_sorted(stream.time.begin(), stream.time.end()), "times ascend");
  check(stream.externalIds.empty() ||
            stream.externalIds.size() == static_cast<size_t>(stream.nodeCount),
        "each node has an id");
  checkFeatures(stream.edgeFeatures, stream.eventCount());
  checkFeatures(stream.nodeFeatures, stream.nodeCount);
}

void orcinus::fuzz::loadAndCheck(const std::string &path) {
  for (bool sort : {false, true}) {
    LoadOptions options;
    options.sort = sort;
    StatusOr<LoadedStream> loaded = loadEventStream(path, options);
    if (loaded.ok())
      checkStream(loaded->stream);
    else
      check(loaded.message().find('\n') == std::string::npos,
            "a message is one line");
  }
}
