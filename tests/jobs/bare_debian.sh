#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# jobs/demo.sh and jobs/test.sh on a Debian 12 that has nothing on it: a minimal root made by debootstrap in a folder, with
# the mirror and the settings of this machine's apt, and the last commit of this repository. Not part of the test suite,
# since it calls the test suite. Needs root and debootstrap; takes as long as jobs/test.sh and two minutes.
#
# bare_debian.sh [FOLDER] [-- COMMAND...]: FOLDER is kept, and its root used again if it is there; COMMAND runs in place
# of the two scripts.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
suite=bookworm

folder=
if (($#)) && [[ $1 != -- ]]; then
  folder=$1
  mkdir -p "$folder"
  shift
fi
if (($#)); then shift; fi
if [[ -z $folder ]]; then
  folder=$(mktemp -d /var/tmp/millrace-bare-XXXXXX)
  trap 'rm -rf --one-file-system "$folder"' EXIT
fi
root=$folder/root

say() { printf '\n#### %s (%d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

# Where this machine's apt gets the suite from.
mirror() {
  # shellcheck disable=SC2016  # apt's own variables
  apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Identifier: Packages' |
    awk -v suite=$suite '$1 == suite && !found { print $2; found = 1 }'
}

bare_root() {
  debootstrap --variant=minbase "$suite" "$root" "$(mirror)" >"$folder/debootstrap.log"
  rm -f "$root/etc/apt/sources.list"
  cp -a /etc/apt/. "$root/etc/apt/"
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  # A root without an init starts no services, as in any container.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
}

# inside COMMAND...: in the root, at the top of the repository; nothing that it starts outlives it.
inside() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount --pid --fork --kill-child bash -c '
    root=$1
    shift
    mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --rbind /sys "$root/sys" &&
      exec chroot "$root" env -C /millrace HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' - "$root" "$@"
}

if [[ ! -d $root ]]; then
  say "debootstrap"
  bare_root
fi
mkdir -p "$root/millrace"
git -C "$repository" archive HEAD | tar -x -C "$root/millrace"

if (($#)); then
  inside "$@"
  exit
fi
say "jobs/demo.sh"
inside jobs/demo.sh
say "jobs/demo.sh again"
inside jobs/demo.sh
say "jobs/test.sh"
inside jobs/test.sh
say "jobs/demo.sh as an ordinary user, without sudo"
inside bash -c 'id demo >/dev/null 2>&1 || useradd --create-home demo; chown -R demo: .; exec setpriv --reuid demo --regid demo --clear-groups env HOME=/home/demo jobs/demo.sh'
say "done"
