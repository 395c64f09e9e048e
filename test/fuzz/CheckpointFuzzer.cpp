//===- CheckpointFuzzer.cpp - What checkpoints hold -----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input is a JSON merge patch of a sound checkpoint's header and, behind a
// zero byte, what replaces the start of its index sections; all checksums are
// made right. What loads must be trained and tested without a crash.
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include "orcinus/Graph/Generator.h"
#include "orcinus/Runtime/Trainer.h"
#include "runtime/Train/CheckpointFile.h"
#include "test/unit/Runtime/FakeModel.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

using namespace orcinus;
using namespace orcinus::fuzz;
using nlohmann::ordered_json;

static Trainer makeTrainer() {
  GeneratorOptions generator;
  generator.nodes = 12;
  generator.events = 80;
  StatusOr<EventStream> stream = generateEventStream(generator);
  TrainOptions options;
  options.epochs = 2;
  options.batchSize = options.evaluationBatchSize = 30;
  options.threads = 1;
  options.prepareAhead = false;
  StatusOr<Trainer> trainer =
      Trainer::create(std::make_shared<EventStream>(std::move(*stream)),
                      test::makeFakeModel(), options);
  check(trainer.ok(), "there is a trainer");
  return std::move(*trainer);
}

/// A section of a sound checkpoint.
struct Section {
  std::string name;
  std::vector<std::byte> bytes;
};

/// A sound checkpoint, which all inputs alter.
struct SoundCheckpoint {
  ordered_json header;
  std::vector<Section> sections;
};

static SoundCheckpoint makeSoundCheckpoint() {
  MemoryFolder folder;
  Trainer trainer = makeTrainer();
  check(trainer.trainEpoch().ok() && trainer.trainStep().ok() &&
            trainer.save(folder.path()).ok(),
        "a sound run is trained and saved");
  StatusOr<SectionFile> file = openCheckpointFile(folder.path());
  check(file.ok(), "a sound checkpoint opens");
  SoundCheckpoint sound{file->header(), {}};
  for (const ordered_json &each : sound.header.at("sections")) {
    Section &section = sound.sections.emplace_back();
    section.name = each.at("name").get<std::string>();
    section.bytes.resize(each.at("bytes").get<size_t>());
    check(file->read(section.name, section.bytes).ok(), "sections are read");
  }
  return sound;
}

/// Puts `bytes` over the start of the index sections, one after the other.
static void replaceIndex(std::vector<Section> &sections,
                         std::span<const std::byte> bytes) {
  for (Section &section : sections) {
    if (section.name.find("index:") == std::string::npos)
      continue;
    size_t count = std::min(bytes.size(), section.bytes.size());
    std::copy_n(bytes.begin(), count, section.bytes.begin());
    bytes = bytes.subspan(count);
  }
}

/// Writes a sound checkpoint into `folder`, altered as the input asks for.
static void writeAltered(const std::string &folder, const ordered_json &patch,
                         std::span<const std::byte> index) {
  static const SoundCheckpoint sound = makeSoundCheckpoint();
  std::vector<Section> sections = sound.sections;
  replaceIndex(sections, index);
  std::vector<FileSection> places;
  for (const Section &section : sections)
    places.push_back({section.name, section.bytes});
  ordered_json header = sound.header;
  header.merge_patch(patch);
  if (header.is_object())
    check(writeCheckpointFile(folder, header, places).ok(),
          "a checkpoint is written");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view index = asText(data, size);
  std::string_view text = takePart(index, std::string_view("\0", 1));
  ordered_json patch =
      ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (patch.is_discarded())
    return -1;
  MemoryFolder folder;
  writeAltered(folder.path(), patch, std::as_bytes(std::span(index)));
  (void)readCheckpoint(folder.path());
  Trainer trainer = makeTrainer();
  if (!trainer.load(folder.path()).ok())
    return 0;
  (void)trainer.trainStep();
  (void)trainer.trainEpoch();
  (void)trainer.test();
  return 0;
}
