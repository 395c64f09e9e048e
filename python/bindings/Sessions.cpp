//===- Sessions.cpp - Using trained models in Python ----------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Graph/TimeColumn.h"
#include "orcinus/Runtime/Session.h"
#include "python/bindings/Bindings.h"

#include <cmath>

using namespace orcinus;
using namespace orcinus::python;

/// Warns whoever called the function of orcinus that calls this.
static void warn(const std::string &message) {
  nb::gil_scoped_acquire lock;
  if (PyErr_WarnEx(PyExc_UserWarning, message.c_str(), /*stack_level=*/2) != 0)
    nb::raise_python_error();
}

Session orcinus::python::openSession(const std::string &directory,
                                     const CompileOptions &stored,
                                     const Stream &history,
                                     const NamedOptions &options,
                                     SessionOptions how) {
  CompileOptions compile = sessionCompileOptions(stored);
  compile.cacheDirectory = options.compile.cacheDirectory;
  compile.useCache = options.compile.useCache;
  how.threads = compile.threads = options.train.threads;
  if (std::string notice = forgetMissingDatabase(compile); !notice.empty())
    warn(notice);
  auto model = take(
      compileModel(streamCompileOptions(std::move(compile), *history.events)));
  EventStream aligned = *history.events;
  check(alignWithCheckpoint(directory, aligned));
  return take(Session::open(directory, std::move(aligned), model, how));
}

static Session open(const std::string &directory, const Stream &history,
                    const NamedOptions &options) {
  nb::gil_scoped_release unlocked;
  return openSession(directory, take(readCheckpoint(directory)).compile,
                     history, options, options.session);
}

/// Points in time of the session's scale, as numbers of seconds or, of 64-bit
/// integers, of nanoseconds.
static std::vector<Timestamp> timesOf(const Session &session,
                                      const nb::object &times) {
  TimeScale scale = session.timeScale();
  std::vector<Timestamp> result;
  if (Array<int64_t> ticks; nb::try_cast(times, ticks, /*convert=*/false)) {
    TimeScale nanoseconds = TimeScale::ticks(1000000000);
    for (int64_t tick : spanOf(ticks))
      result.push_back(
          convertTime(Timestamp::fromKey(tick), nanoseconds, scale));
    return result;
  }
  auto seconds = nb::cast<Array<double>>(times);
  for (double second : spanOf(seconds)) {
    if (!std::isfinite(second))
      throw Failure{Status::error("a time is not finite")};
    result.push_back(scale.at(second));
  }
  return result;
}

/// Those times; right after the newest event where there are none.
static std::vector<Moment> momentsOf(const Session &session,
                                     const nb::object &times, size_t count) {
  if (times.is_none())
    return std::vector<Moment>(count, session.now());
  std::vector<Moment> moments;
  for (Timestamp time : timesOf(session, times))
    moments.push_back({time});
  if (moments.size() != count)
    throw Failure{Status::error(std::to_string(moments.size()) + " times for " +
                                std::to_string(count) +
                                " queries: give one each, or none")};
  return moments;
}

static void append(Session &self, const std::vector<std::string> &sources,
                   const std::vector<std::string> &destinations,
                   const nb::object &times,
                   std::optional<Matrix<float>> features) {
  std::vector<Timestamp> points = timesOf(self, times);
  if (sources.size() != points.size() || destinations.size() != points.size() ||
      (features && features->shape(0) != points.size()))
    throw Failure{Status::error(
        "sources, destinations, times and rows of features differ in number: "
        "an event has one of each")};
  size_t columns = features ? features->shape(1) : 0;
  std::vector<NewEvent> events;
  events.reserve(points.size());
  for (size_t event = 0; event != points.size(); ++event) {
    std::span<const float> row;
    if (features)
      row = {features->data() + event * columns, columns};
    events.push_back({sources[event], destinations[event], points[event], row});
  }
  nb::gil_scoped_release unlocked;
  check(self.append(events));
}

/// The nodes of those names, -1 for one that no event has named.
static NumpyArray<int32_t> nodesOf(const Session &self,
                                   const std::vector<std::string> &names) {
  std::vector<int32_t> nodes;
  nodes.reserve(names.size());
  for (const std::string &name : names)
    nodes.push_back(self.node(name));
  return toNumpy(std::move(nodes));
}

