"""Tokens for one holder only: DPoP (RFC 9449), certificate-bound tokens (RFC 8705)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.certificates import Certificate
from harness.dpop import Prover
from harness.requirements import verifies
from harness.signing import spoilt
from harness.target import Target
from harness.transcript import Door, Exchange, Manner
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import Answer, Request
from scenarios.claims import payload
from scenarios.outcomes import STILL_OPEN, token_collected
from scenarios.protected import protected_by
from scenarios.token_fate import body_of, introspects, lasting, refreshes
from simulators.device import Device
from simulators.user import User

BAD_PROOF = "invalid_dpop_proof"
NONCE_WANTED = "use_dpop_nonce"
HOUR = 3600
"""Seconds that make a proof too old for every server."""


class Holder:
    """A device with a key of its own, which proves with every request that it holds it."""

    def __init__(self, device: Device) -> None:
        offered = device.world.target.metadata.get("dpop_signing_alg_values_supported")
        if not isinstance(offered, list) or "ES256" not in offered:
            raise NotApplicable("the target does not advertise DPoP with ES256")
        self.device = device
        self.prover = Prover()
        self.nonce: str | None = None

    def proof(self, prover: Prover | None = None, **claims: Any) -> str:
        """A proof for the token endpoint, with the nonce that the server last handed out."""
        if self.nonce is not None:
            claims.setdefault("nonce", self.nonce)
        url = self.device.world.target.token_endpoint
        now = self.device.world.clock.unix()
        return (prover or self.prover).proof("POST", url, now, **claims)

    def sends(self, request: Request, *proofs: str, manner: Manner, note: str = "") -> Exchange:
        """Send a token request with these proofs, and keep the nonce of the answer."""
        for proof in proofs:
            request = request.with_header("dpop", proof)
        sent = self.device.sends(request, manner=manner, note=note)
        nonces = sent.response.all_headers("dpop-nonce") if sent.response is not None else []
        self.nonce = nonces[0] if nonces else self.nonce
        return sent

    def begins(self) -> None:
        """Ask for codes, and learn by a first poll whether the server wants a nonce."""
        self.device.begin()
        self.device.waits()
        first = self.sends(
            self.device.token_request(), self.proof(), manner="malformed", note="without a nonce"
        )
        lost = _error(first) == NONCE_WANTED and self.nonce is None
        given(not lost, "a nonce is wanted, and none was handed out")

    def polls(self) -> Exchange:
        """Poll politely with a sound proof; the exchange is kept among the device's polls."""
        self.device.waits()
        request, wanted = self.device.token_request(), self.nonce
        polled = self.sends(request, self.proof(), manner="lawful")
        if _error(polled) == NONCE_WANTED and self.nonce != wanted:
            self.device.waits()
            polled = self.sends(request, self.proof(), manner="lawful")
        self.device.polls.append(polled)
        return polled

    def collects(self) -> Exchange:
        """Take for granted that the approval brings a token; raises `Inconclusive` otherwise."""
        polled = self.polls()
        if heard(polled) in STILL_OPEN:
            polled = self.polls()
        given(polled.answer is Answer.TOKEN, f"a sound proof brought no token: {describe(polled)}")
        return polled


@verifies("RFC9449-5-token_type")
def test_a_key_makes_the_token_its_own(device: Device, user: User, judge: Judge) -> None:
    """A display that proves to hold a key is told whether its token is bound to that key."""
    holder = Holder(device)
    holder.begins()
    user.approve(device)

    polled = holder.collects()

    kind = body_of(polled).get("token_type")
    label = kind.lower() if isinstance(kind, str) else ""
    bound = _confirmed(device, "jkt")
    if label == "bearer" and not bound:
        # A server may choose so, and the label says it (RFC 9449 section 5).
        told = "a bearer token for a sound proof: nothing binds it to the key"
        judge.note("RFC9449-5-token_type", told, [polled])
        return
    judge.holds(
        "RFC9449-5-token_type",
        label == "dpop",
        expected="token_type DPoP" if bound else "token_type DPoP, or Bearer for an unbound token",
        received=f"{kind!r:.40}" + " for a token with cnf" * bool(bound),
        evidence=(polled,),
    )


