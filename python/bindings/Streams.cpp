//===- Streams.cpp - Streams, labels and options in Python ----------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "orcinus/Graph/ArrayStream.h"
#include "orcinus/Graph/Loader.h"
#include "orcinus/Graph/Statistics.h"
#include "orcinus/Graph/Writer.h"
#include "orcinus/Runtime/Trainer.h"
#include "python/bindings/Bindings.h"
#include "runtime/Train/RunSplit.h"

using namespace orcinus;
using namespace orcinus::python;

//===----------------------------------------------------------------------===//
// Arrays that Python owns
//===----------------------------------------------------------------------===//

/// The array as a column that borrows it. Columns live in C++, where the
/// interpreter's lock may not be held when the last one goes.
template <typename T, typename... Form>
static Column<T> borrow(nb::ndarray<const T, Form...> array) {
  std::span<const T> values = spanOf(array);
  auto *kept = new nb::ndarray<const T, Form...>(std::move(array));
  std::shared_ptr<const void> owner(static_cast<const void *>(kept),
                                    [kept](const void *) {
                                      // At the interpreter's end its memory is
                                      // nobody's.
                                      if (!Py_IsInitialized())
                                        return;
                                      nb::gil_scoped_acquire lock;
                                      delete kept;
                                    });
  return Column<T>::borrow(values, std::move(owner));
}

static FeatureMatrix featuresOf(std::optional<Matrix<float>> matrix) {
  FeatureMatrix features;
  if (!matrix)
    return features;
  features.rows = static_cast<int64_t>(matrix->shape(0));
  features.columns = static_cast<int64_t>(matrix->shape(1));
  features.values = borrow(std::move(*matrix));
  return features;
}

/// A stream that is put together column by column.
class StreamBuilder {
public:
  void setIds32(Array<int32_t> sources, Array<int32_t> destinations) {
    check(setNodes(stream, borrow(std::move(sources)),
                   borrow(std::move(destinations))));
  }
  void setIds64(Array<int64_t> sources, Array<int64_t> destinations) {
    check(setNodes(stream, spanOf(sources), spanOf(destinations)));
  }
  void setNames(const std::vector<std::string> &sources,
                const std::vector<std::string> &destinations) {
    check(setNodes(stream, std::span(sources), std::span(destinations)));
  }
  void setReals(Array<double> times, const std::string &unit) {
    check(setTimes(stream, borrow(std::move(times)), unit));
  }
  void setCounts(Array<int64_t> times, const std::string &unit) {
    check(setTimes(stream, borrow(std::move(times)), unit));
  }
  void setEdgeFeatures(Matrix<float> features) {
    stream.edgeFeatures = featuresOf(std::move(features));
  }
  /// Of the nodes by their numbers, once the ids are set.
  void setNodeFeatures(Matrix<float> features) {
    stream.nodeFeatures = featuresOf(std::move(features));
  }
  void addLabels(const std::string &name,
                 const std::vector<std::string> &texts) {
    stream.labels.push_back(labelColumn(name, texts));
  }
  int32_t nodeCount() const { return stream.nodeCount; }
  std::vector<std::string> nodeNames() const {
    std::vector<std::string> names;
    for (int32_t node = 0; node != stream.nodeCount; ++node)
      names.push_back(stream.nodeName(node));
    return names;
  }
  Stream finish() {
    check(checkStream(stream));
    return Stream(std::move(stream));
  }

private:
  EventStream stream;
};

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

static Stream load(const std::string &specification,
                   const NamedOptions &options) {
  auto loaded = loadEventStream(specification, options.load);
  check(loaded.status());
  Stream result(std::move(loaded->stream));
  result.description = std::move(loaded->description);
  for (ColumnUse &use : loaded->columns)
    result.columns.emplace_back(std::move(use.name), std::move(use.use));
  result.itemsAreShifted = loaded->itemsAreShifted;
  return result;
}

static NumpyArray<double> secondsOf(const Stream &self) {
  const EventStream &stream = *self.events;
  std::vector<double> seconds(stream.time.size());
  for (size_t event = 0; event != seconds.size(); ++event)
    seconds[event] = stream.timeScale.seconds(stream.time[event]);
  return toNumpy(std::move(seconds));
}

