//===- PlanStatistics.cpp - What reuse does in an epoch -------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Reuse/PlanStatistics.h"

#include "lib/Support/Json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <iterator>

using namespace orcinus;

std::string orcinus::toJson(const PlanStatistics &statistics) {
  const ReuseCounts &counts = statistics.counts;
  nlohmann::ordered_json json = {
      {"train_events", statistics.trainEvents},
      {"batches", statistics.batches},
      {"reads", counts.reads},
      {"in_batch_reads", counts.inBatchReads},
      {"out_of_batch_reads", counts.outOfBatchReads},
      {"unique_out_of_batch_reads", counts.uniqueOutOfBatchReads},
      {"hits", counts.hits},
      {"unique_hits", counts.uniqueHits},
      {"recomputed", counts.recomputed},
      {"mean_age", counts.meanAge()},
      {"max_age", counts.maxAge},
      {"plan_seconds", statistics.planSeconds}};
  if (!statistics.capacities.empty()) {
    json["capacities"] = statistics.capacities;
    json["divided_savings"] = statistics.dividedSavings;
    if (statistics.sharedSavings)
      json["shared_savings"] = *statistics.sharedSavings;
  }
  return printJson(json);
}

static double percentage(int64_t part, int64_t whole) {
  return whole == 0
             ? 0.0
             : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

static void appendCounts(std::string &text, const ReuseCounts &counts) {
  fmt::format_to(
      std::back_inserter(text),
      "  reads         {} ({:.1f} % in-batch, {:.1f} % out-of-batch)\n"
      "  hits          {} ({:.2f} % of the out-of-batch reads)\n"
      "  unique hits   {} ({:.2f} % of {} distinct out-of-batch neighbours)\n"
      "  recomputed    {} ({} never cached before)\n"
      "  age at reuse  {:.2f} batches on average, {} at most\n",
      counts.reads, percentage(counts.inBatchReads, counts.reads),
      percentage(counts.outOfBatchReads, counts.reads), counts.hits,
      percentage(counts.hits, counts.outOfBatchReads), counts.uniqueHits,
      percentage(counts.uniqueHits, counts.uniqueOutOfBatchReads),
      counts.uniqueOutOfBatchReads, counts.recomputed, counts.cold,
      counts.meanAge(), counts.maxAge);
}

std::string orcinus::toText(const PlanStatistics &statistics) {
  std::string text = fmt::format(
      "{} train events in {} batches, planned in {:.3f} s\n",
      statistics.trainEvents, statistics.batches, statistics.planSeconds);
  if (!statistics.capacities.empty()) {
    fmt::format_to(std::back_inserter(text),
                   "the memory holds {} embeddings of each layer, which saves "
                   "{:.2f} % of recomputation",
                   fmt::join(statistics.capacities, ", "),
                   100 * statistics.dividedSavings);
    if (statistics.sharedSavings)
      fmt::format_to(std::back_inserter(text),
                     "; chosen over all layers at every moment, it would save "
                     "{:.2f} %",
                     100 * *statistics.sharedSavings);
    text += '\n';
  }
  for (size_t index = statistics.caches.size(); index-- > 0;) {
    fmt::format_to(std::back_inserter(text), "cache of layer {}\n", index + 1);
    appendCounts(text, statistics.caches[index]);
  }
  return text;
}