@verifies("RFC9449-5-invalid")
def test_a_proof_must_be_sound(device: Device, judge: Judge, target: Target) -> None:
    """A proof for another method, another URL or another time, badly signed or doubled, is none."""
    holder = Holder(device)
    holder.begins()
    usual = holder.polls()
    given(heard(usual) in STILL_OPEN, f"a poll with a sound proof hears {describe(usual)}")
    old = int(device.world.clock.unix()) - HOUR
    unsound: dict[str, Callable[[], tuple[str, ...]]] = {
        "htm GET": lambda: (holder.proof(htm="GET"),),
        "another htu": lambda: (holder.proof(htu=f"{target.token_endpoint}/elsewhere"),),
        "a broken signature": lambda: (spoilt(holder.proof()),),
        "a second DPoP header": lambda: (holder.proof(), holder.proof()),
    }

    if holder.nonce is None:
        # With a nonce the server knows by that when a proof was made (RFC 9449 section 4.3).
        unsound["iat an hour ago"] = lambda: (holder.proof(iat=old),)

    for what, proofs in unsound.items():
        device.waits()
        polled = holder.sends(
            device.token_request(), *proofs(), manner="malformed", note=f"proof with {what}"
        )
        heard(polled)
        judge.holds(
            "RFC9449-5-invalid",
            _error(polled) == BAD_PROOF and polled.status == 400,
            expected=f"400 {BAD_PROOF} for a proof with {what}",
            received=describe(polled),
            evidence=(polled,),
        )


@verifies("RFC9449-5-not-consumed")
def test_a_bad_proof_costs_nothing(device: Device, user: User, judge: Judge) -> None:
    """A display that has been approved and slips once in its proof still gets its token."""
    holder = Holder(device)
    holder.begins()
    user.approve(device)

    device.waits()
    bad = holder.sends(device.token_request(), spoilt(holder.proof()), manner="malformed")
    given(heard(bad) not in STILL_OPEN, f"a bad proof after the approval hears {describe(bad)}")
    if bad.answer is Answer.TOKEN:
        judge.holds(
            "RFC9449-5-invalid",
            condition=False,
            expected=f"400 {BAD_PROOF} for a broken signature",
            received=describe(bad),
            grave=True,
            evidence=(bad,),
        )
        judge.undecided("RFC9449-5-not-consumed", "a proof with a broken signature is accepted")
        return
    good = holder.polls()
    given(heard(good) is not Answer.BROKEN, f"a sound proof hears {describe(good)}")
    if good.answer is not Answer.TOKEN:
        again = holder.polls()
        given(heard(again) is not Answer.TOKEN, f"now and then a poll hears {describe(good)}")

    judge.holds(
        "RFC9449-5-not-consumed",
        heard(good) is Answer.TOKEN,
        expected="a token for the sound proof after the bad one",
        received=f"{describe(bad)}, then {describe(good)}",
        evidence=(bad, good),
    )


@verifies("RFC9449-5-required")
def test_who_promised_proofs_must_bring_them(drone: Device, user: User, judge: Judge) -> None:
    """A drone that is registered for bound tokens gets no other kind, approval or not."""
    holder = Holder(drone)
    holder.begins()
    user.approve(drone)

    drone.waits()
    bare = holder.sends(drone.token_request(), manner="malformed", note="without a proof")
    if heard(bare) in STILL_OPEN:
        drone.waits()
        bare = holder.sends(drone.token_request(), manner="malformed", note="without a proof")
    given(heard(bare) not in STILL_OPEN, "the approval did not arrive")

    if bare.answer is not Answer.TOKEN:
        holder.collects()
    judge.holds(
        "RFC9449-5-required",
        _error(bare) in {BAD_PROOF, NONCE_WANTED, "invalid_request"},
        expected=f"400 {BAD_PROOF} or invalid_request",
        received=describe(bare),
        tolerated=bare.answer is not Answer.TOKEN,
        evidence=(bare,),
    )


