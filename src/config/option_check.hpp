// SPDX-License-Identifier: Apache-2.0
// One JSON object against one table of options.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/document.hpp"

namespace millrace {

struct OptionCheck {
  const Document& document;
  std::vector<Problem>& problems;
  const std::vector<OptionSpec>& specs;
  std::vector<std::string> others = {};  // keys that are legal too, and looked at elsewhere
};

// The values that are as the table wants them; a problem for each that is not, for each unknown key and for
// each required option that is not there. `object` must be an object.
std::map<std::string, OptionValue> check_options(const Json& object, const std::string& path,
                                                 const OptionCheck& check);

// "; did you mean X?", or what is known, or nothing if nothing is.
std::string hint(const std::string& name, const std::vector<std::string>& known);

// "expected a whole number from 1 to 9 (rows)"
std::string expectation(const OptionSpec& spec);

}  // namespace millrace
