from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(file for file in (ROOT / "scenarios/load").glob("*.py") if file.stem != "__init__")
CODE = """
import importlib, json, sys
from harness.runners.locust_user import Household
from harness.runners.load.arrivals import Load, arrivals
from harness.runners.load.profile import Crowd, Profile, shares_of
from harness.runners.load.thresholds import read_thresholds
from harness.runners.load.trouble import troubles

told = {}
for name in sys.argv[1:]:
    module = importlib.import_module(f"scenarios.load.{name}")
    (found,) = [one for one in vars(module).values()
                if isinstance(one, type) and issubclass(one, Household) and one is not Household]
    crowd = Crowd(found, shares_of(found, {}), 5, "seed", 3.0)
    plan = arrivals(found.arrivals, Load(100, 60.0, crowd.seconds(), crowd.interval))
    told[name] = {
        "module": module.__doc__,
        "class": found.__doc__,
        "arrivals": plan.text,
        "rate": plan.rate,
        "seconds": crowd.seconds(),
        "troubles": sum(map(len, troubles(found.trouble))),
        "trouble": found.trouble,
        "thresholds": len(read_thresholds(found.thresholds)),
        "wanted": len(found.thresholds),
        "unknown": sorted(key for key in vars(found)
                          if not key.startswith("_") and key not in {"abstract", "tasks"}
                          and key not in Profile.__annotations__),
        "ranges": [getattr(found, key) for key in
                   ("decides_after", "thinks", "switched_off_after")],
    }
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, Any]]:
    """What every profile says, read in a process that Locust may change."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, *(file.stem for file in FILES)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def test_the_profiles_that_were_promised_are_there() -> None:
    assert {file.stem for file in FILES} >= {
        "steady_state",
        "boot_storm",
        "peak_evening",
        "deploy_reconnect",
        "abandonment",
        "disobedient_fleet",
        "soak",
        "code_guessing",
        "provider_trouble",
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_profile_is_a_few_lines_that_say_what_they_mean(
    file: Path, told: dict[str, dict[str, Any]]
) -> None:
    profile = told[file.stem]

    assert len(file.read_text("utf-8").splitlines()) < 25
    assert profile["module"] and profile["class"]
    assert profile["unknown"] == []
    assert profile["rate"] > 0 and profile["seconds"] > 0
    assert all(0 <= low <= high for low, high in profile["ranges"])
    assert profile["thresholds"] == profile["wanted"]
    assert bool(profile["troubles"]) is bool(profile["trouble"])


def test_only_one_profile_attacks(told: dict[str, dict[str, Any]]) -> None:
    text = {file.stem: file.read_text("utf-8") for file in FILES}

    assert [name for name in told if "guesses =" in text[name]] == ["code_guessing"]


def test_names_of_figures_that_do_not_exist_would_be_noticed(tmp_path: Path) -> None:
    from harness.runners.load.thresholds import read_thresholds
    from harness.target import TargetError

    with pytest.raises(TargetError, match="starving"):
        read_thresholds(("starving <= 0",))
