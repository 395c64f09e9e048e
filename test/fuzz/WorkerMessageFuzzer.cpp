//===- WorkerMessageFuzzer.cpp - Messages between tuner and workers -------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input is the header's text and, behind a zero byte, the body, sent with
// the right lengths, and once more all that comes through the socket.
//
//===----------------------------------------------------------------------===//

#include "FuzzSupport.h"

#include "lib/Tuning/WorkerProtocol.h"

#include <cstring>
#include <sys/socket.h>
#include <unistd.h>

using namespace orcinus;
using namespace orcinus::fuzz;

namespace {

/// A socket out of which `bytes` come, and then its end.
class Channel {
public:
  explicit Channel(std::string_view bytes) {
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0,
          "sockets can be made");
    check(send(ends[1], bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(bytes.size()),
          "a socket takes the input");
    shutdown(ends[1], SHUT_WR);
  }
  Channel(const Channel &) = delete;
  Channel &operator=(const Channel &) = delete;
  ~Channel() {
    close(ends[0]);
    close(ends[1]);
  }
  int in() const { return ends[0]; }

private:
  int ends[2];
};

} // namespace

static void receiveRequests(std::string_view bytes) {
  Channel channel(bytes);
  WorkerRequest request;
  while (receiveRequest(channel.in(), request) == ReceiveResult::Message) {
  }
}

static void receiveReplies(std::string_view bytes) {
  Channel channel(bytes);
  WorkerReply reply;
  while (receiveReply(channel.in(), reply, noDeadline) ==
         ReceiveResult::Message) {
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes = asText(data, size);
  std::string_view body = bytes;
  std::string_view header = takePart(body, std::string_view("\0", 1));
  uint64_t lengths[2] = {header.size(), body.size()};
  std::string message(sizeof(lengths), '\0');
  std::memcpy(message.data(), lengths, sizeof(lengths));
  message += header;
  message += body;
  for (std::string_view sent : {std::string_view(message), bytes}) {
    receiveRequests(sent);
    receiveReplies(sent);
  }
  return 0;
}
