// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/command.hpp"
#include "cli/input_text.hpp"
#include "cli/launch.hpp"
#include "cli/progress.hpp"
#include "cli/project_arguments.hpp"
#include "cli/supervise.hpp"
#include "cli/versions.hpp"
#include "millrace/base/log.hpp"
#include "millrace/run/drain.hpp"
#include "millrace/run/feeder.hpp"
#include "millrace/run/worker.hpp"

namespace millrace::cli {
namespace {

struct RunArguments {
  ProjectArguments project;
  bool overwrite = false, strict = false, quiet = false;
  std::string transport = "auto";
  std::string log_format = "text";
  std::string restart = "never";
  std::uint64_t max_rows = 0;
  double max_seconds = 0;
  bool once = false;
  double idle_timeout_s = 5;
  RestartLimits restarts;
};

RunSettings settings_of(const RunArguments& arguments, int ranks) {
  RunSettings settings;
  settings.overwrite = arguments.overwrite;
  settings.strict = arguments.strict;
  settings.max_rows = arguments.max_rows;
  settings.max_seconds = arguments.max_seconds;
  settings.quiet_s = arguments.once ? arguments.idle_timeout_s : 0;
  settings.show_progress = make_progress(arguments.quiet);
  settings.at_end = say_failure;
  utsname system{};
  ::uname(&system);
  settings.attributes["host"] = system.nodename;
  settings.attributes["ranks"] = std::to_string(ranks);
  settings.attributes["versions"] = versions_line();
  return settings;
}

ExitCode report(const RunOutcome& outcome, bool quiet) {
  if (!quiet) std::printf("%s", report_text(outcome.report).c_str());
  return outcome.code;
}

ExitCode feed(Transport& transport, PreparedRun prepared, const RunArguments& arguments) {
  catch_drain_signals();
  for (const auto& warning : prepared.warnings) log_warning(warning);
  return report(run_feeder(transport, std::move(prepared), settings_of(arguments, transport.size())),
                arguments.quiet);
}

// Whatever ends rank 0 before its workers were stopped, stops them.
ExitCode feed_or_stop(Transport& transport, const RunArguments& arguments) {
  try {
    auto prepared = prepare_run(arguments.project.load());
    const auto asked = workers_of(prepared.project);
    if (prepared.project.worker_count > 0 && asked != transport.size() - 1)
      log_warning(fmt::format("worker_count is {}, but {} ranks were started: {} workers are used", asked,
                              transport.size(), transport.size() - 1));
    return feed(transport, std::move(prepared), arguments);
  } catch (const Error& error) {
    log_error(error.what());
    stop_workers(transport, error.code());
    return error.code();
  } catch (const std::exception& error) {
    log_error(error.what());
    stop_workers(transport, ExitCode::failed);
    return ExitCode::failed;
  }
}

// A worker that cannot even serve ends the job: rank 0 would wait for it for ever.
void serve(Transport& transport) {
  ignore_drain_signals();
  try {
    run_worker(transport);
  } catch (const std::exception& error) {
    log_error(fmt::format("rank {} on {}: {}", transport.rank(), transport.host(), error.what()));
    transport.abort(static_cast<int>(ExitCode::failed));
  }
}

ExitCode run_in_one_process(const RunArguments& arguments, int workers) {
  auto transports = make_loopback_transports(workers + 1);
  std::vector<std::thread> threads;
  for (int rank = 1; rank <= workers; ++rank)
    threads.emplace_back([&, rank] { run_worker(*transports[static_cast<std::size_t>(rank)]); });
  const auto code = feed_or_stop(*transports[0], arguments);
  for (auto& thread : threads) thread.join();
  return code;
}

// The others are not asked: one of them does not answer any more.
void end_all_ranks(Transport& transport, ExitCode code) {
  std::fflush(nullptr);
  transport.abort(static_cast<int>(code));
}

bool is_to_be_supervised(const RunArguments& arguments) {
  return arguments.restart == "on-failure" && !is_supervised();
}

void warn_of_restart_under_mpi(const RunArguments& arguments) {
  if (is_to_be_supervised(arguments))
    log_warning(
        "--restart has no effect under mpirun: start millrace run without it, or under Slurm jobs/run.slurm");
}

// Under mpirun only rank 0 knows whether the project is for one process, so the decision is its own; the
// other ranks serve, and are stopped at once if there is nothing for them.
ExitCode run_on_ranks(const RunArguments& arguments, CommandLine& line) {
  const auto transport = make_mpi_transport(&line.argc, &line.argv);
  if (transport->rank() > 0) {
    serve(*transport);
    return ExitCode::done;
  }
  warn_of_restart_under_mpi(arguments);
  if (transport->size() > 1) {
    const auto code = feed_or_stop(*transport, arguments);
    if (code == ExitCode::rank_lost) end_all_ranks(*transport, code);
    return code;
  }
  log_warning(
      "one rank was started: feeder and one worker share this process; start one rank more than workers");
  return run_in_one_process(arguments, 1);
}

// Without mpirun: in this process, or as processes of its own, as often as it takes.
ExitCode start_run(const RunArguments& arguments, const CommandLine& line, bool supervised) {
  const auto project = arguments.project.load();
  if (supervised) check_supervised(project);
  const int workers = workers_of(project);
  if (const auto crowded = crowding(project); !crowded.empty()) log_info(crowded);
  const bool in_one_process = arguments.transport == "loopback" || project.method == "single";
  if (in_one_process && !supervised) return run_in_one_process(arguments, workers);
  auto command = own_command(line.argc, line.argv);
  if (!in_one_process) {
    prepare_run(project);
    command = mpirun_command(workers + 1, command);
  }
  return supervised ? supervise(project, command, arguments.restarts) : run_child(command).code;
}

ExitCode run(const RunArguments& arguments, CommandLine& line) {
  set_up_log(arguments.log_format == "json" ? LogFormat::json : LogFormat::text, LogLevel::info);
  const bool under_mpi = started_by_mpi_launcher();
  if (under_mpi && arguments.transport != "loopback") {
    allow_all_cores();
    return run_on_ranks(arguments, line);
  }
  if (under_mpi) warn_of_restart_under_mpi(arguments);
  return start_run(arguments, line, is_to_be_supervised(arguments) && !under_mpi);
}

void add_limits(CLI::App& command, RunArguments& arguments) {
  command
      .add_option("--max-rows", arguments.max_rows,
                  "stop behind so many rows of this run and the message that the last one is in, exit 75")
      ->check(counts());
  command.add_option("--max-seconds", arguments.max_seconds, "stop after so many seconds, likewise")
      ->check(CLI::PositiveNumber);
}

void add_ends_of_live_sources(CLI::App& command, RunArguments& arguments) {
  command.add_flag("--once", arguments.once,
                   "end when a live source has been quiet for --idle-timeout; files end by themselves");
  command.add_option("--idle-timeout", arguments.idle_timeout_s, "seconds of quiet that --once waits for")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
}

void add_restarts(CLI::App& command, RunArguments& arguments) {
  command
      .add_option("--restart", arguments.restart,
                  "never, or on-failure: start a run that died (codes 1, 5, 6, signals) again, after a "
                  "growing wait")
      ->check(CLI::IsMember({"never", "on-failure"}));
  command.add_option("--most-restarts", arguments.restarts.most, "give up after so many within the window")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000000));
  command
      .add_option("--restart-window", arguments.restarts.window_s,
                  "seconds within which restarts are counted")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
}

}  // namespace

