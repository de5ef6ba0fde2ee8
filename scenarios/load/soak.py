"""The ordinary day for hours: what leaks, grows or slows down shows.

Use `--duration 14400`, and look at memory and pending codes on the page.
"""

from harness.runners.locust_user import Household


class Soak(Household):
    """As steady_state, with codes that nobody ever enters among them."""

    arrivals = "steady"
    approve, deny, abandon = 0.6, 0.1, 0.3
    decides_after = (2.0, 20.0)
    switched_off_after = (20.0, 60.0)
