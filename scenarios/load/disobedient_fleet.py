"""Some firmware ignores the interval and slow_down: what becomes of the devices that obey?

How many and how fast is `--disobedient SHARE` and the profile's `hurry`.
"""

from harness.runners.locust_user import Household


class DisobedientFleet(Household):
    """One device in ten polls every second, whatever it hears."""

    arrivals = "steady"
    approve, deny, abandon = 0.75, 0.10, 0.15
    disobedient, hurry = 0.1, 1.0
    thresholds = ("network_share <= 0.01", "starved <= 0", "slow_down_to_obedient <= 0")
