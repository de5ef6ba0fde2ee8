"""What a device authorization response announces, read as a forgiving device reads it."""

from __future__ import annotations

from typing import Any

from harness.wire import number_of

DEFAULT_INTERVAL = 5.0
"""Seconds between polls when the server names none (RFC 8628 section 3.2)."""


def interval_of(body: dict[str, Any]) -> float:
    """Seconds between polls that a response announces, 5 if it names none or nonsense."""
    value = _seconds(body.get("interval"))
    return DEFAULT_INTERVAL if value is None or value <= 0 else value


def lifetime_of(body: dict[str, Any]) -> float:
    """Seconds for which the codes of a response live, 0 if it names none."""
    return _seconds(body.get("expires_in")) or 0.0


def has_lifetime(body: dict[str, Any]) -> bool:
    """Whether a response names a lifetime at all."""
    return _seconds(body.get("expires_in")) is not None


def _seconds(value: object) -> float | None:
    """A number of seconds, also out of a numeric string; None for anything else."""
    seconds = number_of(value)
    return seconds if seconds is not None and -1e9 < seconds < 1e9 else None
