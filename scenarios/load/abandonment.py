"""Nobody ever approves: devices poll until their codes expire, ask again, and only tables grow."""

from harness.runners.locust_user import Household


class Abandonment(Household):
    """Displays in a shop window that nobody looks at."""

    arrivals = "at once within 60"
    approve, deny, abandon = 0.0, 0.0, 1.0
    switched_off_after = (86_400.0, 86_400.0)
    again = True
    doubled = 0.0