@verifies("RFC9449-5-refresh")
def test_a_stolen_refresh_token_lacks_the_key(device: Device, user: User, judge: Judge) -> None:
    """A refresh token that was bought with a proof is of no use to who holds another key."""
    if device.client.auth != "none":
        raise NotApplicable("[clients.public] has a secret, which binds its refresh tokens")
    holder = Holder(device)
    holder.device.scope = lasting(device)
    holder.begins()
    user.approve(device)
    token = body_of(holder.collects()).get("refresh_token")
    if not isinstance(token, str) or not token:
        raise NotApplicable(f"no refresh_token was issued for the scope {device.scope!r}")

    stolen = _refreshes(holder, token, Prover())
    if heard(stolen) is Answer.TOKEN:
        told = f"{describe(stolen)} for a proof by another key"
        judge.holds("RFC9449-5-refresh", condition=False, received=told, evidence=(stolen,))
        return
    own = _refreshes(holder, token, holder.prover)
    given(heard(own) is Answer.TOKEN, f"a refresh with the right key hears {describe(own)}")
    judge.holds(
        "RFC9449-5-refresh",
        stolen.status == 400 and _error(stolen) in {"invalid_grant", BAD_PROOF},
        expected=f"400 invalid_grant or {BAD_PROOF}",
        received=describe(stolen),
        tolerated=True,
        evidence=(stolen, own),
    )


def _refreshes(holder: Holder, token: str, prover: Prover) -> Exchange:
    """Refresh with a proof by some key; once more if a nonce was missing."""
    device = holder.device
    fields = [("grant_type", "refresh_token"), ("refresh_token", token)]
    request = device.token_request(
        device_code="", without={"grant_type", "device_code"}, plus=fields
    )
    wanted = holder.nonce
    sent = holder.sends(request, holder.proof(prover), manner="lawful", note="a refresh")
    if _error(sent) == NONCE_WANTED and holder.nonce != wanted:
        sent = holder.sends(request, holder.proof(prover), manner="lawful", note="a refresh")
    return sent


@verifies("RFC9449-8-nonce-as")
def test_who_wants_a_nonce_hands_one_out(device: Device, judge: Judge) -> None:
    """A server that wants proofs with a nonce of its own says so, and says which."""
    holder = Holder(device)
    device.begin()
    device.waits()

    first = holder.sends(device.token_request(), holder.proof(), manner="malformed")

    heard(first)
    if _error(first) != NONCE_WANTED or first.response is None:
        raise NotApplicable("the target wants no nonce in the proofs of this client")
    nonces = first.response.all_headers("dpop-nonce")
    judge.holds(
        "RFC9449-8-nonce-as",
        first.status == 400 and len(nonces) == 1 and nonces[0],
        expected=f"400 {NONCE_WANTED} with one DPoP-Nonce header",
        received=f"{describe(first)} with {len(nonces)} of them",
        tolerated=first.status in {401, 403} and len(nonces) == 1 and nonces[0],
        evidence=(first,),
    )


@verifies("RFC8705-3-cnf", "RFC8705-3-rs")
def test_a_turbine_has_tokens_that_fit_no_other(
    turbine: Device, user: User, judge: Judge, target: Target
) -> None:
    """The token of a turbine names the certificate it polled with, and is good with no other."""
    certificate = _bound(turbine, target)
    turbine.begin()
    user.approve(turbine)
    polled = token_collected(turbine)

    thumbprint = _confirmed(turbine, "x5t#S256")
    if thumbprint is None:
        judge.undecided("RFC8705-3-cnf", "the token is opaque, and introspection does not tell")
    else:
        judge.holds(
            "RFC8705-3-cnf",
            thumbprint == certificate.thumbprint,
            expected="cnf with x5t#S256 of the certificate that was shown",
            received="another thumbprint" if thumbprint else "no cnf with x5t#S256",
            grave=bool(thumbprint),
            evidence=(polled,),
        )
    _needs_its_certificate(turbine, judge, target, bound=bool(thumbprint))


