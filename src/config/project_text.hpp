// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/document.hpp"

namespace millrace {

// The project as it takes effect, defaults included, as one line of JSON with sorted keys: the same for files
// that mean the same, and itself a project file that means the same. What came from outside is shown as the
// file refers to it.
std::string project_text(const Project& project, const Document& document);

// The options of a part likewise.
std::string options_text(const PartChoice& choice, const Document& document);

Json option_to_json(const OptionValue& value);

}  // namespace millrace
