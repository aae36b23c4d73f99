#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-format over all files and clang-tidy over those that changed; clang-tidy takes seconds a file, so jobs/test.sh
# leaves it out. Needs a configured build/ (for its compile commands).
#
# jobs/lint.sh [BASE]: files that differ from commit BASE (default: the commit before the last); --all: every file;
# --format: clang-format only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

all_files() { find src include tests -name '*.[ch]pp'; }
changed_files() { git diff --name-only --diff-filter=d "${1:-HEAD~1}" -- 'src/*.cpp'; }

all_files | xargs clang-format --dry-run --Werror
[[ ${1:-} == --format ]] && exit
if [[ ${1:-} == --all ]]; then
  sources=$(all_files | grep '^src/.*cpp$')
else
  sources=$(changed_files "$@")
fi
[[ -n $sources ]] || exit 0
echo "clang-tidy over $(wc -l <<<"$sources") files"
xargs -n 1 -P "$(nproc)" clang-tidy --quiet -p build <<<"$sources" 2> >(grep -v 'warnings generated' >&2)
