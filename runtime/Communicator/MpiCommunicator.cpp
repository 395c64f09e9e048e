//===- MpiCommunicator.cpp - Processes that mpirun has started ------------===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Open MPI is opened at run time, so that one build runs with and without it.
// What is declared here is its binary interface, that of libmpi.so.40: handles
// are pointers, of which the predefined ones are addresses of symbols.
//
//===----------------------------------------------------------------------===//

#include "orcinus/Runtime/Communicator.h"
#include "runtime/Communicator/MessageWait.h"
#include "runtime/Device/DynamicLibrary.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

using namespace orcinus;

namespace {

/// What is called of MPI (MPI: A Message-Passing Interface Standard, 3.1).
struct MpiFunctions {
  using Handle = void *;

  int (*initialized)(int *) = nullptr;
  int (*initialize)(int *, char ***, int, int *) = nullptr;
  int (*queryThreads)(int *) = nullptr;
  int (*duplicate)(Handle, Handle *) = nullptr;
  int (*free)(Handle *) = nullptr;
  int (*allReduce)(const void *, void *, int, Handle, Handle, Handle) = nullptr;
  int (*finalize)() = nullptr;
  int (*rank)(Handle, int *) = nullptr;
  int (*size)(Handle, int *) = nullptr;
  int (*sendReceive)(const void *, int, Handle, int, int, void *, int, Handle,
                     int, int, Handle, void *) = nullptr;
  int (*broadcast)(void *, int, Handle, int, Handle) = nullptr;
  int (*startSending)(const void *, int, Handle, int, int, Handle,
                      Handle *) = nullptr;
  int (*startReceiving)(void *, int, Handle, int, int, Handle,
                        Handle *) = nullptr;
  int (*testAll)(int, Handle *, int *, void *) = nullptr;
  int (*cancel)(Handle *) = nullptr;
  int (*probe)(int, int, Handle, int *, Handle *, void *) = nullptr;
  int (*countOf)(const void *, Handle, int *) = nullptr;
  int (*receiveMatched)(void *, int, Handle, Handle *, void *) = nullptr;
  Handle world = nullptr;
  Handle byte = nullptr;
  Handle integer = nullptr;
  Handle minimum = nullptr;

  static StatusOr<MpiFunctions> open();
};

/// MPI_Status of Open MPI 4 and 5: source, tag, error, cancelled, and a count.
struct MpiStatus {
  int fields[4];
  size_t count;
};

/// The largest piece that MPI's 32-bit counts are given.
constexpr size_t pieceBytes = size_t(1) << 30;

/// A group that was duplicated, which its maker frees. MPI lets all processes
/// free one together alone, but a process is done with it when it is: a script
/// may keep a trainer in one of them for longer, or an error end one. So who is
/// done says so here, and the next duplicating, which all come to, frees those
/// with which all are done. MPI_Finalize frees the others.
struct DuplicatedGroup {
  explicit DuplicatedGroup(MpiFunctions::Handle group) : group(group) {}

  MpiFunctions::Handle group;
  /// Not where an exchange was left on its way: MPI uses the numbers of groups
  /// again, and what is late would come to another one.
  std::atomic<bool> isDone = false;
};

class MpiCommunicator : public Communicator {
public:
  /// `duplicated` is null for what is MPI's own.
  MpiCommunicator(const MpiFunctions &mpi, MpiFunctions::Handle group,
                  bool isOurs, Waiting waiting,
                  std::shared_ptr<DuplicatedGroup> duplicated = nullptr)
      : mpi(mpi), group(group), isOurs(isOurs), waiting(waiting),
        duplicated(std::move(duplicated)) {
    mpi.rank(group, &number);
    mpi.size(group, &count);
  }
  /// MPI is not called, which may have ended before.
  ~MpiCommunicator() override {
    if (duplicated && !isLeft)
      duplicated->isDone = true;
  }
  /// Where waiting has pauses, it ends.
  void leave() override { isLeft = true; }
  void finish() override {
    if (isOurs)
      mpi.finalize();
  }

