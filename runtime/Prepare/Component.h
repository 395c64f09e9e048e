//===- Component.h - What tables are called ---------------------*- C++ -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef RUNTIME_PREPARE_COMPONENT_H
#define RUNTIME_PREPARE_COMPONENT_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace orcinus {

/// The name of a table among those of a handle, as a small number. The names
/// of docs/abi.md are below; index functions may declare more.
class Component {
public:
  static const Component Nodes, Times, Events, TimeDeltas, Counts, Self,
      Neighbours, SelfOffsets, SelfReferences, ReferenceOffsets, References,
      Rows, SelfRows, OtherRows, CandidateKeys, CandidateSlots, CachedRows,
      EvictedKeys, PushedRows, PushedKeys, PushedSlots, Roles, Features,
      LogTimeDeltas, Sources, Destinations, Labels, SequenceCounts, Own, Other,
      OtherQueries, OwnShares, OtherShares, Values;

  /// The component of that name, declared by this call if it was not; nothing
  /// where it is no name or the process has declared a thousand others.
  static std::optional<Component> declare(std::string_view name);

  std::string_view name() const;
  /// Counted from 0 in order of declaration.
  uint16_t index() const { return number; }

  bool operator==(const Component &) const = default;

private:
  constexpr explicit Component(uint16_t number) : number(number) {}

  uint16_t number;
};

inline constexpr Component Component::Nodes{0};
inline constexpr Component Component::Times{1};
inline constexpr Component Component::Events{2};
inline constexpr Component Component::TimeDeltas{3};
inline constexpr Component Component::Counts{4};
inline constexpr Component Component::Self{5};
inline constexpr Component Component::Neighbours{6};
inline constexpr Component Component::SelfOffsets{7};
inline constexpr Component Component::SelfReferences{8};
inline constexpr Component Component::ReferenceOffsets{9};
inline constexpr Component Component::References{10};
inline constexpr Component Component::Rows{11};
inline constexpr Component Component::SelfRows{12};
inline constexpr Component Component::OtherRows{13};
inline constexpr Component Component::CandidateKeys{14};
inline constexpr Component Component::CandidateSlots{15};
inline constexpr Component Component::CachedRows{16};
inline constexpr Component Component::EvictedKeys{17};
inline constexpr Component Component::PushedRows{18};
inline constexpr Component Component::PushedKeys{19};
inline constexpr Component Component::PushedSlots{20};
inline constexpr Component Component::Roles{21};
inline constexpr Component Component::Features{22};
inline constexpr Component Component::LogTimeDeltas{23};
inline constexpr Component Component::Sources{24};
inline constexpr Component Component::Destinations{25};
inline constexpr Component Component::Labels{26};
inline constexpr Component Component::SequenceCounts{27};
inline constexpr Component Component::Own{28};
inline constexpr Component Component::Other{29};
inline constexpr Component Component::OtherQueries{30};
inline constexpr Component Component::OwnShares{31};
inline constexpr Component Component::OtherShares{32};
inline constexpr Component Component::Values{33};

} // namespace orcinus

#endif // RUNTIME_PREPARE_COMPONENT_H
