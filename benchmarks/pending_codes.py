"""What a million pending codes cost the reference server: time of a poll, memory, and forgetting.

    python benchmarks/pending_codes.py [--most 1000000] [--rounds 7] [--json out/pending_codes.json]

Each crowd of codes lives in a server and a process of its own, on a virtual clock.  They poll in
turn, round by round, so that whatever else the machine does hits all of them alike: trust the
ratios.  Afterwards all codes expire at once, and requests go on while they are forgotten.  Last, a
soak: generation after generation of codes, sign-ins, wrong secrets and guesses comes and goes.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from harness.clock import VirtualClock  # noqa: E402 -- the folder above must be known first
from harness.wire import DEVICE_CODE_GRANT, Request  # noqa: E402
from simulators.server import Config, Server  # noqa: E402

SLOWER_AT_MOST = 1.5
"""How much longer a poll may take with the most codes than with the fewest.

A thousand grants fit into the processor's cache and a million do not: that is a microsecond or two,
of the hundred that a poll over a socket takes.
"""
BYTES_AT_MOST = 1000
STALL_AT_MOST = 0.05
"""Seconds for which a request may be held up by the forgetting of others' codes."""
GROWTH_AT_MOST = 1.03
"""What a soak may have more at its end than in its middle."""
SAMPLE = 20_000
POLLS = 5000
DAY = 86400
GENERATION = 300
"""Seconds; sessions are the last to be forgotten, after an hour."""


