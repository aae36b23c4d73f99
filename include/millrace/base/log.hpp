// SPDX-License-Identifier: Apache-2.0
// The program's log: stderr, one line an event, as text or as JSON lines. Safe from every thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace millrace {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

// Until set_up_log is called, lines go to stderr as text.
void set_up_log(LogFormat format, LogLevel least);
// Sends every line to `relay` instead of stderr (a worker rank relays to rank 0); an empty function ends
// that.
void relay_log(std::function<void(LogLevel, std::string_view)> relay);

void log_line(LogLevel level, std::string_view text);
inline void log_debug(std::string_view text) {
  log_line(LogLevel::debug, text);
}
inline void log_info(std::string_view text) {
  log_line(LogLevel::info, text);
}
inline void log_warning(std::string_view text) {
  log_line(LogLevel::warning, text);
}
inline void log_error(std::string_view text) {
  log_line(LogLevel::error, text);
}

}  // namespace millrace
