"""Servers that are hard on whoever types a code, or easy on whoever guesses one (RFC 8628 5, 6)."""

from __future__ import annotations

import random

from simulators.mutants.mutant import mutant
from simulators.server import Rules
from simulators.server.grant import Grant
from simulators.server.refusal import Refused

Members = dict[str, object]

_LETTERS = ("BCDFGHJKLMNPQRSTVWXZ", (3, 3, 3), "-")


@mutant("", "RFC8628-6.1-punctuation", bug="no report known")
class DashDemanded(Rules):
    """Who leaves out the dash between the letters is told that the code is wrong."""

    pinned = {"code_shape": _LETTERS}  # noqa: RUF012

    def read_typed_code(self, text: str) -> str:
        """Not without it."""
        return super().read_typed_code(text) if text.count("-") == 2 else ""


@mutant("", "RFC8628-6.1-confusable", bug="no report known")
class LookAlikeRefused(Rules):
    """Who reads an S as a 5 is told that the code is wrong."""

    pinned = {"code_shape": _LETTERS}  # noqa: RUF012

    def read_typed_code(self, text: str) -> str:
        """Digits are never meant."""
        return "" if any(char.isdigit() for char in text) else super().read_typed_code(text)


@mutant("", "RFC8628-3.3-device_code-not-enterable", bug="no report known")
class DeviceCodeEnterable(Rules):
    """The page takes the device_code for the user_code."""

    def device_response(self, members: Members, grant: Grant) -> Members:
        """Remember both."""
        self.__dict__.setdefault("known", {})[grant.device_code] = grant
        return super().device_response(members, grant)

    def grant_for_unknown_code(self, text: str) -> Grant | None:
        """Look among the other kind."""
        known: dict[str, Grant] = self.__dict__.get("known", {})
        return known.get(text.strip()) or super().grant_for_unknown_code(text)


@mutant(
    "",
    "RFC6749-10.10-device-code",
    "RFC8628-5.2-entropy",
    "RFC8628-5.2-device-guess-limit",
    bug="no report known",
)
class ShortenedDeviceCode(Rules):
    """Device codes are half as long as they could be, 96 bits."""

    def device_code(self, rand: random.Random) -> str:
        """Twenty-four hexadecimal digits."""
        return rand.randbytes(12).hex()


@mutant(
    "",
    "RFC8628-5.2-device-guess-limit",
    "RFC6749-10.10-device-code",
    "RFC8628-5.2-entropy",
    bug="no report known",
)
class NumericDeviceCode(Rules):
    """Device codes are numbers of twenty-five digits, and guesses are not slowed."""

    def device_code(self, rand: random.Random) -> str:
        """83 bits."""
        return "".join(rand.choices("0123456789", k=25))


@mutant("", "RFC8628-3.1-rate-limited-status", bug="no report known")
class TooManyIsInvalid(Rules):
    """Who has asked for too many codes is told that the request is malformed."""

    def user_code(self, rand: random.Random) -> str:
        """Not after a hundred and fifty."""
        count = self.__dict__["count"] = self.__dict__.get("count", 0) + 1
        if count > 150:
            raise Refused("invalid_request", "too many codes")
        return super().user_code(rand)
