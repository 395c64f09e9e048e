//===- WorkerProtocol.cpp - What runner and worker say --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WorkerProtocol.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <sys/socket.h>

using namespace orcinus;
using nlohmann::json;

namespace {

/// Precedes each message: the bytes of its JSON and of its body.
struct Frame {
  uint64_t headerBytes;
  uint64_t bodyBytes;
};

} // namespace

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

static void sendBytes(int socket, const void *bytes, size_t count) {
  const char *position = static_cast<const char *>(bytes);
  while (count > 0) {
    ssize_t sent = send(socket, position, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return;
    position += sent;
    count -= sent;
  }
}

/// Waits until there is something to read.
static bool waitFor(int socket, WorkerDeadline deadline) {
  while (true) {
    int milliseconds = -1;
    if (deadline != noDeadline) {
      auto left = std::chrono::ceil<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      milliseconds = static_cast<int>(std::clamp<int64_t>(
          left.count(), 0, std::numeric_limits<int>::max()));
    }
    pollfd request = {socket, POLLIN, 0};
    int ready = poll(&request, 1, milliseconds);
    if (ready > 0)
      return true;
    if (ready == 0)
      return false;
  }
}

static ReceiveResult receiveBytes(int socket, void *bytes, size_t count,
                                  WorkerDeadline deadline) {
  char *position = static_cast<char *>(bytes);
  while (count > 0) {
    if (!waitFor(socket, deadline))
      return ReceiveResult::TimedOut;
    ssize_t received = recv(socket, position, count, 0);
    if (received < 0 && errno == EINTR)
      continue;
    if (received <= 0)
      return ReceiveResult::Closed;
    position += received;
    count -= received;
  }
  return ReceiveResult::Message;
}

static void sendMessage(int socket, const json &header,
                        const std::string &body) {
  std::string text = header.dump(-1, ' ', /*ensure_ascii=*/false,
                                 json::error_handler_t::replace);
  Frame frame = {text.size(), body.size()};
  sendBytes(socket, &frame, sizeof frame);
  sendBytes(socket, text.data(), text.size());
  sendBytes(socket, body.data(), body.size());
}

/// A header that is damaged counts as a receiver that is gone: a program that
/// crashes may have written to the socket.
static ReceiveResult receiveMessage(int socket, json &header, std::string &body,
                                    WorkerDeadline deadline) {
  constexpr uint64_t mostBytes = uint64_t(1) << 30;
  Frame frame;
  ReceiveResult result = receiveBytes(socket, &frame, sizeof frame, deadline);
  if (result != ReceiveResult::Message)
    return result;
  if (frame.headerBytes > mostBytes || frame.bodyBytes > mostBytes)
    return ReceiveResult::Closed;
  std::string text(frame.headerBytes, '\0');
  body.resize(frame.bodyBytes);
  result = receiveBytes(socket, text.data(), text.size(), deadline);
  if (result == ReceiveResult::Message)
    result = receiveBytes(socket, body.data(), body.size(), deadline);
  if (result != ReceiveResult::Message)
    return result;
  header = json::parse(text, nullptr, /*allow_exceptions=*/false);
  return header.is_object() ? ReceiveResult::Message : ReceiveResult::Closed;
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

void orcinus::sendRequest(int socket, const WorkerRequest &request) {
  sendMessage(socket,
              {{"command", static_cast<int>(request.command)},
               {"schedule", request.schedule.toString()},
               {"enough_microseconds", request.enoughMicroseconds}},
              request.body);
}

ReceiveResult orcinus::receiveRequest(int socket, WorkerRequest &request) {
  json header;
  ReceiveResult result =
      receiveMessage(socket, header, request.body, noDeadline);
  if (result != ReceiveResult::Message)
    return result;
  StatusOr<Schedule> schedule =
      Schedule::parse(header.value("schedule", std::string()));
  if (!schedule.ok())
    return ReceiveResult::Closed;
  request.schedule = std::move(*schedule);
  request.command = static_cast<WorkerCommand>(header.value("command", 0));
  request.enoughMicroseconds = header.value("enough_microseconds", 0.0);
  return result;
}

static json toJson(const std::vector<KernelResources> &kernels) {
  json list = json::array();
  for (const KernelResources &kernel : kernels)
    list.push_back({{"name", kernel.name},
                    {"threads", kernel.threads},
                    {"registers", kernel.registers},
                    {"workgroup_bytes", kernel.workgroupBytes},
                    {"spilled_bytes", kernel.spilledBytes}});
  return list;
}

/// Nothing where `list` is none of kernels.
static std::vector<KernelResources> kernelsOf(const json &list) {
  std::vector<KernelResources> kernels;
  if (!list.is_array())
    return kernels;
  for (const json &fields : list) {
    if (!fields.is_object())
      return {};
    auto number = [&](const char *name) {
      auto found = fields.find(name);
      return found != fields.end() && found->is_number_integer()
                 ? found->get<int64_t>()
                 : int64_t(0);
    };
    auto name = fields.find("name");
    if (name == fields.end() || !name->is_string())
      return {};
    kernels.push_back({name->get<std::string>(), number("threads"),
                       number("registers"), number("workgroup_bytes"),
                       number("spilled_bytes")});
  }
  return kernels;
}

void orcinus::sendReply(int socket, const WorkerReply &reply) {
  const Measurement &measurement = reply.measurement;
  sendMessage(socket,
              {{"status", statusName(measurement.status)},
               {"microseconds", measurement.microseconds},
               {"message", measurement.message},
               {"kernels", toJson(reply.kernels)}},
              reply.body);
}

ReceiveResult orcinus::receiveReply(int socket, WorkerReply &reply,
                                    WorkerDeadline deadline) {
  json header;
  ReceiveResult result = receiveMessage(socket, header, reply.body, deadline);
  if (result != ReceiveResult::Message)
    return result;
  StatusOr<MeasureStatus> status =
      parseStatus(header.value("status", std::string()));
  if (!status.ok())
    return ReceiveResult::Closed;
  reply.measurement.status = *status;
  reply.measurement.microseconds = header.value("microseconds", 0.0);
  reply.measurement.message = header.value("message", std::string());
  reply.kernels = kernelsOf(header.value("kernels", json::array()));
  return result;
}
