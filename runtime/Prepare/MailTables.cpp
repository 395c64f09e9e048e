//===- MailTables.cpp - Mailboxes in a step -------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Prepare/StepTables.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

using namespace orcinus;

/// Mailboxes are counted from 1.
Mailbox *StepTables::findMailbox(int32_t mailbox, const char *caller) {
  if (mailbox >= 1 && mailbox <= std::ssize(input.state->mailboxes))
    return &input.state->mailboxes[mailbox - 1];
  fail(fmt::format("{} of mailbox {}, which there is not", caller, mailbox));
  return nullptr;
}

void StepTables::mails(int32_t query, int32_t mails, int32_t mailbox) {
  const TableSet *queries = use(query, TableKind::Query, "mails");
  TableSet *set = define(mails, TableKind::Result);
  const Mailbox *box = findMailbox(mailbox, "mails");
  if (!queries || !set || !box)
    return;
  auto nodes = queries->values<int32_t>(Component::Nodes);
  auto times = queries->values<Timestamp>(Component::Times);
  int64_t slots = box->slots();
  auto rows = set->resize<int32_t>(Component::Rows, nodes.size(), slots);
  auto deltas = set->resize<float>(Component::TimeDeltas, nodes.size(), slots);
  auto counts = set->resize<int32_t>(Component::Counts, nodes.size());
  const TimeScale &scale = input.stream->timeScale;
  for (size_t asked = 0; asked != nodes.size(); ++asked) {
    int32_t node = nodes[asked];
    counts[asked] = box->count(node);
    for (int32_t place = 0; place != slots; ++place) {
      int32_t row = box->row(node, place);
      rows[asked * slots + place] = row;
      deltas[asked * slots + place] = place < counts[asked]
                                          ? static_cast<float>(scale.difference(
                                                times[asked], box->sent(row)))
                                          : 0.0f;
    }
  }
}

void StepTables::deliver(int32_t deliveries, int32_t mailbox) {
  TableSet *set = define(deliveries, TableKind::Result);
  Mailbox *box = findMailbox(mailbox, "deliver");
  if (!set || !box)
    return;
  box->deliver(*input.stream, *input.graph, input.events, mailDeliveries);
  auto copy = [&](Component component, std::span<const int32_t> values) {
    std::ranges::copy(values,
                      set->resize<int32_t>(component, values.size()).begin());
  };
  copy(Component::Rows, mailDeliveries.rows);
  copy(Component::ReferenceOffsets, mailDeliveries.offsets);
  copy(Component::References, mailDeliveries.references);
  // The sources and the destinations are the first targets.
  size_t batch = input.events.size();
  auto events = set->resize<int32_t>(Component::Events, 2 * batch);
  auto own = set->resize<int32_t>(Component::SelfRows, 2 * batch);
  auto others = set->resize<int32_t>(Component::OtherRows, 2 * batch);
  std::ranges::copy(input.events, events.begin());
  std::ranges::copy(input.events, events.begin() + batch);
  std::iota(own.begin(), own.end(), 0);
  std::iota(others.begin(), others.begin() + batch,
            static_cast<int32_t>(batch));
  std::iota(others.begin() + batch, others.end(), 0);
}
