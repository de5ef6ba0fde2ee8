"""Takes secrets out of whatever is written down, and puts stable names in their place.

The laws of this file: a secret is known by where it travelled, and afterwards removed wherever it
occurs; names are stable and shapes are kept, so that a redacted transcript can still be judged.
Learn first (`see`), then take out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import unquote_plus

from harness.pseudonyms import PLACEHOLDER, Pseudonyms
from harness.sightings import (
    HARMLESS_NAMES,
    PAIR,
    PART,
    Sightings,
    bytes_of,
    is_secret,
    text_of,
    unescaped,
)
from harness.transcript import Decision, Event, Exchange, Transcript
from harness.wire import FORM, Header, Request, Response

_HARMLESS_VALUE = re.compile(
    r"(?:true|false|on|off|yes|no|allow|deny|denied|approved?|accept|reject|submit|continue|next"
    r"|confirm|cancel|log ?in|sign ?in|authorize|consent|grant|refuse|back|ok)\Z",
    re.IGNORECASE,
)
_VALUE = re.compile(r"""(\b(?:value|content)\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+)""", re.IGNORECASE)
_IN_LINK = re.compile(r"""((?:[?&;]|&amp;)([\w.\[\]-]{1,60})=)([^&"'\s<>#;]+)""")
_RUN = re.compile(r"(?<![\w<-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{20,}(?!\w*>)")


class Redactor:
    """Learns secrets from exchanges and takes them out of texts; safe to use from threads.

    `secrets` are (kind, value) pairs out of the settings.
    """

    def __init__(self, secrets: Iterable[tuple[str, str]] = ()) -> None:
        secrets = list(secrets)
        self._names = Pseudonyms()
        own = {value for kind, value in secrets if kind == "client_secret"}
        self._sightings = Sightings(self._names, own)
        for kind, value in secrets:
            self.learn(kind, value)

    def learn(self, kind: str, value: str) -> str:
        """Take `value` for a secret from now on; returns the name that stands in its place."""
        return self._names.learn(kind, value)

    def see(self, event: Event) -> None:
        """Learn what one event carried."""
        if isinstance(event, Exchange):
            self._sightings.see(event)
        else:
            self.learn("user_code", event.user_code)

    def see_all(self, transcript: Transcript) -> Redactor:
        """Learn from a whole transcript; returns itself."""
        for event in list(transcript.events):
            self.see(event)
        return self

    def text(self, text: str) -> str:
        """`text` without any secret that is known, nor the rest of one, nor a JWT."""
        return self._names.text(text)

    def transcript(self, transcript: Transcript) -> Transcript:
        """A transcript without secrets; what it carries is learned first."""
        self.see_all(transcript)
        return Transcript([self.event(event) for event in list(transcript.events)])

    def event(self, event: Event) -> Event:
        """An event with every secret replaced by its name; statuses, times and shapes stay."""
        if isinstance(event, Decision):
            return replace(event, user_code=self.learn("user_code", event.user_code))
        page = event.door == "page"
        request, response, failure = event.request, event.response, event.failure
        sent = Request(
            request.method,
            self.url(request.url, page=page),
            self.headers(request.headers, page=page),
            self._body(request.body, request.header("content-type") or "", page=page),
        )
        got = None
        if response is not None:
            got = Response(
                response.status,
                self.headers(response.headers, page=page),
                self._body(response.body, response.media_type, page=page),
            )
        if failure is not None:
            failure = type(failure)(failure.reason, self.text(failure.detail))
        note = self.text(event.note)
        return replace(event, request=sent, response=got, failure=failure, note=note)

    def headers(self, headers: Iterable[Header], *, page: bool = False) -> tuple[Header, ...]:
        """Headers with their credentials replaced; schemes, cookies' names and flags stay."""
        return tuple((name, self._header(name, value, page=page)) for name, value in headers)

    def url(self, url: str, *, page: bool = False) -> str:
        """A URL without secrets; on a person's way also without the values of its parameters."""
        url, hash_, fragment = url.partition("#")
        base, mark, query = url.partition("?")
        base = re.sub(r"//[^/@]*@", "//<userinfo-1>@", self.text(base))
        if page:
            base = self._without_runs(base)
        after = self._form(fragment, page=page) if "=" in fragment else self.text(fragment)
        return f"{base}{mark}{self._form(query, page=page)}{hash_}{after}"

    def page(self, html: str) -> str:
        """A page without secrets, form values, links' values and whatever else looks random."""
        html = self.text(PAIR.sub(self._member, html))
        html = _VALUE.sub(
            lambda found: f'{found[1]}"{self._hidden(found[2].strip(_QUOTES))}"', html
        )
        html = _IN_LINK.sub(lambda found: found[1] + self._in_link(found[2], found[3]), html)
        return self._without_runs(html)

    def _body(self, body: bytes, kind: str, *, page: bool) -> bytes:
        text = text_of(body)
        kind = kind.partition(";")[0].strip().lower()
        if kind == FORM or (kind == "text/plain" and "=" in text and "\n" not in text):
            text = self._form(text, page=page)
        elif kind == "multipart/form-data":
            text = PART.sub(lambda one: one[1] + self._field(one[2], one[3], page=page), text)
            text = self.text(text)
        else:
            text = self.page(text) if page else self.text(PAIR.sub(self._member, text))
        return bytes_of(text)

    def _form(self, text: str, *, page: bool) -> str:
        parts = []
        for part in text.split("&"):
            name, equals, value = part.partition("=")
            if value:
                value = self._field(unquote_plus(name), unquote_plus(value), page=page, raw=value)
            parts.append(f"{self.text(name)}{equals}{value}")
        return "&".join(parts)

    def _field(self, name: str, value: str, *, page: bool, raw: str | None = None) -> str:
        """The value of one field as it may be seen; `raw` is how it was written."""
        known = self._names.known(value)
        if known is not None:
            return known
        if is_secret(name, sent=True):
            return self._sightings.by_name(name, value)
        if page and name not in HARMLESS_NAMES:
            return self._hidden(value)
        return self.text(value if raw is None else raw)

    def _hidden(self, value: str) -> str:
        """Nothing of a form value but the secrets in it that have names, and plain words."""
        if not value or _HARMLESS_VALUE.match(value):
            return value
        known = self._names.known(value)
        if known is not None:
            return known
        found = [match[0] for match in PLACEHOLDER.finditer(self.text(value))]
        return "".join(found) or self._names.learn("form_value", value, search=False)

    def _in_link(self, name: str, value: str) -> str:
        return value if name in HARMLESS_NAMES else self._hidden(unquote_plus(value))

    def _without_runs(self, text: str) -> str:
        return _RUN.sub(lambda found: self._names.learn("value", found[0], search=False), text)

    def _member(self, found: re.Match[str]) -> str:
        """One JSON member, with its value replaced if its name says that it is secret."""
        before, name, value = found[1], found[2], found[3]
        if not is_secret(name) or value == '""':
            return found[0]
        known = self._sightings.by_name(name, unescaped(value))
        if value.startswith('"'):
            return f'{before}"{known}"'
        # A number stays a number: what type a member has is judged, too.
        return before + PLACEHOLDER.sub(lambda parts: parts[2], known)

    def _header(self, name: str, value: str, *, page: bool) -> str:
        name = name.lower()
        if name in {"authorization", "proxy-authorization"}:
            scheme, space, _ = value.partition(" ")
            known = self._sightings.credentials(value)
            return f"{scheme} {known}" if space else known
        if name == "cookie":
            return "; ".join(self._cookie(pair.strip()) for pair in value.split(";"))
        if name == "set-cookie":
            pair, semicolon, attributes = value.partition(";")
            return f"{self._cookie(pair)}{semicolon}{attributes}"
        if name in {"location", "referer", "origin"}:
            return self.url(value, page=page)
        return self.text(value)

    def _cookie(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        bare = value.strip().strip('"')
        found = [match[0] for match in PLACEHOLDER.finditer(self.text(bare))]
        return f"{name}{equals}{''.join(found) or self._names.learn('cookie', bare, search=False)}"


_QUOTES = "\"'"