static nb::dict statisticsOf(const Stream &self) {
  StreamStatistics statistics;
  {
    nb::gil_scoped_release unlocked;
    statistics = computeStatistics(*self.events);
  }
  nb::dict result;
  result["events"] = statistics.events;
  result["nodes"] = statistics.nodes;
  result["isolated_nodes"] = statistics.isolatedNodes;
  result["sources"] = statistics.sources;
  result["destinations"] = statistics.destinations;
  result["bipartite"] = statistics.bipartite;
  result["first_time"] = statistics.firstTime;
  result["last_time"] = statistics.lastTime;
  result["distinct_times"] = statistics.distinctTimes;
  result["tied_events"] = statistics.tiedEvents;
  result["self_loops"] = statistics.selfLoops;
  result["repeated_pairs"] = statistics.repeatedPairs;
  result["mean_degree"] = statistics.meanDegree;
  result["median_degree"] = statistics.medianDegree;
  result["degree_90"] = statistics.degree90;
  result["degree_99"] = statistics.degree99;
  result["max_degree"] = statistics.maxDegree;
  result["edge_features"] = statistics.edgeFeatureColumns;
  result["node_features"] = statistics.nodeFeatureColumns;
  return result;
}

/// The events of the parts, as indices.
static nb::dict splitOf(const Stream &self, const NamedOptions &options,
                        bool hasLabels) {
  Split split = take(splitOfRun(*self.events, options.train, hasLabels));
  nb::dict result;
  result["train"] = toNumpy(std::move(split.train));
  result["validation"] = toNumpy(std::move(split.validation));
  result["test"] = toNumpy(std::move(split.test));
  result["inductive_validation"] =
      toNumpy(std::move(split.inductiveValidation));
  result["inductive_test"] = toNumpy(std::move(split.inductiveTest));
  return result;
}

static Labels share(StatusOr<LabelSet> labels) {
  return {std::make_shared<const LabelSet>(take(std::move(labels)))};
}

static void bindOptions(nb::module_ &module) {
  nb::class_<NamedOptions>(module, "Options")
      .def(nb::init<>())
      .def(nb::init<const NamedOptions &>())
      .def("set",
           [](NamedOptions &self, const std::string &name,
              const std::string &value) { check(self.set(name, value)); })
      .def("get", [](const NamedOptions &self,
                     const std::string &name) { return take(self.get(name)); })
      .def("set_model_text",
           [](NamedOptions &self, const std::string &text) {
             self.compile.modelText = text;
           })
      .def("set_sharded",
           [](NamedOptions &self, bool sharded) {
             if (sharded)
               self.compile.sharded = true;
           })
      .def("set_fractions",
           [](NamedOptions &self, double train, double validation) {
             self.train.trainFraction = train;
             self.train.validationFraction = validation;
           })
      .def_static("describe", [] {
        constexpr const char *groups[] = {"load", "compile", "train",
                                          "session"};
        std::vector<
            std::tuple<std::string, std::string, std::string, std::string>>
            result;
        for (const OptionDescription &each : NamedOptions::describe())
          result.emplace_back(each.name,
                              groups[static_cast<size_t>(each.group)],
                              each.help, each.defaultText);
        return result;
      });
}

static void bindLabels(nb::module_ &module) {
  nb::class_<Labels>(module, "Labels")
      .def_static("of_stream",
                  [](const Stream &stream, const std::string &task) {
                    return share(
                        labelsOfStream(*stream.events, take(parseTask(task))));
                  })
      .def_static("of_file",
                  [](const Stream &stream, const std::string &path,
                     const std::string &task, const std::string &unit) {
                    return share(readLabels(*stream.events, path,
                                            take(parseTask(task)), unit));
                  })
      .def("__len__", [](const Labels &self) { return self.set->size(); })
      .def_prop_ro("task",
                   [](const Labels &self) {
                     return std::string(taskName(self.set->task));
                   })
      .def_prop_ro("classes",
                   [](const Labels &self) { return self.set->classes; });
}

