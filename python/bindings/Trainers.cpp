//===- Trainers.cpp - Training in Python ----------------------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Communicator.h"
#include "orcinus/Runtime/Trainer.h"
#include "python/bindings/Bindings.h"
#include "runtime/Train/MetricsLog.h"

#include <chrono>

using namespace orcinus;
using namespace orcinus::python;

namespace {

/// Tells a Python object how a run goes, by its methods on_batch, on_epoch,
/// on_staleness, on_test_scores and on_note, and stops the run where one of
/// them, or a signal, raises an exception. Computing holds no lock; each call
/// takes it.
class PythonObserver : public TrainingObserver {
public:
  explicit PythonObserver(nb::object observer)
      : observer(std::move(observer)),
        wantsScores(nb::hasattr(this->observer, "on_test_scores")),
        wantsAllBatches(nb::hasattr(this->observer, "every_batch") &&
                        nb::cast<bool>(this->observer.attr("every_batch"))) {}

  void onBatch(const Progress &progress) override {
    using namespace std::chrono_literals;
    auto now = std::chrono::steady_clock::now();
    bool last = progress.batch == progress.batches;
    isDue = now - lastCall >= 50ms;
    if (!isDue && !last && !wantsAllBatches)
      return;
    lastCall = now;
    call([&] {
      constexpr const char *phases[] = {"train", "validation", "test",
                                        "replay"};
      observer.attr("on_batch")(
          phases[static_cast<size_t>(progress.phase)], progress.epoch,
          progress.batch, progress.batches, progress.seconds, progress.loss);
    });
  }
  void onEpoch(const EpochReport &report) override {
    call([&] { observer.attr("on_epoch")(metricsLine(report), report.best); });
  }
  void onStaleness(const StalenessReport &report) override {
    call([&] { observer.attr("on_staleness")(metricsLine(report)); });
  }
  void onTestScores(std::span<const int32_t> events,
                    std::span<const int32_t> negatives,
                    std::span<const float> logits) override {
    if (!wantsScores)
      return;
    auto copy = [](auto values) {
      return toNumpy(std::vector(values.begin(), values.end()));
    };
    call([&] {
      observer.attr("on_test_scores")(copy(events), copy(negatives),
                                      copy(logits));
    });
  }
  void onNote(const std::string &note) override {
    call([&] { observer.attr("on_note")(note); });
  }

  bool wantsStop() override {
    if (!raised && isDue)
      call([] {
        if (PyErr_CheckSignals() != 0)
          nb::raise_python_error();
      });
    return raised.has_value();
  }

  /// After a run: raises what one of the methods raised.
  void rethrow() {
    if (raised)
      std::rethrow_exception(std::make_exception_ptr(std::move(*raised)));
  }

private:
  template <typename Call>
  void call(Call each) {
    if (raised)
      return;
    nb::gil_scoped_acquire lock;
    try {
      each();
    } catch (nb::python_error &error) {
      raised.emplace(std::move(error));
    }
  }

  nb::object observer;
  bool wantsScores;
  bool wantsAllBatches;
  bool isDue = false;
  std::chrono::steady_clock::time_point lastCall;
  std::optional<nb::python_error> raised;
};

/// What belongs to a trainer for as long as it lives.
class PythonTrainer {
public:
  PythonTrainer(const Stream &stream, const Program &program,
                const NamedOptions &options, const Labels *labels,
                const Processes *processes)
      : trainer(make(stream, program, options, labels,
                     processes ? processes->communicator : nullptr)) {}

  Trainer trainer;

private:
  static Trainer make(const Stream &stream, const Program &program,
                      const NamedOptions &options, const Labels *labels,
                      std::shared_ptr<Communicator> processes) {
    auto ofLabels = labels ? labels->set : nullptr;
    nb::gil_scoped_release unlocked;
    return take(Trainer::create(stream.events, program.model, options.train,
                                ofLabels, std::move(processes)));
  }
};

} // namespace

/// Calls `run` with the observer, without the interpreter's lock.
template <typename Run>
static auto observed(nb::object object, Run run) {
  PythonObserver observer(std::move(object));
  auto result = [&] {
    nb::gil_scoped_release unlocked;
    return run(&observer);
  }();
  observer.rethrow();
  return take(std::move(result));
}

static std::string train(PythonTrainer &self, const std::string &directory,
                         bool resume, bool startFromBest, double everySeconds,
                         const std::string &metricsFile, nb::object observer) {
  CheckpointOptions checkpoints;
  checkpoints.directory = directory;
  checkpoints.resume = resume;
  checkpoints.startFromBest = startFromBest;
  checkpoints.everySeconds = everySeconds;
  TestReport report = observed(observer, [&](TrainingObserver *each) {
    return self.trainer.train(checkpoints, metricsFile, each);
  });
  return metricsLine(report);
}

