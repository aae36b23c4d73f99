// SPDX-License-Identifier: Apache-2.0
// LiveSource: a broker that pushes publications and wants each acknowledged. It keeps nothing itself: what a
// delivery's `keep` call has kept is acknowledged when it returns, and nothing before.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "millrace/base/files.hpp"
#include "millrace/codec/payload.hpp"
#include "millrace/codec/row_decoder.hpp"
#include "millrace/frame/delivery.hpp"

namespace millrace {

// Called on the client's own threads, one call at a time.
struct LiveEvents {
  // Returns when the delivery is safe; it is acknowledged then. If it can't be kept, it must not return: it
  // waits for room, or ends the process. Must not throw.
  std::function<void(const Delivery&)> keep;
  // The broker knew no session of this client, or it is another broker than before: packet ids begin anew.
  // Before the session's first delivery.
  std::function<void()> begin_session;
  // The session goes on over a new connection. Before the first delivery of that.
  std::function<void()> resume_session;
};

enum class LiveState { connecting, receiving, paused, refused };

struct LiveStatus {
  LiveState state = LiveState::connecting;
  std::uint64_t deliveries = 0, payload_bytes = 0, reconnects = 0;
  double last_delivery_s = 0;  // by the monotonic clock; when it was started, if there was none
  std::string refusal;         // why, if it was refused: one line that says what to do
};

class LiveSource {
 public:
  virtual ~LiveSource() = default;  // as stop()
  // How the rows of a delivery's payload are framed, and decoded.
  virtual PayloadOptions payload_options() const = 0;
  virtual DecodeOptions decode_options() const = 0;
  // Connects in the background and goes on trying (refusals for which trying again is no use excepted:
  // password, certificate, topic). Says in the log what it waits for, and what the broker grants.
  // session_file: where it notes what its session at the broker consists of, for the next run; it belongs
  // beside the journal and goes with it. Missing at first; "": nothing is noted.
  virtual void start(LiveEvents events, const Path& session_file) = 0;
  // Disconnects without giving up the session; what was in flight comes again after resume(). Both return at
  // once.
  virtual void pause() = 0;
  virtual void resume() = 0;
  // Disconnects, keeping the session. No event is called after it has returned. What is inside keep() must
  // have been let go.
  virtual void stop() = 0;
  virtual LiveStatus status() const = 0;  // from any thread
};

}  // namespace millrace