void orcinus::python::bindStreams(nb::module_ &module) {
  bindOptions(module);
  nb::class_<StreamBuilder>(module, "StreamBuilder")
      .def(nb::init<>())
      .def("set_ids_32", &StreamBuilder::setIds32)
      .def("set_ids_64", &StreamBuilder::setIds64)
      .def("set_names", &StreamBuilder::setNames)
      .def("set_reals", &StreamBuilder::setReals)
      .def("set_counts", &StreamBuilder::setCounts)
      .def("set_edge_features", &StreamBuilder::setEdgeFeatures)
      .def("set_node_features", &StreamBuilder::setNodeFeatures)
      .def("add_labels", &StreamBuilder::addLabels)
      .def("node_count", &StreamBuilder::nodeCount)
      .def("node_names", &StreamBuilder::nodeNames)
      .def("finish", &StreamBuilder::finish);
  nb::class_<Stream>(module, "Stream")
      .def_static("load", &load, nb::call_guard<nb::gil_scoped_release>())
      .def_ro("description", &Stream::description)
      .def_ro("columns", &Stream::columns)
      .def_prop_ro("events",
                   [](const Stream &self) { return self.events->eventCount(); })
      .def_prop_ro("nodes",
                   [](const Stream &self) { return self.events->nodeCount; })
      .def_prop_ro("ticks_per_second",
                   [](const Stream &self) {
                     return self.events->timeScale.ticksPerSecond();
                   })
      .def("seconds", &secondsOf)
      .def("borrows",
           [](const Stream &self) {
             const EventStream &events = *self.events;
             return std::make_tuple(events.source.isBorrowed(),
                                    events.time.isBorrowed(),
                                    events.edgeFeatures.values.isBorrowed());
           })
      .def("node",
           [](Stream &self, const std::string &name) {
             return self.names().find(name).value_or(-1);
           })
      .def("name",
           [](Stream &self, int32_t node) {
             if (node < 0 || node >= self.events->nodeCount)
               throw nb::index_error("no such node");
             return self.events->nodeName(node);
           })
      .def("aligned_with",
           [](const Stream &self, const std::string &checkpoint) {
             nb::gil_scoped_release unlocked;
             EventStream aligned = *self.events;
             check(alignWithCheckpoint(checkpoint, aligned));
             Stream result(std::move(aligned));
             result.description = self.description;
             result.columns = self.columns;
             result.itemsAreShifted = self.itemsAreShifted;
             return result;
           })
      .def("statistics", &statisticsOf)
      .def("split", &splitOf)
      .def("label_names",
           [](const Stream &self) {
             std::vector<std::string> names;
             for (const LabelColumn &column : self.events->labels)
               names.push_back(column.name);
             return names;
           })
      .def("write",
           [](const Stream &self, const std::string &path) {
             nb::gil_scoped_release unlocked;
             check(writeEventCsv(*self.events, path));
           })
      .def("convert", [](const Stream &self, const std::string &path) {
        nb::gil_scoped_release unlocked;
        StreamSource source{self.description, {}, self.itemsAreShifted};
        for (const auto &[name, use] : self.columns)
          source.columns.push_back({name, use});
        check(writeEventFile(*self.events, source, path));
      });
  // Arrays that show a stream's own memory keep its Python object.
  module.def("stream_sources", [](nb::handle object) {
    const EventStream &stream = *nb::cast<Stream &>(object).events;
    return viewOf(stream.source.data(), {stream.source.size()}, object);
  });
  module.def("stream_destinations", [](nb::handle object) {
    const EventStream &stream = *nb::cast<Stream &>(object).events;
    return viewOf(stream.destination.data(), {stream.destination.size()},
                  object);
  });
  module.def("stream_features", [](nb::handle object, bool ofNodes) {
    const EventStream &stream = *nb::cast<Stream &>(object).events;
    const FeatureMatrix &matrix =
        ofNodes ? stream.nodeFeatures : stream.edgeFeatures;
    int64_t rows = ofNodes ? stream.nodeCount : stream.eventCount();
    return viewOf(
        matrix.values.data(),
        {static_cast<size_t>(rows), static_cast<size_t>(matrix.columns)},
        object);
  });
  bindLabels(module);
}
