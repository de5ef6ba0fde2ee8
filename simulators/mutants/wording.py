"""Servers whose pages leave out what people should read (RFC 8628 section 5.4)."""

from __future__ import annotations

import re

from simulators.mutants.mutant import mutant
from simulators.server import Rules

_TEXT = re.compile(rb">[^<]*")
_DEVICE = re.compile(rb"device|screen|display|\btv\b", re.IGNORECASE)


@mutant("", "RFC8628-5.4-inform-device", bug="no report known")
class NoWordOfADevice(Rules):
    """The pages never say that it is a device that asks."""

    def page(self, html: bytes) -> bytes:
        """Something asks."""
        return _TEXT.sub(lambda text: _DEVICE.sub(b"thing", text[0]), super().page(html))
