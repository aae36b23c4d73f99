// SPDX-License-Identifier: Apache-2.0
// The options by which a part of a project says which broker it talks to, and as whom.
#pragma once

#include <string>
#include <vector>

#include "millrace/base/option.hpp"
#include "millrace/mqtt/connection.hpp"

namespace millrace::mqtt {

// Without client_id, which means something else to each part.
std::vector<OptionSpec> connect_options();

// What they say; client_id too if it is given. `place`: of the part in the project, "source.mqtt". Throws
// Error (project_refused), "PLACE.OPTION: why". Looks for the files, and does not connect.
ConnectSettings connect_settings(const Options& options, const std::string& place);

}  // namespace millrace::mqtt
