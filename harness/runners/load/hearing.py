"""One response of HTTP/1.1, heard piece by piece: the callbacks of httptools' parser.

The laws of this file: no sockets; a response is whole or it is none, and what a server says after
it belongs to nobody.
"""

from __future__ import annotations

from typing import Any

import httptools

from harness.wire import Header


class Heard:
    """What the parser has told of one response, and nothing of what follows it."""

    __slots__ = ("body", "done", "headers", "headless", "keeps", "parser", "status")

    def __init__(self) -> None:
        self.headers: list[Header] = []
        self.headless = True
        """Whether the header section has not ended yet."""
        self.body: list[bytes] = []
        self.status = 0
        self.done = False
        self.keeps = False
        """Whether the connection may be used again; the parser knows only at this moment."""
        self.parser: Any = httptools.HttpResponseParser(self)

    def on_message_begin(self) -> None:
        """A response begins."""
        if self.done:
            raise ValueError("a second response to one request")

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """All headers."""
        self.headless = False
        self.status = self.parser.get_status_code()

    def on_body(self, part: bytes) -> None:
        """Some of the body."""
        self.body.append(part)

    def on_message_complete(self) -> None:
        """The end of a response."""
        if self.status < 200:
            self.headers.clear()  # interim; the real one follows (RFC 9110 section 15.2)
            self.headless = True
        else:
            self.done = True
            self.keeps = self.parser.should_keep_alive()

    def takes(self, part: bytes) -> None:
        """Hear more; what cannot be understood after the end costs no more than the connection."""
        try:
            self.parser.feed_data(part)
        except httptools.HttpParserError:
            if not self.done:
                raise
            self.keeps = False

    @property
    def ends_with_the_connection(self) -> bool:
        """Whether there is nothing else that says where the body ends (RFC 9112 section 6.3)."""
        lengths = {"content-length", "transfer-encoding"}
        return not self.headless and not any(name in lengths for name, _ in self.headers)
