"""What the specifications leave free, chosen once for each server.

Without a seed the server takes the documented defaults below.  With a seed every choice is drawn,
so that nobody, neither device nor harness, can come to rely on one lawful answer among several.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

from simulators.server.config import Seed

MEMBERS = (
    "device_code",
    "user_code",
    "verification_uri",
    "verification_uri_complete",
    "expires_in",
    "interval",
    "access_token",
    "token_type",
    "refresh_token",
    "scope",
    "id_token",
    "error",
    "error_description",
)

CodeShape: TypeAlias = tuple[str, tuple[int, ...], str]

CODE_SHAPES: tuple[CodeShape, ...] = (
    ("BCDFGHJKLMNPQRSTVWXZ", (3, 3, 3), "-"),
    ("BCDFGHJKLMNPQRSTVWXZ", (5, 5), "-"),
    ("0123456789", (4, 4, 4), "-"),
    ("0123456789", (3, 3, 3, 3), " "),
    ("ABCDEFGHJKMNPQRTUVWXY", (3, 3, 3), "-"),
    ("CDFGHJKLMNPQRTVWXY", (5, 5), "."),
    ("BCDFGHJKLMNPQRSTVWXZ", (9,), ""),
)
"""Alphabet, group lengths, separator.

No alphabet holds both members of a look-alike pair (RFC 8628 section 6.1).  Each shape has more
than 38 bits, so that the guesses which the pages let through in one lifetime keep a guesser's
chance below 2^-32, the figure of RFC 8628 section 5.1.
"""


@dataclass(frozen=True, slots=True)
class Freedom:
    """One lawful choice for every point that RFC 8628 and its neighbours leave open."""

    device_path: str = "/device_authorization"
    token_path: str = "/token"
    verification_path: str = "/device"
    userinfo_path: str = "/userinfo"
    jwks_path: str = "/jwks"

    member_order: tuple[str, ...] = MEMBERS
    sends_complete: bool = True
    sends_usual_interval: bool = True
    """Whether `interval` is sent although it is 5, the value that its absence means."""
    sends_same_scope: bool = True
    """Whether the token response has `scope` although it is what was asked."""
    sends_extras: bool = False
    """Whether responses have members that no specification knows."""

    code_shape: CodeShape = CODE_SHAPES[0]
    complete_is_opaque: bool = False
    device_code_format: Literal["urlsafe", "hex", "base64", "prefixed"] = "urlsafe"
    access_token_format: Literal["jwt", "opaque"] = "jwt"

    invalid_client_status: Literal[400, 401] = 401
    wrong_media_type: Literal[400, 415] = 400
    wrong_method: Literal[400, 405] = 405
    """The status for GET; other methods are always 405."""
    insists_on_auth_method: bool = False
    """Whether a client registered for Basic may not send its secret in the body."""
    used_after_expiry: Literal["invalid_grant", "expired_token"] = "invalid_grant"
    denied_again: Literal["access_denied", "invalid_grant"] = "access_denied"

    threshold_rises: bool = False
    """Whether slow_down adds 5 s to what the server itself demands."""
    threshold_falls_back: bool = False
    """Whether one well-spaced poll then brings the announced interval back."""
    early_poll_counts: bool = True
    """Whether the next gap is measured from a poll that was too early."""

    sign_in_first: bool = False
    deny_first: bool = False
    """Which of the two equal buttons stands first."""
    refresh_unasked: bool = True
    """Whether a refresh token comes without the scope offline_access."""
    replay_revokes: bool = False
    """Whether a used code that is polled much later takes its tokens with it."""
    id_token_alg: Literal["ES256", "RS256"] = "ES256"
    """The signature of ID tokens, where the client is not registered for one."""
    allows_cross_origin: bool = True
    """Whether scripts of other origins may call the token endpoint and UserInfo."""
    honours_resource: bool = True
    """Whether tokens are made for the `resource` that a request names (RFC 8707)."""
    refuses_replays: bool = False
    """Whether a client assertion is good for one request only (RFC 7523 section 3)."""
    demands_nonce: bool = False
    """Whether DPoP proofs at the token endpoint need a nonce (RFC 9449 section 8)."""
    ignores_request_uri: bool = True
    """Whether request_uri in a device authorization request is ignored, or else refused."""
    wants_issuer_as_audience: bool = False
    """Whether a client assertion for the URL of an endpoint is refused (RFC 9126 section 2)."""
    binds_access_tokens: bool = True
    """Whether a DPoP proof binds the access token, and not a refresh token alone (RFC 9449 5)."""
    shows_certificate_in_jwt: bool = True
    """Whether a JWT names the certificate it is bound to; introspection does (RFC 8705 3)."""
    enriches_details: bool = False
    """Whether granted authorization_details say more than was asked for (RFC 9396 section 7.1)."""
    knows_short_grant_type: bool = False
    """Whether the grant goes by the name device_code, too."""
    drops_unknown_scope: bool = False
    """Whether an unknown scope is left out rather than refused.  Never drawn, only pinned."""

    @classmethod
    def drawn(cls, seed: Seed | None) -> Freedom:
        """The defaults without a seed, else a choice that follows from it alone."""
        if seed is None:
            return cls()
        rand = random.Random(f"{seed}/freedom")
        names = list(MEMBERS)
        rand.shuffle(names)

        def yes() -> bool:
            return rand.random() < 0.5

        return cls(
            device_path=rand.choice(
                ("/device_authorization", "/oauth/device/code", "/as/device_authz.oauth2")
            ),
            token_path=rand.choice(("/token", "/oauth/token", "/as/token.oauth2")),
            verification_path=rand.choice(("/device", "/activate", "/link", "/go")),
            userinfo_path=rand.choice(("/userinfo", "/me", "/oidc/userinfo")),
            jwks_path=rand.choice(("/jwks", "/certs", "/oauth/keys.json")),
            member_order=tuple(names),
            sends_complete=rand.random() < 0.7,
            sends_usual_interval=yes(),
            sends_same_scope=yes(),
            sends_extras=yes(),
            code_shape=rand.choice(CODE_SHAPES),
            complete_is_opaque=yes(),
            device_code_format=rand.choice(("urlsafe", "hex", "base64", "prefixed")),
            access_token_format=rand.choice(("jwt", "opaque")),
            invalid_client_status=rand.choice((400, 401)),
            wrong_media_type=rand.choice((400, 415)),
            wrong_method=rand.choice((400, 405)),
            insists_on_auth_method=yes(),
            used_after_expiry=rand.choice(("invalid_grant", "expired_token")),
            denied_again=rand.choice(("access_denied", "invalid_grant")),
            threshold_rises=yes(),
            threshold_falls_back=yes(),
            early_poll_counts=yes(),
            sign_in_first=yes(),
            deny_first=yes(),
            refresh_unasked=yes(),
            replay_revokes=yes(),
            id_token_alg=rand.choice(("ES256", "ES256", "RS256")),
            allows_cross_origin=yes(),
            honours_resource=yes(),
            refuses_replays=yes(),
            demands_nonce=yes(),
            ignores_request_uri=yes(),
            wants_issuer_as_audience=yes(),
            binds_access_tokens=yes(),
            shows_certificate_in_jwt=yes(),
            enriches_details=yes(),
            knows_short_grant_type=yes(),
        )

    def ordered(self, members: dict[str, object]) -> dict[str, object]:
        """The same members in this server's order; those that no specification knows come last."""
        if self.sends_extras:
            members = {**members, "x_served_by": "devicegrant"}
        known = {name: members[name] for name in self.member_order if name in members}
        return known | members

    def described(self) -> dict[str, object]:
        """Every choice by name, for people who want to know what this server does."""
        return {choice.name: getattr(self, choice.name) for choice in fields(self)}
