"""A hundred thousand devices, one poll a minute each, from one core.

    python benchmarks/hundred_thousand.py [--devices 100000] [--interval 60] [--duration 180]

Needs taskset.  The generator is pinned to one core and the reference server to the other.  All
devices are switched on within one interval, nobody ever approves, and they poll until the end.
What is told of lag is about all polls of the run; the memory is the most that was seen from
outside, once a second.  The rate is measured when all devices are there, so --duration must be
some seconds more than two intervals.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pinned

LAG_AT_MOST = 1000.0
"""Milliseconds, of 99 polls in 100."""
MEGABYTES_AT_MOST = 300.0
OFF_AT_MOST = 0.05


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--interval", type=int, default=60, help="seconds")
    parser.add_argument("--duration", type=int, default=180, help="seconds")
    parser.add_argument("--rate", type=float, default=20_000.0, help="requests a second at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, default=pinned.ROOT / "out" / "hundred_thousand.json")
    options = parser.parse_args()
    pinned.refuse_without("taskset")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = pinned.reference_server(folder, interval=options.interval, lifetime=3600)
        with server as target:
            document, seen = pinned.load(
                folder,
                str(target),
                *("--profile", "abandonment", "--arrivals", f"at once within {options.interval}"),
                *("--devices", str(options.devices), "--duration", str(options.duration)),
                *("--rate", f"{options.rate:g}", "--seed", str(options.seed)),
            )
    polls, lag = document["polls"], document["lag_ms"]
    planned, measured = polls["planned_per_second"], polls["measured_per_second"]
    if not measured or "p99" not in lag or not seen.looks:
        raise SystemExit("nothing was measured: --duration must be more than two intervals")
    memory = seen.most_memory / pinned.MEGABYTE
    share = document["generator"]["cpu_share"]
    print(f"devices     {document['waiting']['most']:,} waiting at most")
    print(f"polls/s     planned {planned:.1f}, measured {measured:.1f}; {polls['total']:,} in all")
    print(f"lag         ms: p50 {lag['p50']}, p99 {lag['p99']}, most {lag['most']}")
    print(f"generator   {memory:.0f} MB at most, {100 * share:.0f} % of its core")
    aims = [
        pinned.judge("lag p99 in ms", lag["p99"], LAG_AT_MOST),
        pinned.judge("memory in MB", memory, MEGABYTES_AT_MOST),
        pinned.judge("measured off planned", abs(measured / planned - 1), OFF_AT_MOST),
    ]
    costs = {"memory_mb": memory, "cpu_share": share}
    result = {"settings": document["settings"], "polls": polls, "lag_ms": lag, "generator": costs}
    return pinned.write(options.json, {**result, "aims": aims})


if __name__ == "__main__":
    raise SystemExit(main())
