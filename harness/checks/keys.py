"""What a published key set must look like (RFC 7517, OpenID Connect Discovery section 3)."""

from __future__ import annotations

from collections import Counter

from harness.checks.jwts import Key, keys_in
from harness.transcript import Exchange, Transcript
from harness.verdict import Judge

_PRIVATE = ("d", "k", "p", "q", "dp", "dq", "qi", "oth")
"""Members that only a private or a symmetric key has (RFC 7518 section 6)."""


def check(transcript: Transcript, judge: Judge) -> None:
    """Judge every key set of a transcript."""
    for exchange in transcript.at("jwks"):
        keys = keys_in(exchange.response.json() if exchange.response else None)
        if keys and exchange.status == 200:
            _secrecy(exchange, keys, judge)
            _order(exchange, keys, judge)


def _secrecy(exchange: Exchange, keys: list[Key], judge: Judge) -> None:
    told = [f"kty {key['kty']}" for key in keys if key.get("kty") == "oct"]
    told += [name for key in keys for name in _PRIVATE if name in key]
    judge.holds(
        "OIDCDisc-3-jwks-private",
        not told,
        expected="public keys alone",
        received=f"a key with {told[0]}" if told else "",
        evidence=(exchange,),
    )


def _order(exchange: Exchange, keys: list[Key], judge: Judge) -> None:
    evidence = (exchange,)
    nameless = [key for key in keys if not isinstance(key.get("kty"), str) or not key["kty"]]
    judge.holds(
        "RFC7517-4.1-kty",
        not nameless,
        expected="kty in every key",
        received=f"{len(nameless)} of {len(keys)} keys without",
        evidence=evidence,
    )
    mixed = any(key.get("use") == "enc" for key in keys)
    silent = [key for key in keys if "use" not in key]
    judge.holds(
        "OIDCDisc-3-jwks-use",
        not (mixed and silent),
        expected="use in every key, because one is for encryption",
        received=f"{len(silent)} of {len(keys)} keys without",
        evidence=evidence,
    )
    names = Counter((key["kid"], str(key.get("kty"))) for key in keys if _is_named(key))
    shared = [kid for (kid, _), times in names.items() if times > 1]
    judge.holds(
        "RFC7517-4.5-kid-distinct",
        not shared,
        expected="another kid for each key",
        received=f"two keys of one type that are both called {shared[0]!r:.60}" if shared else "",
        evidence=evidence,
    )
    judge.holds(
        "RFC9068-2.1-rs256",
        any(key.get("kty") == "RSA" for key in keys),
        received="no RSA key among those published",
        evidence=evidence,
    )


def _is_named(key: Key) -> bool:
    return isinstance(key.get("kid"), str)
