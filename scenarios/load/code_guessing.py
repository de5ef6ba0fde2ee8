"""Somebody tries codes at the verification page, ten a second, while others sign in.

The guesses are counted by what came of them; sign-ins suffer where one address is limited as a
whole, because all people of a run share one.
"""

from harness.runners.locust_user import Household


class CodeGuessing(Household):
    """An ordinary crowd, and one who guesses (RFC 8628 section 5.1)."""

    arrivals = "steady"
    approve, deny, abandon = 0.75, 0.10, 0.15
    guesses = 10.0
    thresholds = ("network_share <= 0.01",)
