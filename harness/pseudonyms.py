"""Stable names for secrets: the same secret always gets the same name, which tells nothing of it.

The laws of this file: a value is learned first and then found however it is spelled; words of the
protocol are never searched for; safe to use from several threads.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache

from harness.spellings import is_long
from harness.traces import Trace, Traces
from harness.wire import DEVICE_CODE_GRANT, FORM, Answer

PLACEHOLDER = re.compile(r"<([\w.:+-]+)-(\d+)>")
"""What stands in place of a secret: its kind and a number."""

WORDS = frozenset(
    f"""
    {" ".join(answer.value for answer in Answer)} {DEVICE_CODE_GRANT} {FORM}
    access_token bearer client_id client_secret code device device_code email error expires_in false
    grant_type http https id_token interval json locale none null oauth offline_access openid
    password profile refresh_token scope secret token token_type true user_code verification_uri
    """.split()
)
"""Never searched for, even if somebody's password is one of them: the protocol would vanish."""

_JWT = re.compile(r"eyJ[\w-]{8,}\.[\w-]*\.[\w-]*(?:\.[\w-]*\.[\w-]*)?")
_SHORTEST = 4
"""Characters below which a value is not searched for: it would occur everywhere by chance."""
_REMEMBERED = 200
"""Characters up to which a text is remembered as free of secrets."""
_PREFIX = 10
"""Characters by which the rest of a secret is known after somebody has cut it off."""


class Pseudonyms:
    """Learns secrets and takes them out of texts."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._searched: set[str] = set()
        self._traces = Traces()
        self._harmless: set[str] = set()
        self._lock = threading.RLock()

    def learn(self, kind: str, value: str, *, search: bool = True) -> str:
        """The name for `value`, which is taken for a secret from now on.

        Without `search` it is replaced only where somebody asks for its name.
        """
        if not value or PLACEHOLDER.fullmatch(value):
            return value
        key = folded(value) if kind == "user_code" else value
        with self._lock:
            if key not in self._names:
                self._counts[kind] = self._counts.get(kind, 0) + 1
                self._names[key] = f"<{kind}-{self._counts[kind]}>"
            name = self._names[key]
            wanted = search and len(value) >= _SHORTEST and value.lower() not in WORDS
            if wanted and value not in self._searched:
                self._searched.add(value)
                self._traces.add(_trace(name, value))
                self._harmless.clear()
        return name

    def known(self, value: str) -> str | None:
        """The name of a value that was learned before, also of a user_code spelled otherwise."""
        name = self._names.get(value)
        if name is None:
            name = self._names.get(folded(value))
            if name is not None and not name.startswith("<user_code-"):
                return None
        return name

    def text(self, text: str) -> str:
        """`text` without any secret that is known, nor the rest of one, nor a JWT."""
        if text in self._harmless:
            return text
        with self._lock:
            found = sorted(self._traces.likely(text), key=lambda trace: -len(trace.value))
        told = self._replaced(text, found) if found else text
        if "eyJ" in told:
            told = _JWT.sub(lambda match: self.learn("jwt", match[0]), told)
        for head in {trace.head for trace in found if trace.head and trace.head in told}:
            told = re.sub(rf"{re.escape(head)}[\w\-.~+/=%]*", "<part_of_a_secret-1>", told)
        if told == text and len(text) < _REMEMBERED:
            self._harmless.add(text)
        return told

    def _replaced(self, text: str, found: list[Trace]) -> str:
        # Compiling a pattern costs far more than using it, and most secrets are spelled as learned.
        for trace in found:
            if is_long(trace.value) and trace.value in text:
                text = text.replace(trace.value, trace.name)
        with self._lock:
            found = sorted(self._traces.likely(text), key=lambda trace: -len(trace.value))
        if not found:
            return text
        pattern = _any_of(tuple(trace.pattern for trace in found))
        # Names that stand already are left alone, whatever they look like.
        pieces = re.split(f"({PLACEHOLDER.pattern.replace('(', '(?:')})", text)
        names = [trace.name for trace in found]
        for place in range(0, len(pieces), 2):
            pieces[place] = pattern.sub(
                lambda match: names[(match.lastindex or 1) - 1], pieces[place]
            )
        return "".join(pieces)


def _trace(name: str, value: str) -> Trace:
    if name.startswith("<user_code-"):
        return Trace(name, value, folded(value).lower(), "", loose=True)
    telling = len(value) > _PREFIX and looks_random(value) and not _common(value)
    head = value[:_PREFIX] if telling else ""
    # Letters and digits are spelled in one way only; all else may be escaped.
    runs = re.findall(r"[0-9a-z]+", head.lower() or value.lower())
    return Trace(name, value, max(runs, key=len, default=""), head, loose=False)


@lru_cache(maxsize=512)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One group for each pattern, in their order."""
    return re.compile("|".join(f"({pattern})" for pattern in patterns))


def folded(code: str) -> str:
    """A user_code as servers compare it: letters and digits only, in one case."""
    bare = "".join(character for character in code if character.isalnum())
    return bare.upper() or code


def looks_random(value: str) -> bool:
    """Whether a value looks as if a machine had drawn it."""
    if not re.fullmatch(r"[\w\-+/=.~%:]{8,}", value) or value.lower() in WORDS:
        return False
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return mixed or (len(value) >= 16 and "/" not in value and "." not in value)


def _common(value: str) -> bool:
    head = value[:_PREFIX]
    return any(head in word for word in WORDS) or head.startswith("eyJ")
