"""Clocks: virtual time costs nothing, and the wall's is refused before it is wasted."""

from __future__ import annotations

import threading

import pytest

from harness.clock import VIRTUAL_EPOCH, OutOfPatience, VirtualClock, WallClock


def test_virtual_time_passes_only_in_sleep() -> None:
    clock = VirtualClock()
    assert (clock.now(), clock.unix()) == (0.0, VIRTUAL_EPOCH)
    clock.sleep(1800.5)
    assert (clock.now(), clock.unix()) == (1800.5, VIRTUAL_EPOCH + 1800.5)


@pytest.mark.parametrize("seconds", [0.0, -1.0, -1e9])
def test_virtual_time_never_runs_back(seconds: float) -> None:
    clock = VirtualClock()
    clock.sleep(5)
    clock.sleep(seconds)
    assert clock.now() == 5


def test_virtual_time_loses_no_sleep_of_many_threads() -> None:
    clock = VirtualClock()

    def sleeps() -> None:
        for _ in range(1000):
            clock.sleep(0.5)

    threads = [threading.Thread(target=sleeps) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now() == 2000


def test_the_wall_refuses_before_it_sleeps() -> None:
    clock = WallClock(patience=60)
    with pytest.raises(OutOfPatience) as caught:
        clock.sleep(1800)
    assert 1800 <= caught.value.needed < 1801
    assert caught.value.patience == 60
    assert clock.now() < 5
    assert "1800 s" in str(caught.value)
    assert "60 s" in str(caught.value)


def test_a_wall_whose_patience_is_over_refuses_to_wait_for_nothing() -> None:
    with pytest.raises(OutOfPatience):
        WallClock(patience=-1).sleep(0)


def test_the_wall_has_endless_patience_unless_told() -> None:
    clock = WallClock()
    clock.sleep(0.01)
    assert clock.now() >= 0.01
    assert clock.unix() > VIRTUAL_EPOCH - 40 * 365 * 86_400
    assert not clock.virtual
