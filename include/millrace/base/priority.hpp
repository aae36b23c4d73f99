// SPDX-License-Identifier: Apache-2.0
// Who waits where threads want more processors than there are.
#pragma once

namespace millrace {

// The calling thread, and those that it starts from now on, leave the processor to others that want it: their
// nice value rises by 10, which is a tenth of the share (among threads of the same session or control group,
// where the kernel shares out by those first). For good, and never an error.
void give_way();

}  // namespace millrace