  int rank() const override { return number; }
  int size() const override { return count; }

  Status exchange(int partner, std::span<const std::byte> sent,
                  std::span<std::byte> received) override {
    size_t end = std::max(sent.size(), received.size());
    for (size_t begin = 0; begin < end; begin += pieceBytes) {
      auto out = pieceOf(sent, begin);
      auto in = pieceOf(received, begin);
      bool passed = waiting == Waiting::Busy
                        ? exchangePiece(partner, out, in)
                        : exchangePatiently(partner, out, in);
      if (!passed) {
        isLeft = true;
        return failure();
      }
    }
    return Status();
  }

  /// A message is one of MPI's: larger ones are none that we have.
  Status send(int partner, std::span<const std::byte> bytes) override {
    if (bytes.size() > pieceBytes)
      return Status::error("a message of more than 1 GiB",
                           StatusCode::Internal);
    MpiFunctions::Handle request = nullptr;
    if (mpi.startSending(bytes.data(), static_cast<int>(bytes.size()), mpi.byte,
                         partner, messageTag, group, &request) != 0)
      return failure();
    MessageWait wait;
    while (true) {
      int isSent = 0;
      if (mpi.testAll(1, &request, &isSent, nullptr) != 0)
        return failure();
      if (isSent)
        return Status();
      wait.sleep();
    }
  }

  StatusOr<std::optional<std::vector<std::byte>>>
  tryReceive(int partner) override {
    using Message = std::optional<std::vector<std::byte>>;
    int isThere = 0, bytes = 0;
    MpiFunctions::Handle matched = nullptr;
    MpiStatus status;
    if (mpi.probe(partner, messageTag, group, &isThere, &matched, &status) != 0)
      return failure();
    if (!isThere)
      return Message();
    if (mpi.countOf(&status, mpi.byte, &bytes) != 0)
      return failure();
    std::vector<std::byte> message(static_cast<size_t>(bytes));
    if (mpi.receiveMatched(message.data(), bytes, mpi.byte, &matched,
                           &status) != 0)
      return failure();
    return Message(std::move(message));
  }

  Status broadcast(std::span<std::byte> bytes) override {
    for (size_t begin = 0; begin < bytes.size(); begin += pieceBytes) {
      auto piece = pieceOf(bytes, begin);
      if (mpi.broadcast(piece.data(), static_cast<int>(piece.size()), mpi.byte,
                        0, group) != 0)
        return failure();
    }
    return Status();
  }

private:
  static constexpr int exchangeTag = 0, messageTag = 1;

  StatusOr<std::shared_ptr<Communicator>>
  makeDuplicate(Waiting wanted) override {
    constexpr int multiple = 3;
    int provided = 0;
    mpi.queryThreads(&provided);
    if (provided < multiple)
      return Status::error("this MPI cannot be called by two threads at once, "
                           "which sharded states and sums beside the steps "
                           "need: start it with MPI_THREAD_MULTIPLE, or "
                           "replicate the states",
                           StatusCode::Unavailable);
    MpiFunctions::Handle other = nullptr;
    if (!freeDuplicates() || mpi.duplicate(group, &other) != 0)
      return failure();
    duplicates.push_back(std::make_shared<DuplicatedGroup>(other));
    return std::shared_ptr<Communicator>(std::make_shared<MpiCommunicator>(
        mpi, other, /*isOurs=*/false, wanted, duplicates.back()));
  }

  /// Frees the duplicates with which all processes are done, all in the order
  /// in which they were made.
  bool freeDuplicates() {
    if (duplicates.empty())
      return true;
    std::vector<int> own, ofAll(duplicates.size());
    for (const std::shared_ptr<DuplicatedGroup> &each : duplicates)
      own.push_back(each->isDone ? 1 : 0);
    if (mpi.allReduce(own.data(), ofAll.data(), static_cast<int>(own.size()),
                      mpi.integer, mpi.minimum, group) != 0)
      return false;
    std::vector<std::shared_ptr<DuplicatedGroup>> ended;
    size_t place = 0;
    std::erase_if(duplicates, [&](const auto &each) {
      bool isEnded = ofAll[place++] != 0;
      if (isEnded)
        ended.push_back(each);
      return isEnded;
    });
    return std::all_of(ended.begin(), ended.end(), [&](const auto &each) {
      return mpi.free(&each->group) == 0;
    });
  }

