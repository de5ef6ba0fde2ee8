"""What a simulated device costs: our fleet, our Locust user per device, and Locust's own users.

    python benchmarks/fleet_or_users.py [--devices 2000] [--interval 2] [--seconds 15] [--rounds 3]

Needs wrk and taskset.  Every generator plays the same devices, which poll pending codes of one
reference server as politely as it asks; the generator is pinned to one core and the server to the
other.  They take turns, round by round, so that whatever else the machine does hits all alike:
trust the ratios.  Locust's own users are a device each, with an own connection, and judge nothing.

Polls per second and core are polls answered divided by the seconds of a core that the generator's
process used, seen from outside, in --seconds that begin when all devices are there.  Bytes per
device are what its memory has more with --devices than with one, divided by them; of a small fleet
that is mostly its workers (hundred_thousand.py says what a device costs).  Lag is how late polls
left, of all polls of the run.  wrk is what a core can send if nobody has to be a device.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pinned
from polls_per_second import prepare, reference, wrk

sys.path.insert(0, str(pinned.ROOT))

from harness.runners.load.figures import distribution
from harness.runners.load.plan import load_venue
from harness.target import Target
from harness.wire import DEVICE_CODE_GRANT
from simulators.device import MARGIN

TIMES_FAST = 2.0
FLEET, USERS, FAST, PLAIN = "our fleet", "our users", "FastHttpUser", "HttpUser"
SPAWNED = 100
"""Users a second; above that Locust itself becomes uneven."""
STAGGERED = 5
"""Seconds within which a device is switched on."""
RATE = "100000"

LOCUSTFILE = """
import collections, json, random, time
import gevent, locust

polls, lag, answers, there = (collections.Counter() for _ in range(4))

class Device(getattr(locust, KIND)):
    wait_time = locust.constant(PAUSE)

    def on_start(self):
        gevent.sleep(random.uniform(0, STAGGERED))
        wanted = {"client_id": "tv", "scope": "openid profile"}
        codes = self.client.post(ASK, data=wanted, name="codes").json()
        self.fields = {"client_id": "tv", "device_code": codes["device_code"], "grant_type": GRANT}
        there[int(time.time())] += 1
        self.due = time.monotonic() + PAUSE
        gevent.sleep(PAUSE)

    @locust.task
    def poll(self):
        lag[round(1000 * max(0, time.monotonic() - self.due))] += 1
        asked = self.client.post(POLL, data=self.fields, name="poll", catch_response=True)
        with asked as heard:
            answers[heard.json()["error"]] += 1
            if heard.status_code == 400:
                heard.success()
        polls[int(time.time())] += 1
        self.due = time.monotonic() + PAUSE

