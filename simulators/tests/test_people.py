from __future__ import annotations

import re
import subprocess
import sys

import pytest

from simulators.people import crowd
from simulators.server.config import Config


def test_the_same_seed_gives_the_same_people() -> None:
    assert crowd(20, seed=7) == crowd(20, seed=7)
    assert crowd(20, seed=7) != crowd(20, seed=8)


def test_without_a_seed_people_are_new_every_time() -> None:
    assert crowd(3) != crowd(3)


def test_a_smaller_crowd_is_the_beginning_of_a_larger_one() -> None:
    assert crowd(30, seed=1)[:10] == crowd(10, seed=1)


def test_nobody_shares_user_name_password_or_subject() -> None:
    accounts = crowd(500, seed=3)

    for kind in ("username", "password", "sub"):
        assert len({getattr(account, kind) for account in accounts}) == 500


def test_user_names_can_be_typed_and_names_are_those_of_people() -> None:
    accounts = crowd(300, seed=5)

    assert all(re.fullmatch(r"[a-z-]+\.[a-z-]+\d*", account.username) for account in accounts)
    assert all(account.claims["name"].count(" ") >= 1 for account in accounts)
    assert any(not account.claims["name"].isascii() for account in accounts)


def test_addresses_lead_nowhere() -> None:
    assert all(account.claims["email"].endswith("@people.example") for account in crowd(50, seed=2))


def test_a_server_can_know_them() -> None:
    config = Config(accounts=crowd(50, seed=4))

    assert len(config.accounts) == 50


def test_a_negative_crowd_is_refused() -> None:
    with pytest.raises(ValueError, match="at least no people"):
        crowd(-1)


def test_faker_is_not_loaded_before_somebody_is_needed() -> None:
    code = "import sys, simulators.people; raise SystemExit('faker' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
