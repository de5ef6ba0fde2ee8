"""A few seconds with hasty people: shows that everything is wired, measures nothing."""

from harness.runners.locust_user import Household


class Smoke(Household):
    """Nobody thinks, everybody types or scans at once."""

    approve, deny, abandon = 0.7, 0.2, 0.1
    decides_after = (0.0, 1.0)
    thinks = (0.0, 0.0)
    switched_off_after = (1.0, 3.0)
    staggered = 0.2