static NumpyArray<float> embed(PythonTrainer &self, Array<int32_t> nodes,
                               Array<double> times) {
  size_t width = static_cast<size_t>(self.trainer.embeddingWidth());
  std::vector<float> rows(nodes.size() * width);
  {
    nb::gil_scoped_release unlocked;
    check(self.trainer.embed(spanOf(nodes), spanOf(times), rows));
  }
  return toNumpy(std::move(rows), {nodes.size(), width});
}

/// Arrays by their names, which show the trainer's own values, to read and to
/// write.
static nb::dict arrays(nb::handle object, bool ofNodes) {
  Trainer &trainer = nb::cast<PythonTrainer &>(object).trainer;
  nb::dict result;
  for (const NamedArray &array :
       ofNodes ? trainer.nodeRows() : trainer.parameters()) {
    std::vector<size_t> shape(array.shape.begin(), array.shape.end());
    result[array.name.c_str()] = nb::cast(nb::ndarray<nb::numpy, float>(
        array.values.data(), shape.size(), shape.data(), object));
  }
  return result;
}

/// The text that process 0 gives; all call it.
static std::string textOfFirst(const Processes &self, std::string text) {
  nb::gil_scoped_release unlocked;
  size_t size = text.size();
  check(self.communicator->broadcast(
      std::as_writable_bytes(std::span(&size, 1))));
  text.resize(size);
  check(self.communicator->broadcast(std::as_writable_bytes(std::span(text))));
  return text;
}

void orcinus::python::bindTrainers(nb::module_ &module) {
  nb::class_<Processes>(module, "Processes")
      .def_static("open_mpi", [] { return Processes{take(openMpi())}; })
      .def_static("launched", [] { return launchedProcess().has_value(); })
      .def_prop_ro(
          "rank",
          [](const Processes &self) { return self.communicator->rank(); })
      .def_prop_ro(
          "size",
          [](const Processes &self) { return self.communicator->size(); })
      .def("text_of_first", &textOfFirst)
      .def("agree",
           [](const Processes &self, const std::string &text) {
             nb::gil_scoped_release unlocked;
             return take(self.communicator->agree(text));
           })
      .def("meet",
           [](const Processes &self) {
             nb::gil_scoped_release unlocked;
             check(self.communicator->meet());
           })
      .def("finish",
           [](const Processes &self) { self.communicator->finish(); });
  nb::class_<PythonTrainer>(module, "Trainer")
      .def(nb::init<const Stream &, const Program &, const NamedOptions &,
                    const Labels *, const Processes *>(),
           nb::arg("stream"), nb::arg("program"), nb::arg("options"),
           nb::arg("labels").none(), nb::arg("processes").none())
      .def("step",
           [](PythonTrainer &self) {
             nb::gil_scoped_release unlocked;
             return take(self.trainer.trainStep()).loss;
           })
      .def("epoch",
           [](PythonTrainer &self, nb::object observer) {
             EpochReport report =
                 observed(observer, [&](TrainingObserver *each) {
                   return self.trainer.trainEpoch(each);
                 });
             return std::make_pair(metricsLine(report), report.best);
           })
      .def("train", &train)
      .def("test",
           [](PythonTrainer &self, nb::object observer) {
             return metricsLine(observed(observer, [&](TrainingObserver *each) {
               return self.trainer.test(each);
             }));
           })
      .def("replay_and_test",
           [](PythonTrainer &self, nb::object observer) {
             return metricsLine(observed(observer, [&](TrainingObserver *each) {
               return self.trainer.replayAndTest(each);
             }));
           })
      .def("embed", &embed)
      .def_prop_ro("embedding_width",
                   [](const PythonTrainer &self) {
                     return self.trainer.embeddingWidth();
                   })
      .def("save",
           [](const PythonTrainer &self, const std::string &directory) {
             nb::gil_scoped_release unlocked;
             check(self.trainer.save(directory));
           })
      .def("load",
           [](PythonTrainer &self, const std::string &directory) {
             nb::gil_scoped_release unlocked;
             check(self.trainer.load(directory));
           })
      .def("load_encoder",
           [](PythonTrainer &self, const std::string &directory) {
             check(self.trainer.loadEncoder(directory));
           })
      .def("load_for_test",
           [](PythonTrainer &self, const std::string &directory) {
             constexpr const char *names[] = {"model", "history", "run"};
             return std::string(names[static_cast<size_t>(
                 take(self.trainer.loadForTest(directory)))]);
           });
  module.def("arrays", &arrays);
  module.def("holds_checkpoint", &holdsCheckpoint);
  module.def("checkpoint_options", [](const std::string &directory) {
    auto stored = take(readCheckpoint(directory));
    NamedOptions options;
    options.compile = stored.compile;
    options.train = stored.train;
    return options;
  });
  module.def("checkpoint_classes", [](const std::string &directory) {
    return take(readCheckpointClasses(directory));
  });
}