static NumpyArray<float> score(Session &self, Array<int32_t> sources,
                               Array<int32_t> destinations, nb::object times) {
  if (sources.size() != destinations.size())
    throw Failure{Status::error(std::to_string(sources.size()) +
                                " sources and " +
                                std::to_string(destinations.size()) +
                                " destinations: a pair has one of each")};
  std::vector<Moment> moments = momentsOf(self, times, sources.size());
  std::vector<PairQuery> pairs;
  pairs.reserve(sources.size());
  for (size_t pair = 0; pair != sources.size(); ++pair)
    pairs.push_back(
        {sources.data()[pair], destinations.data()[pair], moments[pair]});
  std::vector<float> logits(pairs.size());
  {
    nb::gil_scoped_release unlocked;
    check(self.score(pairs, logits));
  }
  return toNumpy(std::move(logits));
}

/// Rows of `width` numbers, one a node, that `query` computes.
template <typename Query>
static NumpyArray<float> rowsOf(Session &self, const Array<int32_t> &nodes,
                                const nb::object &times, int64_t width,
                                Query query) {
  std::vector<Moment> moments = momentsOf(self, times, nodes.size());
  size_t columns = static_cast<size_t>(width);
  std::vector<float> rows(nodes.size() * columns);
  {
    nb::gil_scoped_release unlocked;
    check(query(spanOf(nodes), std::span<const Moment>(moments),
                std::span<float>(rows)));
  }
  return toNumpy(std::move(rows), {nodes.size(), columns});
}

static std::vector<std::pair<size_t, float>>
topK(Session &self, int32_t source, nb::object time,
     std::optional<Array<int32_t>> candidates, int64_t count) {
  Moment moment = momentsOf(self, time, 1).front();
  std::span<const int32_t> chosen =
      candidates ? spanOf(*candidates) : self.destinations();
  std::vector<std::pair<size_t, float>> result;
  nb::gil_scoped_release unlocked;
  for (const RankedCandidate &each :
       take(self.topK(source, moment, chosen, count)))
    result.emplace_back(each.place, each.logit);
  return result;
}

void orcinus::python::bindSessions(nb::module_ &module) {
  nb::class_<Session>(module, "Session")
      .def_static("open", &open)
      .def_prop_ro("match",
                   [](const Session &self) {
                     constexpr const char *names[] = {"model", "history",
                                                      "run"};
                     return names[static_cast<size_t>(self.match())];
                   })
      .def_prop_ro("events", &Session::eventCount)
      .def_prop_ro("state_events", &Session::stateEvents)
      .def_prop_ro("edge_features", &Session::edgeFeatureColumns)
      .def_prop_ro("nodes",
                   [](const Session &self) { return self.names().nodeCount(); })
      .def_prop_ro("task",
                   [](const Session &self) {
                     return std::string(taskName(self.task()));
                   })
      .def_prop_ro("newest_time",
                   [](const Session &self) {
                     return self.timeScale().seconds(
                         self.eventTime(self.eventCount() - 1));
                   })
      .def("name",
           [](const Session &self, int32_t node) {
             if (node < 0 || node >= self.names().nodeCount())
               throw nb::index_error("no such node");
             return self.names().name(node);
           })
      .def("nodes_of", &nodesOf)
      .def("destinations",
           [](const Session &self) {
             std::span<const int32_t> all = self.destinations();
             return toNumpy(std::vector<int32_t>(all.begin(), all.end()));
           })
      .def("append", &append, nb::arg("sources"), nb::arg("destinations"),
           nb::arg("times"), nb::arg("features").none())
      .def("advance",
           [](Session &self) {
             nb::gil_scoped_release unlocked;
             check(self.advance());
           })
      .def("score", &score, nb::arg("sources"), nb::arg("destinations"),
           nb::arg("times").none())
      .def_prop_ro("embedding_width", &Session::embeddingWidth)
      .def(
          "embed",
          [](Session &self, Array<int32_t> nodes, nb::object times) {
            return rowsOf(self, nodes, times, self.embeddingWidth(),
                          [&](auto... each) { return self.embed(each...); });
          },
          nb::arg("nodes"), nb::arg("times").none())
      .def_prop_ro("prediction_width", &Session::predictionWidth)
      .def(
          "predict",
          [](Session &self, Array<int32_t> nodes, nb::object times) {
            return rowsOf(self, nodes, times, self.predictionWidth(),
                          [&](auto... each) { return self.predict(each...); });
          },
          nb::arg("nodes"), nb::arg("times").none())
      .def("top_k", &topK, nb::arg("source"), nb::arg("time").none(),
           nb::arg("candidates").none(), nb::arg("count"))
      .def("save",
           [](const Session &self, const std::string &path) {
             nb::gil_scoped_release unlocked;
             check(self.save(path));
           })
      .def("restore", [](Session &self, const std::string &path) {
        nb::gil_scoped_release unlocked;
        check(self.restore(path));
      });
}
