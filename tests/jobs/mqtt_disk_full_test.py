# SPDX-License-Identifier: Apache-2.0
"""A full disk under a live run, that of the journal, that of the sink, and one that holds both: exit code 5, nothing that was
acknowledged is lost, and the run after making room ends with what was published.

The disk is a small tmpfs in a mount namespace of the test's own; where that is not permitted the test is skipped (77)."""
import pathlib
import sys

import disk_full_test as disk
import millrace_runs as runs
import mqtt_runs as live
from private_broker import PrivateBroker


class Trial:
    def __init__(self, options, broker, name):
        self.options, self.name = options, name
        self.place = options.folder / name
        self.output = self.place / "weather"
        self.journal = pathlib.Path(f"{self.output}.journal")
        self.place.mkdir()
        self.project = live.live_project(options.folder / f"{name}.json", broker.url, self.output, name)
        self.station = live.Station(options.millrace, options.rows, 7)
        self.broker = broker

    def fails_for_lack_of_room(self, publisher, named):
        code, said = runs.run([*runs.mpirun_command(self.options.millrace, 2, self.project), "--once"])
        if code != 5 or named not in said or "No space left" not in said:
            raise SystemExit(f"{self.name}: exit code {code}, not 5 with a message that names {named}:\n{said}")
        if "journal_max_bytes" in said:
            raise SystemExit(f"{self.name}: a full disk is taken for a full journal:\n{said}")
        code, said = publisher.finish()
        if code != 0:
            raise SystemExit(f"the publisher left with {code}:\n{said}")

    def ends_as_published(self):
        live.drain(self.options.millrace, self.project)
        runs.verify(self.options.millrace, self.output)
        wrong = live.difference(self.output, self.station.expected())
        print(f"{self.name}: exit code 5, then with room {wrong or 'stored as published'}", flush=True)
        if wrong:
            raise SystemExit(1)


def trial(options, broker, name, place_of, size, named):
    """place_of: what becomes a small disk once the broker knows the run; named: what the message speaks of."""
    one = Trial(options, broker, name)
    if name == "both":
        disk.mount(one.place, disk.ROOM)
    live.drain(options.millrace, one.project, quiet_s=0.1)
    place = place_of(one)
    kept = [(file.name, file.read_bytes()) for file in place.iterdir() if file.is_file()]
    if name == "both":
        disk.resize(place, size)
    else:
        disk.mount(place, size)
        for file, content in kept:
            (place / file).write_bytes(content)
    publisher = one.station.publish(broker.url, name, 1, "5", options.rate)
    one.fails_for_lack_of_room(publisher, named)
    disk.resize(place, disk.ROOM)
    one.ends_as_published()


def main():
    arguments = runs.parser(__doc__, rows=20000)
    arguments.add_argument("--inside", action="store_true", help="we are in a mount namespace already")
    arguments.add_argument("--rate", type=int, default=6000, help="rows a second")
    options = arguments.parse_args()
    if not options.inside:
        return disk.in_a_namespace(options, __file__)
    with PrivateBroker() as broker:
        trial(options, broker, "journal", lambda one: one.journal, "3m", "weather.journal")
        trial(options, broker, "segments", lambda one: one.output / "segments", "1m", "segments")
        trial(options, broker, "both", lambda one: one.place, "4m", "weather")
    return 0


if __name__ == "__main__":
    sys.exit(main())
