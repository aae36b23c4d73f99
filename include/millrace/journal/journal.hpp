// SPDX-License-Identifier: Apache-2.0
// Journal: an append-only log, in a folder of its own, of what a live source acknowledged and no sink has
// committed yet. The format stands in src/journal/FORMAT.md.
//
// Every failure throws Error, with ExitCode::no_space where the file system is full; the journal then holds
// what it held before. If what is on disk is in doubt (a failed sync), it has to be opened again.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/base/files.hpp"
#include "millrace/frame/delivery.hpp"

namespace millrace {

// Behind which payload; what the sink commits with the rows of the payloads before it.
struct JournalPosition {
  std::uint64_t payload = 0;
  auto operator<=>(const JournalPosition&) const = default;
};

struct JournalPayload {
  Delivery delivery;
  JournalPosition behind;
};
// A message was cut, of the `payloads` payloads (at least one) before `behind`.
struct JournalBoundary {
  std::uint64_t sequence = 0;
  JournalPosition behind;
  std::uint64_t payloads = 0, rows = 0;
  bool operator==(const JournalBoundary&) const = default;
};

// redelivery: it is in the journal already, or was: acknowledge it. full: there is no room within max_bytes,
// so that it is not in the journal and must not be acknowledged.
enum class Appended { kept, redelivery, full };

// process: survives any end of the process. power: survives the machine's as well.
enum class Durability { process, power };

struct JournalSettings {
  Path folder;
  Durability durability = Durability::process;
  std::uint64_t max_bytes = 4ull << 30;    // of all files together, never exceeded
  std::uint64_t segment_bytes = 16 << 20;  // at most an eighth of max_bytes is used
  std::uint64_t tail_bytes = 1 << 20;      // at most a sixteenth
  // Deliveries of QoS 1 and 2 that may come again at any time. Not our receive maximum, which
  // mosquitto 2.0.11 does not keep to (its issue 2301). But fewer than the 65,535 packet ids: in a window of
  // all of them, the last but one delivery under an id would count, and an equal payload on its way be taken
  // for that one.
  std::uint16_t in_flight_window = 65534;
  double lock_wait_s = 10;
  // For tests of crashes: called before and after what changes the disk.
  std::function<void(std::string_view)> on_step;
};

// torn_tail: an end that was not whole is cut off. damage: bytes in the middle are left out. lost: payloads
// are missing. behind_commit: the journal ends before the commit. Logged as well.
struct JournalFinding {
  enum class Kind { torn_tail, damage, lost, behind_commit } kind;
  Path file;
  std::uint64_t offset = 0, bytes = 0;
  std::string text;  // all of it, for people
};

// Reads in order what was appended; may have to write it to a file first, and throws no_space then. One
// thread at a time; any number of readers beside the writers. Must not outlive its journal. What a call finds
// is a view until the next; false: nothing more now. Each call skips what the other finds, so who needs both
// (a boundary stands somewhere behind its payloads) has two readers.
class JournalReader {
 public:
  virtual ~JournalReader() = default;
  virtual bool next(JournalPayload& payload) = 0;
  virtual bool next(JournalBoundary& boundary) = 0;
};

// Safe from every thread; appends wait for one another.
class Journal {
 public:
  // Creates the folder if need be, takes its lock (Error project_refused if another run holds it), looks at
  // every entry and repairs the end. `committed`: of the sink's last commit; if the journal ends before it,
  // payloads are numbered from it.
  static std::unique_ptr<Journal> open(const JournalSettings& settings, JournalPosition committed);
  virtual ~Journal() = default;

  virtual const std::vector<JournalFinding>& findings() const = 0;
  // Durable on return. A redelivery: DUP is set, QoS is 1 or 2, and the last delivery with that packet id is
  // among the last in_flight_window deliveries of the session and had the same payload; or, behind
  // resume_session(), it is one of those before the window that come again in their order
  // (src/journal/FORMAT.md).
  virtual Appended append(const Delivery& delivery) = 0;
  // The same for several at once and, for Durability::power, one sync: all of them, or none.
  virtual std::vector<Appended> append(std::span<const Delivery> deliveries) = 0;
  // The broker had no session of ours: its packet ids begin anew. Before the session's first delivery.
  virtual void begin_session() = 0;
  // The session goes on over a new connection. Before the first delivery of that.
  virtual void resume_session() = 0;
  // Durable on return, also beyond the marks. Boundaries come in order.
  virtual void append(const JournalBoundary& boundary) = 0;

  // Finds payloads from `position` on, and boundaries behind it.
  virtual std::unique_ptr<JournalReader> read(JournalPosition position) const = 0;
  virtual JournalPosition begin() const = 0;
  virtual JournalPosition end() const = 0;
  // `committed` is durable in the sink: removes the files that hold nothing behind it.
  virtual void trim(JournalPosition committed) = 0;
  virtual std::uint64_t bytes() const = 0;  // of all files
  // Three quarters of max_bytes: time to disconnect. Half: time to come back, once all is committed at last.
  virtual bool is_above_high_mark() const = 0;
  virtual bool is_below_low_mark() const = 0;
};

}  // namespace millrace
