"""A deployment takes the provider away for some seconds, and every device tries again.

When and for how long is `--trouble "outage at SECONDS for SECONDS"`.
"""

from harness.runners.locust_user import Household


class DeployReconnect(Household):
    """An ordinary crowd, and five seconds in which nothing gets through."""

    arrivals = "steady"
    approve, deny, abandon = 0.75, 0.10, 0.15
    again = True
    trouble = "outage at 20 for 5"
    thresholds = ("busy_share <= 0.05", "network_share <= 0.01", "starved <= 0")
