// SPDX-License-Identifier: Apache-2.0
// Transport: moves blocks of bytes between ranks. Two implementations, one contract test (tests/transport).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "millrace/base/bytes.hpp"

namespace millrace {

enum class Tag : int { set_up = 1, reads_input, message, result, log, failed, stop, stopped, heartbeat };

struct Packet {
  int from = 0;
  Tag tag = Tag::stop;
  Bytes bytes;
};

// Used by one thread of its rank, wake() excepted. Packets from one rank to another arrive in order.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual const std::string& host() const = 0;
  // Are all ranks threads of this process, which live and die together?
  virtual bool is_one_process() const = 0;
  // Starts sending and returns; the bytes are kept until they have left.
  virtual void send(int to, Tag tag, Bytes bytes) = 0;
  // A packet that has arrived whole, if any; also moves sends along. Never waits, not even for the rest of a
  // packet whose sender is cut off.
  virtual std::optional<Packet> receive() = 0;
  // Waits a little for something to happen: spins at first, then sleeps for up to 1 ms (20 us, doubling), or
  // until wake(). A receive() that finds a packet ends the growth.
  virtual void idle() = 0;
  // Has a packet arrived in part, or a large one left in part? Its pieces may move only while receive() is
  // called.
  virtual bool is_moving() const = 0;
  virtual void wake() = 0;  // from any thread
  // Waits until everything sent has left.
  virtual void flush() = 0;
  // Ends all ranks at once, without clean-up.
  [[noreturn]] virtual void abort(int exit_code) = 0;
};

// Before the first thread is started; MPI_Init_thread(FUNNELED). The object finalizes MPI when it goes.
std::unique_ptr<Transport> make_mpi_transport(int* argc, char*** argv);
// Name and version of the MPI library: "Open MPI v4.1.4".
std::string mpi_version();
// Was this process started by mpirun or srun?
bool started_by_mpi_launcher();

// `size` ranks in this process; each is used by a thread of its own and may outlive the others.
std::vector<std::unique_ptr<Transport>> make_loopback_transports(int size);

}  // namespace millrace
