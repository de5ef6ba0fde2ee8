"""An ordinary day: displays sign in one after another, and most people approve.

Runs by `devicegrant load`, or as `locust -f scenarios/load/steady_state.py --target FILE`.
"""

from harness.runners.locust_user import Household


class SteadyState(Household):
    """A living room: the person needs some seconds, types or scans the code, thinks, decides."""

    arrivals = "steady"
    approve, deny, abandon = 0.75, 0.10, 0.15
    scans = 0.5
    decides_after = (2.0, 20.0)
    thinks = (0.5, 3.0)
    switched_off_after = (20.0, 60.0)
    thresholds = (
        "busy_share <= 0.01",
        "network_share <= 0.01",
        "starved <= 0",
        "slow_down_to_obedient <= 0",
    )
