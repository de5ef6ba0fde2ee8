"""Match day: sign-ins climb to a peak and fall again, and everybody is in a hurry."""

from harness.runners.locust_user import Household


class PeakEvening(Household):
    """From a third of the ordinary rate to three times as much, and back."""

    arrivals = "day 0.3x to 3x"
    approve, deny, abandon = 0.9, 0.02, 0.08
    scans = 0.8
    decides_after = (1.0, 10.0)
    thinks = (0.2, 1.5)
