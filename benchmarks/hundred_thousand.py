"""A hundred thousand devices, one poll a minute each, from one core.

    python benchmarks/hundred_thousand.py [--devices 100000] [--interval 60] [--duration 180]

Needs taskset.  The generator is pinned to one core and the reference server to the other.  All
devices are switched on within one interval, nobody ever approves, and they poll until the end.
What a device costs is the memory beyond that of a run with a thousand of them, so that neither
Locust nor the workers of a fleet count; devices are many, or it is not the devices that one sees.
What is told of lag is about all polls of the run; the memory is the most that was seen from
outside, once a second.  The rate is measured when all devices are there, so --duration must be
some seconds more than two intervals.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import pinned

LAG_AT_MOST = 1000.0
"""Milliseconds, of 99 polls in 100."""
MEGABYTES_AT_MOST = 300.0
BYTES_AT_MOST = 2000.0
FEW, FEW_INTERVAL = 1_000, 5
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
    few, _ = _run(options, FEW, 3 * FEW_INTERVAL, FEW_INTERVAL)
    seen, document = _run(options, options.devices, options.duration, options.interval)
    polls, lag = document["polls"], document["lag_ms"]
    planned, measured = polls["planned_per_second"], polls["measured_per_second"]
    if not measured or "p99" not in lag or not seen.looks:
        raise SystemExit("nothing was measured: --duration must be more than two intervals")
    memory = seen.most_memory / pinned.MEGABYTE
    each = (seen.most_memory - few.most_memory) / max(1, options.devices - FEW)
    share = document["generator"]["cpu_share"]
    print(f"devices     {document['waiting']['most']:,} waiting at most")
    print(f"polls/s     planned {planned:.1f}, measured {measured:.1f}; {polls['total']:,} in all")
    print(f"lag         ms: p50 {lag['p50']}, p99 {lag['p99']}, most {lag['most']}")
    print(f"generator   {memory:.0f} MB at most, {100 * share:.0f} % of its core")
    print(f"a device    {each:,.0f} bytes")
    aims = [
        pinned.judge("lag p99 in ms", lag["p99"], LAG_AT_MOST),
        pinned.judge("memory in MB", memory, MEGABYTES_AT_MOST),
        pinned.judge("bytes per device", each, BYTES_AT_MOST),
        pinned.judge("measured off planned", abs(measured / planned - 1), OFF_AT_MOST),
    ]
    costs = {"memory_mb": memory, "cpu_share": share, "bytes_per_device": each}
    result = {"settings": document["settings"], "polls": polls, "lag_ms": lag, "generator": costs}
    return pinned.write(options.json, {**result, "aims": aims})


def _run(
    options: argparse.Namespace, devices: int, duration: int, interval: int
) -> tuple[pinned.Seen, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with pinned.reference_server(folder, interval=interval, lifetime=3600) as target:
            document, seen = pinned.load(
                folder,
                str(target),
                *("--profile", "abandonment", "--arrivals", f"at once within {interval}"),
                *("--devices", str(devices), "--duration", str(duration)),
                *("--rate", f"{options.rate:g}", "--seed", str(options.seed)),
            )
    return seen, document


if __name__ == "__main__":
    raise SystemExit(main())
