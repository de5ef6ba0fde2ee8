"""Small providers with pages of many styles; each is a transport with a grant of one code in it.

They share what every server has (sessions, a code, people) and nothing of how their pages look.
`SITES` lists all that a person without scripts can use.
"""

from harness.tests.consent_sites.frame import ALICE, BOB, Site, codes_of
from harness.tests.consent_sites.known_styles import KNOWN
from harness.tests.consent_sites.marked_styles import MARKED
from harness.tests.consent_sites.odd_styles import ODD
from harness.tests.consent_sites.other_languages import FOREIGN

SITES: list[type[Site]] = [*KNOWN, *MARKED, *ODD, *FOREIGN]

__all__ = ["ALICE", "BOB", "SITES", "Site", "codes_of"]