void add_run(CLI::App& app, CommandLine& line) {
  auto* command =
      app.add_subcommand("run", "run a project: under mpirun on its ranks, else mpirun is started");
  const auto arguments = std::make_shared<RunArguments>();
  arguments->project.add_to(*command);
  command->add_flag("--overwrite", arguments->overwrite,
                    "start anew instead of going on where the output ends");
  command->add_flag("--strict", arguments->strict, "exit with 4 if rows were quarantined");
  command->add_flag("--quiet", arguments->quiet, "no progress and no report");
  command->add_option("--transport", arguments->transport, "auto, or loopback: all workers in this process")
      ->check(CLI::IsMember({"auto", "loopback"}));
  command->add_option("--log-format", arguments->log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  add_limits(*command, *arguments);
  add_ends_of_live_sources(*command, *arguments);
  add_restarts(*command, *arguments);
  command->footer(
      "\nGoes on where an unfinished run stopped, with any number of ranks. SIGUSR1, SIGTERM or Ctrl-C: "
      "finish what is in\n"
      "flight, commit, exit 75; a second one leaves at once.\n"
      "\nExamples:\n"
      "  millrace run configs/weather_sample.json\n"
      "  mpirun -n 3 millrace run configs/weather.json --set sink.hdf5.compression=none\n"
      "  millrace run configs/weather.json --speed 60x --set method=single\n"
      "  millrace run configs/weather.json --restart on-failure\n");
  command->callback([arguments, &line] { line.code = run(*arguments, line); });
}

}  // namespace millrace::cli
