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
#include "runtime/Device/DynamicLibrary.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>

using namespace orcinus;

namespace {

/// What is called of MPI (MPI: A Message-Passing Interface Standard, 3.1).
struct MpiFunctions {
  using Handle = void *;

  int (*initialized)(int *) = nullptr;
  int (*initialize)(int *, char ***, int, int *) = nullptr;
  int (*queryThreads)(int *) = nullptr;
  int (*duplicate)(Handle, Handle *) = nullptr;
  int (*finalize)() = nullptr;
  int (*rank)(Handle, int *) = nullptr;
  int (*size)(Handle, int *) = nullptr;
  int (*sendReceive)(const void *, int, Handle, int, int, void *, int, Handle,
                     int, int, Handle, void *) = nullptr;
  int (*send)(const void *, int, Handle, int, int, Handle, Handle *) = nullptr;
  int (*receive)(void *, int, Handle, int, int, Handle, Handle *) = nullptr;
  int (*test)(int, Handle *, int *, void *) = nullptr;
  int (*broadcast)(void *, int, Handle, int, Handle) = nullptr;
  Handle world = nullptr;
  Handle byte = nullptr;

  static StatusOr<MpiFunctions> open();
};

/// The largest piece that MPI's 32-bit counts are given.
constexpr size_t pieceBytes = size_t(1) << 30;

/// How long a patient thread sleeps before it looks again.
constexpr std::chrono::microseconds pause(20);

class MpiCommunicator : public Communicator {
public:
  MpiCommunicator(const MpiFunctions &mpi, MpiFunctions::Handle group,
                  bool isOurs, Waiting waiting)
      : mpi(mpi), group(group), isOurs(isOurs), waiting(waiting) {
    mpi.rank(group, &number);
    mpi.size(group, &count);
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
      if (!passed)
        return failure();
    }
    return Status();
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
  static constexpr int tag = 0;

  StatusOr<std::shared_ptr<Communicator>>
  makeDuplicate(Waiting wanted) override {
    constexpr int multiple = 3;
    int provided = 0;
    mpi.queryThreads(&provided);
    if (provided < multiple)
      return Status::error("this MPI cannot be called by two threads at once, "
                           "which sharded states need: start it with "
                           "MPI_THREAD_MULTIPLE, or replicate the states",
                           StatusCode::Unavailable);
    MpiFunctions::Handle other = nullptr;
    if (mpi.duplicate(group, &other) != 0)
      return failure();
    return std::shared_ptr<Communicator>(std::make_shared<MpiCommunicator>(
        mpi, other, /*isOurs=*/false, wanted));
  }

  bool exchangePiece(int partner, std::span<const std::byte> out,
                     std::span<std::byte> in) {
    return mpi.sendReceive(out.data(), static_cast<int>(out.size()), mpi.byte,
                           partner, tag, in.data(), static_cast<int>(in.size()),
                           mpi.byte, partner, tag, group, nullptr) == 0;
  }

  /// The same, but MPI's own waiting would take a processor.
  bool exchangePatiently(int partner, std::span<const std::byte> out,
                         std::span<std::byte> in) {
    std::array<MpiFunctions::Handle, 2> requests = {};
    int code = mpi.receive(in.data(), static_cast<int>(in.size()), mpi.byte,
                           partner, tag, group, &requests[0]);
    if (code == 0)
      code = mpi.send(out.data(), static_cast<int>(out.size()), mpi.byte,
                      partner, tag, group, &requests[1]);
    int passed = 0;
    while (code == 0) {
      code = mpi.test(2, requests.data(), &passed, nullptr);
      if (code != 0 || passed)
        break;
      if (isLeft)
        return false;
      std::this_thread::sleep_for(pause);
    }
    return code == 0;
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
  std::atomic<bool> isLeft = false;
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
  find("MPI_Finalize", mpi.finalize);
  find("MPI_Comm_rank", mpi.rank);
  find("MPI_Comm_size", mpi.size);
  find("MPI_Sendrecv", mpi.sendReceive);
  find("MPI_Isend", mpi.send);
  find("MPI_Irecv", mpi.receive);
  find("MPI_Testall", mpi.test);
  find("MPI_Bcast", mpi.broadcast);
  find("ompi_mpi_comm_world", mpi.world);
  find("ompi_mpi_byte", mpi.byte);
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
  // where states are sharded, two.
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
