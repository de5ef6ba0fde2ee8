"""Servers that break no old rule and are behind today's practice (RFC 9700, RFC 10027)."""

from __future__ import annotations

from types import MappingProxyType

from harness.wire import Header, Request
from simulators.mutants.mutant import mutant
from simulators.server import Client, Rules
from simulators.server.grant import Grant
from simulators.server.scope import Scope


@mutant("", "RFC10027-6.1.2-short", bug="no report known")
class HalfAnHour(Rules):
    """User codes live for half an hour, though it takes a minute to type one."""

    def lifetime(self, client: Client) -> float:  # noqa: ARG002
        """In seconds."""
        return 1800


@mutant("", "RFC10027-6.1.4-unique", bug="no report known")
class CodeForEveryBrowser(Rules):
    """A code that turns up in one browser after the other makes nobody wonder."""

    def browsers_for_a_code(self) -> int:
        """As many as there are."""
        return 1_000_000


@mutant("", "RFC10027-6.1.9-limit-scope", "RFC6749-3.3-scope-kept", bug="no report known")
class LessForDevices(Rules):
    """The last name of a scope is never granted to a device, and the response says so."""

    def token_scope(self, grant: Grant, client: Client, wanted: Scope) -> Scope:
        """All but one."""
        granted = super().token_scope(grant, client, wanted)
        return granted[:-1] or granted


@mutant("", "RFC9700-4.12-303", bug="no report known")
class Found302(Rules):
    """Pages are left by 302, as nearly everywhere."""

    def redirect_status(self, request: Request) -> int:  # noqa: ARG002
        """Found."""
        return 302


@mutant("", "RFC9700-2.3-audience", bug="no report known")
class TokenForEverywhere(Rules):
    """Neither the access token nor introspection says which resource a token is made for."""

    pinned = MappingProxyType({"access_token_format": "opaque"})

    def introspection(self, members: dict[str, object], token: str) -> dict[str, object]:
        """Without aud."""
        said = super().introspection(members, token)
        return {name: value for name, value in said.items() if name != "aud"}


@mutant("", "UA-referrer", bug="no report known")
class CodeInTheReferer(Rules):
    """The page behind the link loads a picture from elsewhere, and tells it the address."""

    pinned = MappingProxyType({"sends_complete": True})

    def page_headers(self, style_hash: str) -> tuple[Header, ...]:
        """Without Referrer-Policy."""
        usual = super().page_headers(style_hash)
        return tuple(header for header in usual if header[0] != "referrer-policy")

    def page(self, html: bytes) -> bytes:
        """With a logo."""
        logo = b'<img src="https://pictures.example/logo.png" alt="">\n</main>'
        return super().page(html).replace(b"</main>", logo)
