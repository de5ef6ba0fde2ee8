"""Whether as many polls came as Little's law says, while people come and go.

    python benchmarks/littles_law.py [--devices 1000] [--duration 60] [--seeds 1 2 3]

Needs taskset.  Runs the profile steady_state once for each seed.  Planned is what was said before:
waiting devices divided by the interval.  Predicted is the same law with what was seen: the devices
that really waited, and an interval with the time that an answer took.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pinned

OFF_AT_MOST = 0.05


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--duration", type=int, default=60, help="seconds")
    parser.add_argument("--interval", type=int, default=5, help="seconds")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--json", type=Path, default=pinned.ROOT / "out" / "littles_law.json")
    options = parser.parse_args()
    pinned.refuse_without("taskset")
    rows = []
    print(
        f"{'seed':>5} {'waiting':>8} {'planned':>9} {'off':>7} {'predicted':>10} {'off':>7}", end=""
    )
    print(f" {'measured':>9}")
    for seed in options.seeds:
        row = one_run(options, seed)
        rows.append(row)
        print(
            f"{seed:>5} {row['waiting']:>8.1f} {row['planned']:>9.1f} {row['planned_off']:>+7.1%}"
            f" {row['predicted']:>10.1f} {row['predicted_off']:>+7.1%} {row['measured']:>9.1f}",
            flush=True,
        )
    aims = [
        pinned.judge(f"{which} off measured at worst", worst(rows, which), OFF_AT_MOST)
        for which in ("planned", "predicted")
    ]
    return pinned.write(options.json, {"runs": rows, "aims": aims})


def one_run(options: argparse.Namespace, seed: int) -> dict[str, float]:
    """Polls per second of a run with this seed: planned, predicted, and measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = pinned.reference_server(folder, interval=options.interval, lifetime=600)
        with server as target:
            document, _ = pinned.load(
                folder,
                str(target),
                *("--profile", "steady_state", "--devices", str(options.devices)),
                *("--duration", str(options.duration), "--rate", "10000", "--seed", str(seed)),
            )
    polls = document["polls"]
    row = {one: polls[f"{one}_per_second"] for one in ("planned", "predicted", "measured")}
    if not all(row.values()):
        raise SystemExit("nothing was measured: --duration must be more than two intervals")
    off = {f"{one}_off": row[one] / row["measured"] - 1 for one in ("planned", "predicted")}
    return {"seed": seed, "waiting": document["waiting"]["mean"], **row, **off}


def worst(rows: list[dict[str, float]], which: str) -> float:
    return max(abs(row[f"{which}_off"]) for row in rows)


if __name__ == "__main__":
    raise SystemExit(main())
