// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/command.hpp"
#include "cli/input_text.hpp"
#include "cli/output_text.hpp"
#include "cli/publication.hpp"
#include "codec/instant.hpp"
#include "millrace/source/weather_station.hpp"

namespace millrace::cli {
namespace {

constexpr std::size_t write_bytes = 1 << 20;

struct GenerateArguments {
  WeatherSettings settings;
  std::string start = "2020-01-01T00:00:00Z", format = "jsonl", output = "-";
  PublicationArguments publication;
};

void write_rows(const GenerateArguments& arguments) {
  auto settings = arguments.settings;
  const bool is_csv = arguments.format == "csv" || arguments.publication.payload == "csv";
  settings.format = is_csv ? RowFormat::csv : RowFormat::jsonl;
  if (parse_instant(arguments.start, 1, settings.start_s) != InstantError::none)
    throw Error(ExitCode::usage,
                "--start " + arguments.start + ": expected an ISO 8601 time, such as 2024-05-01");
  WeatherStation station(settings);
  if (!arguments.publication.address.empty()) {
    publish_rows(station, settings.rows, arguments.publication);
    return;
  }
  OutputText out(arguments.output);
  std::string block;
  if (settings.format == RowFormat::csv) block = station.csv_header();
  for (std::uint64_t row = 0; row < settings.rows; ++row) {
    station.append_row(row, block);
    if (block.size() < write_bytes) continue;
    out.write(block);
    block.clear();
  }
  out.write(block);
}

void add_publication(CLI::App& command, PublicationArguments& publication) {
  auto* publish =
      command.add_option("--publish", publication.address, "publish over MQTT instead of writing")
          ->type_name("mqtt://HOST[:PORT]/TOPIC");
  const auto add = [&](const char* name, auto& value, const char* help) {
    return command.add_option(name, value, help)->needs(publish)->group("Publishing");
  };
  add("--qos", publication.qos, "0, 1 or 2")->capture_default_str()->check(CLI::Range(0, 2));
  add("--payload", publication.payload, "what a publication holds")
      ->capture_default_str()
      ->check(CLI::IsMember({"row", "array", "lines", "csv", "packed"}));
  add("--rows-per-payload", publication.rows_per_payload, "of all forms but row")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  add("--rate", publication.rate, "rows a second; without it as fast as possible")
      ->check(CLI::PositiveNumber);
  add("--mqtt-version", publication.mqtt_version, "5 or 3.1.1")
      ->capture_default_str()
      ->check(CLI::IsMember({"5", "3.1.1"}));
  add("--client-id", publication.client_id, "without it one that nobody else has");
  add("--user", publication.user, "user name at the broker");
  add("--password-file", publication.password_file, "a file whose first line is the password")
      ->type_name("FILE");
  add("--ca-file", publication.ca_file, "who signs the broker's certificate")->type_name("FILE");
  add("--certificate-file", publication.certificate_file, "this client's certificate")->type_name("FILE");
  add("--key-file", publication.key_file, "its key")->type_name("FILE");
  add("--key-password-file", publication.key_password_file,
      "a file whose first line is the key's pass phrase")
      ->type_name("FILE");
  add("--give-up-after", publication.give_up_after_s, "seconds without a connection; 0: never")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
}

}  // namespace

void add_generate(CLI::App& app, CommandLine& line) {
  auto* command =
      app.add_subcommand("generate", "write rows of a weather station: the same bytes for the same seed");
  const auto arguments = std::make_shared<GenerateArguments>();
  auto& settings = arguments->settings;
  const auto share = CLI::Range(0.0, 1.0);
  command->add_option("--rows", settings.rows, "how many rows")->required()->check(counts());
  command->add_option("--seed", settings.seed, "another seed, other weather")
      ->capture_default_str()
      ->check(counts());
  command->add_option("--start", arguments->start, "time of the first row, ISO 8601")->capture_default_str();
  command->add_option("--interval", settings.interval_s, "seconds between rows")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--missing", settings.missing, "share of values that are null")
      ->capture_default_str()
      ->check(share);
  command->add_option("--absent", settings.absent, "share of values whose key is left out")
      ->capture_default_str()
      ->check(share);
  command->add_option("--duplicates", settings.duplicates, "share of rows that repeat the row before")
      ->capture_default_str()
      ->check(share);
  command->add_option("--columns", settings.columns, "how many columns: 33 is the station, more adds sensors")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000));
  command->add_option("--format", arguments->format, "jsonl or csv")
      ->capture_default_str()
      ->check(CLI::IsMember({"jsonl", "csv"}));
  command->add_option("--output", arguments->output, "file to write; - for standard output")
      ->type_name("FILE")
      ->capture_default_str();
  add_publication(*command, arguments->publication);
  command->footer(
      "\nExamples:\n  millrace generate --rows 750000 --seed 1 > weather.jsonl\n"
      "  millrace generate --rows 1000 --format csv --missing 0.1 --output weather.csv\n"
      "  millrace generate --rows 60000 --publish mqtt://localhost:1883/weather --rate 1000\n");
  command->callback([arguments, &line] {
    write_rows(*arguments);
    line.code = ExitCode::done;
  });
}

}  // namespace millrace::cli
