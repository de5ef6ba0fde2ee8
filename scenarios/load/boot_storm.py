"""Power returns to a city: every display boots within seconds, and people come when they can.

The jitter of the firmware is `--arrivals "at once within SECONDS"`.
"""

from harness.runners.locust_user import Household


class BootStorm(Household):
    """All at once; whoever does not get through asks again."""

    arrivals = "at once within 5"
    approve, deny, abandon = 0.6, 0.05, 0.35
    decides_after = (5.0, 60.0)
    switched_off_after = (120.0, 600.0)
    again = True
