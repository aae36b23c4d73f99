// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

namespace millrace {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

constexpr auto text_pattern = "%Y-%m-%d %H:%M:%S.%e %l: %v";

struct Log {
  std::mutex mutex;
  LogFormat format = LogFormat::text;
  LogLevel least = LogLevel::info;
  std::function<void(LogLevel, std::string_view)> relay;
  std::shared_ptr<spdlog::logger> logger = make();

  static std::shared_ptr<spdlog::logger> make() {
    auto made =
        std::make_shared<spdlog::logger>("millrace", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_level(spdlog::level::debug);
    made->flush_on(spdlog::level::debug);
    made->set_pattern(text_pattern);
    return made;
  }
};

Log& log() {
  static Log the_log;
  return the_log;
}

std::string json_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    else
      out += c;
  }
  return out;
}

}  // namespace

void set_up_log(LogFormat format, LogLevel least) {
  const std::lock_guard lock(log().mutex);
  log().format = format;
  log().least = least;
  log().logger->set_pattern(format == LogFormat::json
                                ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":"%v"})"
                                : text_pattern);
}

void relay_log(std::function<void(LogLevel, std::string_view)> relay) {
  const std::lock_guard lock(log().mutex);
  log().relay = std::move(relay);
}

void log_line(LogLevel level, std::string_view text) {
  const std::lock_guard lock(log().mutex);
  if (level < log().least) return;
  if (log().relay) return log().relay(level, text);
  if (log().format == LogFormat::json)
    log().logger->log(spdlog_level(level), json_text(text));
  else
    log().logger->log(spdlog_level(level), text);
}

}  // namespace millrace
