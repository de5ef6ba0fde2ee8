"""When something happened, on the clock of the target."""

from __future__ import annotations

from harness.checks.dates import ahead
from harness.transcript import Exchange
from harness.verdict import given
from harness.world import World
from simulators.device import Device


def unix_at(world: World, exchange: Exchange) -> float:
    """The end of an exchange in seconds since 1970, on our clock."""
    return world.clock.unix() - world.clock.now() + exchange.ended


def approval_on_target_clock(device: Device, polled: Exchange) -> float:
    """When somebody last approved, in seconds since 1970 on the clock of the target.

    `polled` is an exchange whose Date header shows how that clock differs from ours.  Raises
    `Inconclusive` if nobody approved.
    """
    world = device.world
    approvals = [one.ended for one in world.transcript.decisions if one.approved]
    given(approvals, "nobody approved")
    began = world.clock.unix() - world.clock.now()
    return began + approvals[-1] + ahead(polled, unix_at(world, polled))
