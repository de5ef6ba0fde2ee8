"""Between devices and provider something is wrong: 429, 503, resets and lost answers.

What exactly is `--trouble WORDS`; all of it is put in by us, and the target is not blamed for it.
"""

from harness.runners.locust_user import Household


class ProviderTrouble(Household):
    """An ordinary crowd on a bad day."""

    arrivals = "steady"
    approve, deny, abandon = 0.75, 0.10, 0.15
    again = True
    trouble = "3% 503 retry-after 2, 2% 503, 3% 429 retry-after 3, 2% 429, 2% reset, 1% lost"
