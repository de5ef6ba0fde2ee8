"""Makes fit to be counted, printed and kept what a target said, or an exception of ours.

The laws of this file: nobody's code, token or password gets into a message, nor a command for a
terminal, nor a number that makes a thousand messages of one; it costs something, so it is asked
only where something is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from harness.pseudonyms import looks_random
from harness.redaction import Redactor
from harness.transcript import Transcript
from reports.clean import clean

MOST = 300
"""Characters of a message."""
HIDDEN = "<value>"
"""What stands in the place of something that may be anybody's secret."""
_SECONDS = re.compile(r" \d+ s ago| \d+ s(?= after)")
_RUN = re.compile(r"[\w\-+/=.~%:]{16,}")


def quoted(text: str, transcript: Transcript, passwords: Iterable[str] = ()) -> str:
    """`text` about a flow, without the secrets of the flow that its transcript knows."""
    return quotes(transcript, passwords)(text)


def quotes(transcript: Transcript, passwords: Iterable[str] = ()) -> Callable[[str], str]:
    """Does so with many texts about one flow."""
    redactor = Redactor(("password", one) for one in passwords).see_all(transcript)
    return lambda text: clean(redactor.text(alike(text)), MOST)


def quoted_blindly(text: str) -> str:
    """`text` about anything: whatever looks as if a machine had drawn it is taken out."""
    hidden = _RUN.sub(lambda run: HIDDEN if looks_random(run[0]) else run[0], text[: 4 * MOST])
    return clean(hidden, MOST)


def alike(text: str) -> str:
    """`text` without the seconds that make each such message another one."""
    return _SECONDS.sub("", text)
