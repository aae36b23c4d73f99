// SPDX-License-Identifier: Apache-2.0
// A source as a process of its own, to be killed: prints "session" and "keep ID DUP PAYLOAD" before it
// returns from them, and "receiving"; ends when its input does.
//
//   mqtt_receiver BROKER CLIENT-ID VERSION QOS SESSION-FILE [PAYLOAD]: never returns from keeping PAYLOAD
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "millrace/source/live_source.hpp"
#include "source/mqtt_source.hpp"

using namespace millrace;

namespace {

void say(const std::string& line) {
  const auto whole = line + "\n";
  if (::write(1, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) std::abort();
}

LiveEvents events_of(const std::string& never) {
  LiveEvents events;
  events.keep = [never](const Delivery& one) {
    const std::string payload(one.payload);
    say("keep " + std::to_string(one.packet_id) + (one.is_duplicate ? " 1 " : " 0 ") + payload);
    while (payload == never) ::pause();
  };
  events.begin_session = [] { say("session"); };
  return events;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  using Texts = std::vector<std::string>;
  const auto info = mqtt_source();
  const auto source = info.make_live(Options(info.part.options, {{"broker", Texts{argv[1]}},
                                                                 {"client_id", std::string(argv[2])},
                                                                 {"version", std::string(argv[3])},
                                                                 {"qos", std::int64_t{std::stoi(argv[4])}},
                                                                 {"topic", Texts{"t"}}}));
  source->start(events_of(argc > 6 ? argv[6] : ""), argv[5]);
  while (source->status().state == LiveState::connecting)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  say("receiving");
  while (std::getchar() != EOF) {
  }
  source->stop();
}
