"""How long `devicegrant check` takes on the embedded server, and where the time goes.

    python benchmarks/suite_seconds.py [--runs 7] [--json out/suite_seconds.json]

Three parts: the bare interpreter, imports and reporting, and the run itself as the results file has
it.  Medians over several runs, with the spread, because a machine is never alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
AT_MOST = 10.0
"""Seconds that a whole check may take: what people wait for without doing something else."""


def seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def measure(runs: int, seed: int) -> dict[str, list[float]]:
    parts: dict[str, list[float]] = {
        "interpreter": [],
        "imports and reports": [],
        "run": [],
        "whole": [],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "results.json")
        command = ("-m", "harness.runners.cli", "check", "--seed", str(seed), "--json", str(file))
        seconds(*command)
        for _ in range(runs):
            bare, whole = seconds("-c", "pass"), seconds(*command)
            run = float(json.loads(file.read_text("utf-8"))["seconds"])
            parts["interpreter"].append(bare)
            parts["run"].append(run)
            parts["imports and reports"].append(whole - run - bare)
            parts["whole"].append(whole)
    return parts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, default=ROOT / "out" / "suite_seconds.json")
    options = parser.parse_args()
    parts = measure(max(1, options.runs), options.seed)
    print(f"{'part':<20} {'median s':>9} {'least':>7} {'most':>7}   ({options.runs} runs)")
    for name, times in parts.items():
        middle = statistics.median(times)
        print(f"{name:<20} {middle:>9.2f} {min(times):>7.2f} {max(times):>7.2f}")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    document = {"runs": options.runs, "seed": options.seed, "seconds": parts}
    options.json.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    return 0 if statistics.median(parts["whole"]) <= AT_MOST else 1


if __name__ == "__main__":
    raise SystemExit(main())