def _needs_its_certificate(turbine: Device, judge: Judge, target: Target, *, bound: bool) -> None:
    """Judge that a resource refuses the turbine's token without its certificate.

    `bound`: whether somebody says that the token is bound to a certificate.
    """
    resource = protected_by(target)[-1]
    own = turbine.reads(resource.url, turbine.access_token)
    given(own.status // 100 == 2, f"{resource.name} with the certificate: {describe(own)}")
    for shown in {None, _another(target, turbine.client.certificate)}:
        headers = [("accept", "application/json")]
        headers.append(("authorization", f"Bearer {turbine.access_token}"))
        headers += [shown.header] if shown is not None else []
        door: Door = "userinfo" if resource.is_userinfo else "resource"
        used = turbine.world.send(
            Request("GET", resource.url, tuple(headers)),
            who="somebody else",
            door=door,
            manner="malformed",
        )
        if used.response is None:
            continue
        if used.status // 100 == 2 and not bound:
            judge.undecided("RFC8705-3-rs", "nobody says that the token is bound to a certificate")
            continue
        challenge = " ".join(used.response.all_headers("www-authenticate"))
        told = "invalid_token" in challenge or used.response.error == "invalid_token"
        judge.holds(
            "RFC8705-3-rs",
            used.status == 401 and told,
            expected="401 invalid_token",
            received=describe(used),
            tolerated=400 <= used.status < 500,
            evidence=(own, used),
        )


@verifies("RFC8705-4-refresh")
def test_a_buoy_refreshes_with_its_own_certificate(
    buoy: Device, user: User, judge: Judge, target: Target
) -> None:
    """The refresh token of a public client with bound tokens needs the same certificate."""
    certificate = _bound(buoy, target)
    other = _another(target, certificate)
    if other is None:
        raise NotApplicable("needs a second client with a certificate")
    buoy.scope = lasting(buoy)
    buoy.begin()
    user.approve(buoy)
    token = body_of(token_collected(buoy)).get("refresh_token")
    if not isinstance(token, str) or not token:
        raise NotApplicable(f"no refresh_token was issued for the scope {buoy.scope!r}")

    stolen = refreshes(buoy, token, client=replace(buoy.client, certificate=other))
    if heard(stolen) is not Answer.TOKEN:
        own = refreshes(buoy, token)
        given(heard(own) is Answer.TOKEN, f"an ordinary refresh hears {describe(own)}")
    judge.holds(
        "RFC8705-4-refresh",
        stolen.answer is not Answer.TOKEN,
        expected="400 invalid_grant for a refresh with another certificate",
        received=describe(stolen),
        evidence=(stolen,),
    )


def _bound(device: Device, target: Target) -> Certificate:
    """The certificate to which a client's tokens are bound; raises `NotApplicable`."""
    if target.metadata.get("tls_client_certificate_bound_access_tokens") is not True:
        raise NotApplicable("the target does not advertise certificate-bound access tokens")
    if device.client.certificate is None:
        raise NotApplicable("needs a client with a certificate")
    return device.client.certificate


def _another(target: Target, certificate: Certificate | None) -> Certificate | None:
    """The certificate of some other client in the settings."""
    known = [one.certificate for one in target.clients.values()]
    return next((one for one in known if one is not None and one != certificate), None)


def _confirmed(device: Device, kind: str) -> str | None:
    """What the token is bound to, "" if to nothing, None if nobody tells."""
    claims = payload(device.access_token)
    if found := _named(claims, kind):
        return found
    said = _introspected(device)
    return _named(said, kind) if claims or said else None


def _named(claims: dict[str, Any], kind: str) -> str:
    """The value of a confirmation method, "" if there is none (RFC 7800 section 3.1)."""
    confirmation = claims.get("cnf")
    found = confirmation.get(kind) if isinstance(confirmation, dict) else None
    return found if isinstance(found, str) else ""


def _introspected(device: Device) -> dict[str, Any]:
    """What introspection says of the token, asked by its client, else by one with a secret."""
    target = device.world.target
    if target.introspection_endpoint is None:
        return {}
    for client in (device.client, target.clients.get("confidential")):
        if client is not None and client.auth != "none":
            said = body_of(introspects(device, device.access_token, client=client))
            if said.get("active") is True:
                return said
    return {}


def _error(exchange: Exchange) -> str | None:
    return exchange.response.error if exchange.response is not None else None
