"""Servers whose pages leave out, or get wrong, what people should read (RFC 8628 section 5.4)."""

from __future__ import annotations

import re

from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules

_TEXT = re.compile(rb">[^<]*")
_DEVICE = re.compile(rb"device|screen|display|\btv\b", re.IGNORECASE)


@mutant("", "RFC8628-5.4-inform-device", bug="no report known")
class NoWordOfADevice(Rules):
    """The pages never say that it is a device that asks."""

    def page(self, html: bytes) -> bytes:
        """Something asks."""
        return _TEXT.sub(lambda text: _DEVICE.sub(b"thing", text[0]), super().page(html))


@mutant(
    "",
    "RFC8628-5.4-show-device",
    "RFC10027-6.1.14-ux-context",
    "RFC8628-3.3-inform",
    bug="no report known",
)
class NamelessDevice(Rules):
    """The page says what is asked for, and not who asks."""

    def shown_client(self, client: Client) -> str:  # noqa: ARG002
        """Nobody."""
        return ""


@mutant(
    "",
    "RFC10027-6.1.14-ux-context",
    "RFC8628-5.4-show-device",
    "RFC8628-3.3-inform",
    bug="no report known",
)
class EverybodyIsTheFirst(Rules):
    """The page introduces every device under the name of the first client."""

    def shown_client(self, client: Client) -> str:  # noqa: ARG002
        """The television."""
        return self.config.clients[0].name