  bool exchangePiece(int partner, std::span<const std::byte> out,
                     std::span<std::byte> in) {
    return mpi.sendReceive(out.data(), static_cast<int>(out.size()), mpi.byte,
                           partner, exchangeTag, in.data(),
                           static_cast<int>(in.size()), mpi.byte, partner,
                           exchangeTag, group, nullptr) == 0;
  }

  /// The same, but MPI's own waiting would take a processor. It can be left,
  /// and so sends a copy: Open MPI does not cancel what is being sent.
  bool exchangePatiently(int partner, std::span<const std::byte> out,
                         std::span<std::byte> in) {
    std::array<MpiFunctions::Handle, 2> requests = {};
    sending.assign(out.begin(), out.end());
    int code =
        mpi.startReceiving(in.data(), static_cast<int>(in.size()), mpi.byte,
                           partner, exchangeTag, group, &requests[0]);
    if (code == 0)
      code =
          mpi.startSending(sending.data(), static_cast<int>(sending.size()),
                           mpi.byte, partner, exchangeTag, group, &requests[1]);
    constexpr std::chrono::microseconds pause(20);
    MessageWait wait(pause, pause);
    int passed = 0;
    while (code == 0) {
      code = mpi.testAll(2, requests.data(), &passed, nullptr);
      if (code != 0 || passed)
        break;
      if (isLeft) {
        abandon(requests[0], requests[1]);
        return false;
      }
      wait.sleep();
    }
    return code == 0;
  }

  /// Ends what is received, into memory that its owner frees next. What is sent
  /// and was not taken stays with MPI, and its copy for as long as the process.
  void abandon(MpiFunctions::Handle receiving, MpiFunctions::Handle sent) {
    int passed = 0, code = mpi.cancel(&receiving);
    MessageWait wait;
    while (code == 0) {
      code = mpi.testAll(1, &receiving, &passed, nullptr);
      if (passed)
        break;
      wait.sleep();
    }
    if (mpi.testAll(1, &sent, &passed, nullptr) == 0 && passed)
      return;
    static std::mutex mutex;
    static auto &untaken = *new std::vector<std::vector<std::byte>>;
    std::lock_guard lock(mutex);
    untaken.push_back(std::move(sending));
    sending.clear();
  }

  template <typename Byte>
  static std::span<Byte> pieceOf(std::span<Byte> bytes, size_t begin) {
    begin = std::min(begin, bytes.size());
    return bytes.subspan(begin, std::min(pieceBytes, bytes.size() - begin));
  }

  static Status failure() {
    return Status::error("another process of this run cannot be reached",
                         StatusCode::Unavailable);
  }

  MpiFunctions mpi;
  MpiFunctions::Handle group;
  bool isOurs;
  Waiting waiting;
  /// Of this one; and those that were made of it, first ones first, but for
  /// those that were freed: as many in all processes.
  std::shared_ptr<DuplicatedGroup> duplicated;
  std::vector<std::shared_ptr<DuplicatedGroup>> duplicates;
  std::atomic<bool> isLeft = false;
  std::vector<std::byte> sending;
  int number = 0;
  int count = 1;
};

} // namespace

