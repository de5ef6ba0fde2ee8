"""How far the clock of a target is from ours, as far as its Date headers show (RFC 9110 6.6.1)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from harness.transcript import Exchange

_COARSE = 2.0
"""Seconds below which a difference says nothing: the header has whole seconds."""


def ahead(exchange: Exchange, unix: float) -> float:
    """By how many seconds the target's clock is ahead; 0 if that cannot be seen.

    `unix` is the time at the end of the exchange, in seconds since 1970 on our clock.
    """
    told = exchange.response.header("date") if exchange.response else None
    try:
        difference = parsedate_to_datetime(told or "").timestamp() - unix
    except (ValueError, OverflowError, OSError):
        return 0.0
    return difference if abs(difference) > _COARSE else 0.0