@locust.events.quitting.add_listener
def tells(environment, **_):
    told = {"polls": polls, "lag": lag, "answers": answers, "there": there}
    print(json.dumps(told), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a generator says of a run: polls by second (Unix time), answers, lag.

    `there` is the second in which the last device had its code.
    """

    polls: dict[int, int]
    answers: dict[str, int]
    lag: dict[str, int]
    there: int


@dataclass(slots=True)
class Generator:
    """One of them: how it plays devices, and what was measured, round by round."""

    name: str
    plays: Callable[[int, int], tuple[Told, pinned.Seen]] | None = None
    """With so many devices, for so many seconds after the last has come."""
    alone: float = 0.0
    """Bytes with one device."""
    each: list[float] = field(default_factory=list)
    per_core: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, list[float]]:
        return {
            "polls_per_second_and_core": self.per_core,
            "polls_per_second": self.rates,
            "bytes_per_device": self.each,
            "lag_ms_p50": self.p50,
            "lag_ms_p99": self.p99,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Where everything happens, and how."""

    file: Path
    target: Target
    folder: Path
    interval: int

    @property
    def pause(self) -> float:
        """Seconds between an answer and the next poll, as our devices have it."""
        return self.interval + MARGIN

    def ours(self, played_as: str, devices: int, seconds: int) -> tuple[Told, pinned.Seen]:
        spawning = 0.0 if played_as == "fleet" else devices / SPAWNED
        document, seen = pinned.load(
            self.folder,
            str(self.file),
            *("--as", played_as, "--profile", "abandonment", "--devices", str(devices)),
            *("--arrivals", f"at once within {STAGGERED}", "--ramp", f"{max(1.0, spawning):g}"),
            *("--duration", str(math.ceil(spawning) + STAGGERED + seconds), "--rate", RATE),
        )
        first = int(datetime.fromisoformat(document["started"]).timestamp())
        timeline = document["timeline"]
        waiting = timeline["waiting"]
        if max(waiting) < devices or document["network"]:
            told = f"{document['network']} on the network"
            raise SystemExit(f"only {max(waiting)} of {devices} devices ever waited, {told}")
        polls = {first + second: count for second, count in enumerate(timeline["polls_done"])}
        answers, there = document["polls"]["by_answer"], first + waiting.index(devices)
        return Told(polls, answers, document["lag_ms"], there), seen

    def plain(self, kind: str, devices: int, seconds: int) -> tuple[Told, pinned.Seen]:
        words = {
            "KIND": kind,
            "ASK": self.target.device_authorization_endpoint,
            "POLL": self.target.token_endpoint,
            "GRANT": DEVICE_CODE_GRANT,
            "PAUSE": self.pause,
            "STAGGERED": STAGGERED,
        }
        file = self.folder / "plain.py"
        settings = [f"{name} = {value!r}" for name, value in words.items()]
        file.write_text("\n".join([*settings, LOCUSTFILE]), "utf-8")
        longest = math.ceil(devices / SPAWNED) + STAGGERED + seconds
        command = [sys.executable, "-m", "locust", "-f", str(file), "--headless", "--only-summary"]
        command += ["--loglevel", "ERROR", "--host", str(self.target.issuer)]
        command += ["--users", str(devices), "--spawn-rate", str(SPAWNED)]
        command += ["--run-time", f"{longest}s"]
        seen = pinned.watched(command, self.folder / "plain.log")
        lines = [line for line in seen.said.splitlines() if line.startswith('{"polls"')]
        if seen.code or not lines:
            raise SystemExit(f"{kind} ended with {seen.code}:\n{seen.said[-2000:]}")
        told = json.loads(lines[-1])
        came = {int(second): count for second, count in told["there"].items()}
        if sum(came.values()) < devices:
            raise SystemExit(f"only {sum(came.values())} of {devices} devices ever had codes")
        polls = {int(second): count for second, count in told["polls"].items()}
        lag = {int(late): count for late, count in told["lag"].items()}
        return Told(polls, told["answers"], distribution(Counter(lag)), max(came)), seen


def measure(one: Generator, table: Table, devices: int, seconds: int) -> None:
    """One turn; with a single device only its memory is taken."""
    assert one.plays is not None
    settling = math.ceil(2 * table.pause)
    told, seen = one.plays(devices, seconds + settling + 3)
    if set(told.answers) != {"authorization_pending"}:
        raise SystemExit(f"{one.name} was answered {told.answers}: not only authorization_pending")
    first = told.there + settling
    last = first + seconds
    memory = seen.memory(first, last)
    if devices == 1:
        one.alone = memory
        return
    polls = sum(told.polls.get(second, 0) for second in range(first, last))
    one.per_core.append(polls / seen.used(first, last))
    one.rates.append(polls / seconds)
    one.each.append((memory - one.alone) / devices)
    one.p50.append(told.lag["p50"])
    one.p99.append(told.lag["p99"])


def ratios(one: Generator, other: Generator) -> list[float]:
    """How many times as many polls per second and core, within each round."""
    return [mine / theirs for mine, theirs in zip(one.per_core, other.per_core, strict=True)]


def spread(values: list[float], form: str = ".0f") -> str:
    """The median, and from where to where."""
    if not values:
        return "-"
    return f"{statistics.median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def tell(turn: int, one: Generator) -> None:
    found = f"{one.per_core[-1]:8.0f} polls/s and core, {one.rates[-1]:6.0f} polls/s"
    print(f"round {turn + 1}  {one.name:<13} {found}", flush=True)


def report(generators: list[Generator], fast: Generator) -> None:
    titles = ("polls/s and core", f"x {FAST}", "polls/s", "bytes per device", "lag p50", "lag p99")
    print("\nmedians (least-most); lag in ms")
    print(f"{'generator':<13}" + "".join(f" {title:>21}" for title in titles))
    for one in generators:
        cells = [spread(one.per_core), spread(ratios(one, fast), ".2f"), spread(one.rates)]
        cells += [spread(one.each), spread(one.p50), spread(one.p99)]
        print(f"{one.name:<13}" + "".join(f" {cell:>21}" for cell in cells))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=2000)
    parser.add_argument("--interval", type=int, default=2, help="seconds")
    parser.add_argument("--seconds", type=int, default=15, help="measured in each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=16, help="of wrk")
    parser.add_argument("--json", type=Path, default=pinned.ROOT / "out" / "fleet_or_users.json")
    options = parser.parse_args()
    pinned.refuse_without("wrk", "taskset")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = pinned.reference_server(folder, interval=options.interval, lifetime=86400)
        with server as file:
            table = Table(file, load_venue(str(file)).target, folder, options.interval)
            generators = [
                Generator(FLEET, lambda *how: table.ours("fleet", *how)),
                Generator(USERS, lambda *how: table.ours("users", *how)),
                Generator(FAST, lambda *how: table.plain(FAST, *how)),
                Generator(PLAIN, lambda *how: table.plain(PLAIN, *how)),
            ]
            limit = Generator("wrk")
            polled = reference(port=urlsplit(table.target.token_endpoint).port or 0)
            prepare(polled, 200, folder)
            for one in generators:
                measure(one, table, 1, min(5, options.seconds))
            for turn in range(options.rounds):
                for one in generators:
                    measure(one, table, options.devices, options.seconds)
                    tell(turn, one)
                found = wrk(polled, min(5, options.seconds), options.connections)
                limit.rates.append(found.rate)
                limit.per_core.append(found.per_core)
                tell(turn, limit)
    fleet, _, fast, _ = generators
    report([*generators, limit], fast)
    times = statistics.median(ratios(fleet, fast))
    aims = [
        pinned.judge(f"the fleet's polls/s and core, x {FAST}", times, TIMES_FAST, least=True),
    ]
    settings = {"devices": options.devices, "interval": options.interval}
    figures = {one.name: one.figures() for one in (*generators, limit)}
    return pinned.write(options.json, {**settings, "generators": figures, "aims": aims})


if __name__ == "__main__":
    raise SystemExit(main())