def resident() -> int:
    """Bytes of memory that this process has."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def poll(server: Server, code: str) -> Request:
    fields = {"grant_type": DEVICE_CODE_GRANT, "client_id": "tv", "device_code": code}
    return Request.form(str(server.metadata["token_endpoint"]), fields.items())


def ask(server: Server) -> Request:
    fields = {"client_id": "tv", "scope": "openid profile"}
    return Request.form(str(server.metadata["device_authorization_endpoint"]), fields.items())


def seconds(server: Server, request: Request) -> float:
    began = time.perf_counter()
    server(request)
    return time.perf_counter() - began


def tails(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    places = {"median": 0.5, "p99": 0.99}
    found = {name: ordered[int(place * (len(ordered) - 1))] for name, place in places.items()}
    return {**found, "most": ordered[-1]}


def crowd(size: int, line: Connection) -> None:
    """A process with `size` pending codes, which polls and forgets when told to."""
    clock = VirtualClock()
    server = Server(Config.demo(seed=1, lifetime=DAY), clock)
    wanted, rand = ask(server), random.Random(1)
    server(wanted)
    before, slowest, codes = resident(), 0.0, []
    for number in range(size):
        began = time.perf_counter()
        answer = server(wanted)
        slowest = max(slowest, time.perf_counter() - began)
        if number % max(1, size // SAMPLE) == 0:
            codes.append(str((answer.json() or {})["device_code"]))
    each = (resident() - before) / size
    began = time.perf_counter()
    gc.collect()
    line.send({"bytes": each, "slowest": slowest, "collection": time.perf_counter() - began})
    polls = [poll(server, code) for code in codes]
    while line.recv() == "poll":
        line.send(tails([seconds(server, rand.choice(polls)) for _ in range(POLLS)]))
    clock.sleep(4 * DAY)
    times = []
    while len(server.realm.store) and len(times) < 2 * size:
        times.append(seconds(server, polls[0]))
    line.send({**tails(times), "requests": len(times), "left": len(server.realm.store)})


def soak(line: Connection, generations: int, devices: int) -> None:
    """A process through which generations of everything pass; it sends its memory after each."""
    clock = VirtualClock()
    config = replace(
        Config.demo(seed=1, lifetime=60, token_lifetime=GENERATION),
        refresh_lifetime=2 * GENERATION,
    )
    server = Server(config, clock)
    wanted = ask(server)
    for generation in range(generations):
        for number in range(devices):
            answer = server(wanted).json() or {}
            if number % 100 == 0:
                sign_in(server, answer, f"{generation}.{number}")
            clock.sleep(GENERATION / devices)
        line.send(resident())


def sign_in(server: Server, started: dict[str, str], peer: str) -> None:
    """A person approves, the device gets its tokens; somebody else guesses and is wrong."""
    account, cookies = server.config.accounts[0], ""
    entry = started["verification_uri_complete"]
    wrong = {"client_id": f"kiosk-{peer}", "client_secret": "wrong", "grant_type": "x"}
    server(Request.form(str(server.metadata["token_endpoint"]), wrong.items()))
    stranger = Request.form(started["verification_uri"], [("user_code", "BBB-BBB-BBB")])
    server(stranger.with_header("x-devicegrant-peer", peer))
    page, url = "", entry
    steps: Iterator[dict[str, str]] = iter(
        ({"username": account.username, "password": account.password}, {"decision": "approve"})
    )
    request = Request("GET", entry)
    for _ in range(10):
        answer = server(request.with_header("cookie", cookies) if cookies else request)
        for line in answer.all_headers("set-cookie"):
            cookies = line.partition(";")[0]
        url, page = request.url, answer.text
        place = answer.header("location")
        if place is not None:
            request = Request("GET", urljoin(url, place))
            continue
        fields = next(steps, None)
        if fields is None:
            break
        request = Request.form(urljoin(url, action(page)), {**hidden(page), **fields}.items())
    polled = server(poll(server, started["device_code"]))
    if polled.status != 200:
        raise SystemExit(f"a device that was approved heard {polled.status}: {polled.text}")


def action(page: str) -> str:
    return page.partition('action="')[2].partition('"')[0]


def hidden(page: str) -> dict[str, str]:
    parts = page.split('type="hidden" name="')[1:]
    return {
        name: rest.partition('value="')[2].partition('"')[0]
        for name, _, rest in (part.partition('"') for part in parts)
    }


def started(target: object, *arguments: object) -> Connection:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    place = (*arguments[:1], theirs) if target is crowd else (theirs, *arguments)
    context.Process(target=target, args=place, daemon=True).start()  # type: ignore[arg-type]
    theirs.close()
    return ours


def measure(sizes: list[int], rounds: int) -> list[dict[str, object]]:
    lines = [started(crowd, size) for size in sizes]
    found = [line.recv() for line in lines]
    polls: list[list[dict[str, float]]] = [[] for _ in sizes]
    for turn in range(rounds + 1):
        for line, times in zip(lines, polls, strict=True):
            line.send("poll")
            heard = line.recv()
            if turn:  # the first round warms up
                times.append(heard)
    rows: list[dict[str, object]] = []
    for size, line, one, times in zip(sizes, lines, found, polls, strict=True):
        line.send("forget")
        ratios = [a["median"] / b["median"] for a, b in zip(times, polls[0], strict=True)]
        rows.append({"codes": size, **one, "polls": times, "ratios": ratios, "sweep": line.recv()})
    return rows


def told(rows: list[dict[str, object]], memory: list[int]) -> list[tuple[str, float, float]]:
    print(f"{'codes':>9} {'poll µs':>8} {'least':>6} {'most':>6} {'p99':>6} {'ratio':>6}", end="")
    print(f" {'B/code':>7} {'slowest ms':>10} {'gc ms':>6}  sweep: polls, median µs, p99, most ms")
    for row in rows:
        polls: list[dict[str, float]] = row["polls"]  # type: ignore[assignment]
        medians = [1e6 * one["median"] for one in polls]
        tail = statistics.median(1e6 * one["p99"] for one in polls)
        sweep: dict[str, float] = row["sweep"]  # type: ignore[assignment]
        print(
            f"{row['codes']:>9} {statistics.median(medians):>8.2f} {min(medians):>6.2f}"
            f" {max(medians):>6.2f} {tail:>6.1f} {statistics.median(row['ratios']):>6.2f}"  # type: ignore[type-var]
            f" {row['bytes']:>7.0f} {1e3 * row['slowest']:>10.1f} {1e3 * row['collection']:>6.1f}"  # type: ignore[operator]
            f"  {sweep['requests']:.0f}, {1e6 * sweep['median']:.1f}, {1e6 * sweep['p99']:.1f},"
            f" {1e3 * sweep['most']:.1f}; {sweep['left']:.0f} left"
        )
    half = memory[len(memory) // 2 :]
    quarter = max(1, len(half) // 4)
    growth = statistics.median(half[-quarter:]) / statistics.median(half[:quarter])
    print(f"soak of {len(memory)} generations, MB: {[round(one / 1e6, 1) for one in memory]}")
    last = rows[-1]
    sweep = last["sweep"]  # type: ignore[assignment]
    return [
        ("a poll takes no longer, times", statistics.median(last["ratios"]), SLOWER_AT_MOST),  # type: ignore[type-var]
        ("bytes a code", float(str(last["bytes"])), BYTES_AT_MOST),
        ("seconds of the longest poll in a sweep", sweep["most"], STALL_AT_MOST),
        ("codes that a sweep leaves", sweep["left"], 0),
        ("growth in the second half of a soak, times", growth, GROWTH_AT_MOST),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--generations", type=int, default=24)
    parser.add_argument(
        "--devices", type=int, default=45_000, help="in each generation of the soak"
    )
    parser.add_argument("--json", type=Path, default=ROOT / "out" / "pending_codes.json")
    options = parser.parse_args()
    rows = measure([1000, max(1000, options.most // 10), options.most], options.rounds)
    line = started(soak, options.generations, options.devices)
    memory = [int(line.recv()) for _ in range(options.generations)]
    aims = told(rows, memory)
    for name, found, wanted in aims:
        print(f"{'reached' if found <= wanted else 'MISSED'}: {name} {found:.3g} <= {wanted:g}")
    document = {"crowds": rows, "soak_bytes": memory, "aims": aims}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    return 0 if all(found <= wanted for _, found, wanted in aims) else 1


if __name__ == "__main__":
    raise SystemExit(main())
