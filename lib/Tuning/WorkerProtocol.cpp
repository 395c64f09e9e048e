//===- WorkerProtocol.cpp - What runner and worker say --------------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WorkerProtocol.h"

#include "lib/Support/Json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <optional>
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

/// Waits until there is something to read, or nothing more to come.
static ReceiveResult waitFor(int socket, WorkerDeadline deadline) {
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
      return ReceiveResult::Message;
    if (ready == 0)
      return ReceiveResult::TimedOut;
    // Any other error would come again at once, and for ever.
    if (errno != EINTR)
      return ReceiveResult::Closed;
  }
}

static ReceiveResult receiveBytes(int socket, void *bytes, size_t count,
                                  WorkerDeadline deadline) {
  char *position = static_cast<char *>(bytes);
  while (count > 0) {
    if (ReceiveResult result = waitFor(socket, deadline);
        result != ReceiveResult::Message)
      return result;
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

/// Receives `count` bytes. A damaged frame may ask for any number: memory is
/// taken as they arrive.
static ReceiveResult receiveText(int socket, std::string &text, uint64_t count,
                                 WorkerDeadline deadline) {
  constexpr uint64_t mostAtOnce = uint64_t(1) << 20;
  text.clear();
  while (text.size() < count) {
    size_t begin = text.size();
    text.resize(begin + std::min(count - begin, mostAtOnce));
    ReceiveResult result = receiveBytes(socket, text.data() + begin,
                                        text.size() - begin, deadline);
    if (result != ReceiveResult::Message)
      return result;
  }
  return ReceiveResult::Message;
}

static void sendMessage(int socket, const json &header,
                        const std::string &body) {
  std::string text = printJson(header);
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
  std::string text;
  result = receiveText(socket, text, frame.headerBytes, deadline);
  if (result == ReceiveResult::Message)
    result = receiveText(socket, body, frame.bodyBytes, deadline);
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
  std::string text;
  int64_t command = 0;
  if (!readField(header, "schedule", text) ||
      !readField(header, "command", command) ||
      !readField(header, "enough_microseconds", request.enoughMicroseconds))
    return ReceiveResult::Closed;
  StatusOr<Schedule> schedule = Schedule::parse(text);
  if (!schedule.ok() || command < 0 ||
      command > static_cast<int64_t>(WorkerCommand::Baseline))
    return ReceiveResult::Closed;
  request.schedule = std::move(*schedule);
  request.command = static_cast<WorkerCommand>(command);
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

/// Sets `kernels` to the field of that name; false where it is no list of
/// kernels.
static bool readKernels(const json &header,
                        std::vector<KernelResources> &kernels) {
  auto list = header.find("kernels");
  if (list == header.end() || !list->is_array())
    return false;
  for (const json &fields : *list) {
    KernelResources &kernel = kernels.emplace_back();
    if (!fields.is_object() || !readField(fields, "name", kernel.name) ||
        !readField(fields, "threads", kernel.threads) ||
        !readField(fields, "registers", kernel.registers) ||
        !readField(fields, "workgroup_bytes", kernel.workgroupBytes) ||
        !readField(fields, "spilled_bytes", kernel.spilledBytes))
      return false;
  }
  return true;
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
  std::string status;
  reply.kernels.clear();
  Measurement &measurement = reply.measurement;
  if (!readField(header, "status", status) ||
      !readField(header, "microseconds", measurement.microseconds) ||
      !readField(header, "message", measurement.message) ||
      !readKernels(header, reply.kernels))
    return ReceiveResult::Closed;
  StatusOr<MeasureStatus> parsed = parseStatus(status);
  if (!parsed.ok())
    return ReceiveResult::Closed;
  measurement.status = *parsed;
  return result;
}
