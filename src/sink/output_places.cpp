// SPDX-License-Identifier: Apache-2.0
#include "sink/output_places.hpp"

#include <fmt/format.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"

namespace millrace {
namespace {

namespace fs = std::filesystem;

struct FileSystemKind {
  unsigned long magic;
  const char* warning;
};
// The numbers are those of linux/magic.h and of the file systems' own headers.
constexpr std::array<FileSystemKind, 8> doubtful{{
    {0x01021994, "tmpfs: results lie in memory and are gone when the machine is"},
    {0x858458f6, "ramfs: results lie in memory and are gone when the machine is"},
    {0x6969, "nfs: the lock keeps a second run out only if the lock service runs on server and clients"},
    {0xff534d42, "cifs: the lock keeps a second run out only on servers that pass locks on"},
    {0xfe534d42, "smb2: the lock keeps a second run out only on servers that pass locks on"},
    {0x65735546, "fuse: whether locks and fsync work depends on the file system behind it"},
    {0x01021997, "9p: whether locks and fsync work depends on the host"},
    {0x0bd00bd3, "lustre: the lock keeps a second run out only if it is mounted with -o flock"},
}};

// procfs, sysfs, cgroup2: the kernel's own. Root passes their permissions, yet no file can be made there.
constexpr std::array<unsigned long, 3> of_the_kernel{0x9fa0, 0x62656572, 0x63677270};

// 0 if there is none.
unsigned long file_system_of(const Path& folder) {
  struct statfs status {};
  return ::statfs(folder.c_str(), &status) == 0 ? static_cast<unsigned long>(status.f_type) & 0xffffffff : 0;
}

[[noreturn]] void refuse(const Path& path, const std::string& why) {
  throw Error(ExitCode::project_refused, path.string() + ": " + why);
}

void check_folder(const OutputPlaces& places) {
  if (!fs::exists(places.root)) return;
  if (!fs::is_directory(places.root))
    refuse(places.root, "is a file; the hdf5 sink needs a folder of its own");
  if (fs::exists(places.manifest)) return;
  constexpr std::array<std::string_view, 3> leftovers{"lock", "manifest.part", "report.json"};
  for (const auto& entry : fs::directory_iterator(places.root)) {
    const auto name = entry.path().filename().string();
    const bool empty_segments = name == "segments" && fs::is_directory(entry) && fs::is_empty(entry);
    if (!empty_segments && std::find(leftovers.begin(), leftovers.end(), name) == leftovers.end())
      refuse(places.root,
             fmt::format("holds files that are not an output of Millrace ({}, and no manifest): give "
                         "another path, or move them away",
                         name));
  }
}

void check_file(const OutputPlaces& places) {
  if (fs::is_directory(places.root)) refuse(places.root, "is a folder; this sink writes one file");
  if (fs::exists(places.root) && !fs::exists(places.manifest))
    refuse(places.root,
           fmt::format("is there, but {} is not, so it is not an output of Millrace: give another path, "
                       "or move it away",
                       places.manifest.string()));
}

void check_manifest(const Path& manifest, bool overwrite) {
  const auto form = form_of(manifest);
  if (form == ManifestForm::foreign) refuse(manifest, "is not a manifest of Millrace");
  if (form == ManifestForm::of_another_version && !overwrite)
    refuse(manifest,
           "was written by another version of Millrace: give another path, or --overwrite to start anew");
}

bool locks_work(const Path& path) {
  const bool taken_twice = FileLock::take(path, 0).has_value();
  return !taken_twice;
}

}  // namespace

OutputPlaces places_of(bool is_folder, const std::string& path) {
  auto plain = path;
  while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
  const auto beside = [&](const char* suffix) { return Path(plain + suffix); };
  OutputPlaces places{plain,
                      is_folder,
                      beside(".manifest"),
                      beside(".lock"),
                      beside(".rejects.jsonl"),
                      beside(".report.json")};
  if (!is_folder) return places;
  places.manifest = places.root / "manifest";
  places.lock = places.root / "lock";
  places.report = places.root / "report.json";
  return places;
}

void check_writable(const OutputPlaces& places) {
  std::error_code ignored;
  auto folder = fs::absolute(places.root);
  if (!places.is_folder || !fs::is_directory(folder, ignored)) folder = folder.parent_path();
  while (!fs::exists(folder, ignored) && folder != folder.root_path()) folder = folder.parent_path();
  if (!fs::is_directory(folder, ignored)) refuse(folder, "is not a folder");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) refuse(folder, "no permission to write here");
  const auto kind = file_system_of(folder);
  if (std::find(of_the_kernel.begin(), of_the_kernel.end(), kind) != of_the_kernel.end())
    refuse(folder, "is the kernel's; nothing can be written here");
}

void check_place(const OutputPlaces& places, bool overwrite) {
  if (places.root.empty()) refuse("sink.path", "is empty");
  if (places.is_folder)
    check_folder(places);
  else
    check_file(places);
  if (fs::exists(places.manifest)) {
    check_manifest(places.manifest, overwrite);
  } else if (fs::exists(places.rejects) && !overwrite) {
    refuse(places.rejects, "is left over from an output that is gone: move it away, or give --overwrite");
  }
}

std::string file_system_warning(const Path& folder) {
  const auto number = file_system_of(folder);
  for (const auto& file_system : doubtful)
    if (file_system.magic == number) return file_system.warning;
  return "";
}

std::optional<FileLock> occupy(const OutputPlaces& places, double wait_s) {
  const auto folder = places.is_folder ? places.root : folder_of(places.root);
  create_folders_durably(folder);  // a commit is to last
  if (const auto warning = file_system_warning(folder); !warning.empty())
    log_warning(fmt::format("{} lies on {}", places.root.string(), warning));
  std::optional<FileLock> lock;
  try {
    lock = FileLock::take(places.lock, wait_s);
  } catch (const Error& error) {
    if (error.code() == ExitCode::no_space || !fs::exists(places.lock)) throw;
    log_warning(fmt::format("{}: locks do not work here, so nothing keeps a second run out ({})",
                            places.root.string(), error.what()));
    return std::nullopt;
  }
  if (!lock)
    refuse(places.root, fmt::format("is in use by process {}, which holds {}", FileLock::holder(places.lock),
                                    places.lock.string()));
  if (!locks_work(places.lock))
    log_warning(fmt::format("{}: locks have no effect here, so nothing keeps a second run out",
                            places.root.string()));
  return lock;
}

}  // namespace millrace