StatusOr<MpiFunctions> MpiFunctions::open() {
  const std::array<std::string, 2> names{"libmpi.so.40", "libmpi.so"};
  auto library = DynamicLibrary::open(names);
  if (!library.ok())
    return Status::error("cannot open Open MPI, with which this process was "
                         "started: " +
                             library.message() + "; install libopenmpi3",
                         StatusCode::Unavailable);
  MpiFunctions mpi;
  bool complete = true;
  auto find = [&](const char *name, auto &place) {
    void *found = library->find(name);
    complete &= found != nullptr;
    place = reinterpret_cast<std::remove_reference_t<decltype(place)>>(found);
  };
  find("MPI_Initialized", mpi.initialized);
  find("MPI_Init_thread", mpi.initialize);
  find("MPI_Query_thread", mpi.queryThreads);
  find("MPI_Comm_dup", mpi.duplicate);
  find("MPI_Comm_free", mpi.free);
  find("MPI_Allreduce", mpi.allReduce);
  find("MPI_Finalize", mpi.finalize);
  find("MPI_Comm_rank", mpi.rank);
  find("MPI_Comm_size", mpi.size);
  find("MPI_Sendrecv", mpi.sendReceive);
  find("MPI_Bcast", mpi.broadcast);
  find("MPI_Isend", mpi.startSending);
  find("MPI_Irecv", mpi.startReceiving);
  find("MPI_Testall", mpi.testAll);
  find("MPI_Cancel", mpi.cancel);
  find("MPI_Improbe", mpi.probe);
  find("MPI_Get_count", mpi.countOf);
  find("MPI_Mrecv", mpi.receiveMatched);
  find("ompi_mpi_comm_world", mpi.world);
  find("ompi_mpi_byte", mpi.byte);
  find("ompi_mpi_int", mpi.integer);
  find("ompi_mpi_op_min", mpi.minimum);
  if (!complete)
    return Status::error("the MPI library is not Open MPI 4 or 5",
                         StatusCode::Unavailable);
  return mpi;
}

/// Errors: Open MPI cannot reach what `launched` was started with.
static Status checkLauncher(const LaunchedProcess &launched) {
  using Launcher = LaunchedProcess::Launcher;
  auto reject = [&](const char *how) {
    return Status::error(std::to_string(launched.size) + how,
                         StatusCode::Unavailable);
  };
  if (launched.launcher == Launcher::Pmi)
    return reject(" processes were started by a launcher of MPICH (PMI_SIZE), "
                  "but it is Open MPI that is used: start them by Open MPI's "
                  "mpirun, or by srun --mpi=pmix");
  if (launched.launcher == Launcher::Slurm && !std::getenv("PMIX_RANK") &&
      !std::getenv("PMI_RANK"))
    return reject(" processes were started by srun without MPI: add "
                  "--mpi=pmix, or start one");
  return Status();
}

StatusOr<std::shared_ptr<Communicator>> orcinus::openMpi() {
  std::optional<LaunchedProcess> launched = launchedProcess();
  if (launched)
    if (Status status = checkLauncher(*launched); !status.ok())
      return status;
  StatusOr<MpiFunctions> mpi = MpiFunctions::open();
  if (!mpi.ok())
    return mpi.status();
  int before = 0;
  mpi->initialized(&before);
  // One thread of each process calls it, not always the one that opened it;
  // beside it, where batches are cut into shards, the one that sends sums, and
  // where states are sharded, the one that prepares.
  constexpr int serialized = 2, multiple = 3;
  int provided = 0;
  if (!before && mpi->initialize(nullptr, nullptr, multiple, &provided) != 0)
    return Status::error("MPI cannot be started", StatusCode::Unavailable);
  if (!before && provided < serialized)
    return Status::error("this MPI does not let threads call it by turns",
                         StatusCode::Unavailable);
  auto opened = std::make_shared<MpiCommunicator>(*mpi, mpi->world, !before,
                                                  Communicator::Waiting::Busy);
  if (launched && opened->size() != launched->size)
    return Status::error(
        "the launcher has started " + std::to_string(launched->size) +
            " processes, but Open MPI sees " + std::to_string(opened->size()) +
            ": start them by the mpirun of the Open MPI that "
            "is installed here, or by srun --mpi=pmix",
        StatusCode::Unavailable);
  return std::shared_ptr<Communicator>(std::move(opened));
}
