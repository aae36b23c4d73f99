// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "millrace/base/clock.hpp"
#include "millrace/base/log.hpp"
#include "millrace/run/feeder.hpp"
#include "run/set_up.hpp"

namespace millrace {
namespace {

// A worker that still computes after this long is not waited for.
constexpr double patience_s = 5;

}  // namespace

std::vector<RankUse> stop_workers(Transport& transport, ExitCode code) {
  for (int rank = 1; rank < transport.size(); ++rank) transport.send(rank, Tag::stop, {});
  std::vector<RankUse> uses;
  const auto until = system_clock().now_s() + patience_s;
  while (static_cast<int>(uses.size()) < transport.size() - 1) {
    if (system_clock().now_s() > until) {
      log_error(fmt::format("{} of {} workers do not stop within {} s; the job is aborted",
                            transport.size() - 1 - static_cast<int>(uses.size()), transport.size() - 1,
                            patience_s));
      transport.abort(static_cast<int>(code));
    }
    const auto packet = transport.receive();
    if (!packet) {
      transport.idle();
    } else if (packet->tag == Tag::stopped) {
      const auto report = decode_worker_report(packet->bytes);
      uses.push_back({report.rank, report.host, report.messages, report.busy_s, report.peak_bytes});
    }
  }
  transport.flush();
  std::sort(uses.begin(), uses.end(), [](const RankUse& a, const RankUse& b) { return a.rank < b.rank; });
  return uses;
}

}  // namespace millrace
