"""Reading JWTs and verifying them with every kind of key that a server may publish."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from harness.checks.jwts import (
    Signature,
    encrypted,
    fitting,
    left_halves,
    read,
    verify,
)

RSA = rsa.generate_private_key(65537, 2048)
PRIVATE: dict[str, Any] = {
    "RS256": RSA,
    "PS384": RSA,
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "Ed448": ed448.Ed448PrivateKey.generate(),
}
LIBRARY = {"Ed448": "EdDSA"}


def part(members: object) -> str:
    raw = members if isinstance(members, bytes) else json.dumps(members).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def made(alg: str, **header: object) -> str:
    start = f"{part({'alg': alg, **header})}.{part({'sub': 'alice'})}"
    algorithm = get_default_algorithms()[LIBRARY.get(alg, alg)]
    return f"{start}.{part(algorithm.sign(start.encode(), PRIVATE[alg]))}"


def published(alg: str, **more: object) -> dict[str, Any]:
    algorithm = get_default_algorithms()[LIBRARY.get(alg, alg)]
    jwk = algorithm.to_jwk(PRIVATE[alg].public_key(), as_dict=True)
    return {**jwk, "alg": alg, "use": "sig", "kid": alg, **more}


def outcome(text: str, *keys: dict[str, Any], secret: str | None = None) -> Signature:
    jwt = read(text)
    assert jwt is not None
    return verify(jwt, keys, secret).outcome


@pytest.mark.parametrize("alg", PRIVATE)
def test_a_sound_signature_is_sound_and_another_is_wrong(alg: str) -> None:
    keys = [published(one) for one in PRIVATE]
    text = made(alg, kid=alg)
    start, _, signature = text.rpartition(".")
    spoilt = f"{start}.{'AAAA' if signature[:4] != 'AAAA' else 'BBBB'}{signature[4:]}"

    assert outcome(text, *keys) is Signature.SOUND
    assert outcome(made(alg), *keys) is Signature.SOUND
    assert outcome(spoilt, *keys) is Signature.WRONG


def test_without_a_key_that_suits_nothing_is_proved() -> None:
    assert outcome(made("ES256"), published("RS256")) is Signature.WRONG
    assert outcome(made("ES256")) is Signature.WRONG


def test_what_is_not_known_is_undecided() -> None:
    unknown = f"{part({'alg': 'ML-DSA-65'})}.{part({})}.{part(b'x')}"
    unusable = {"kty": "EC", "crv": "P-256", "x": "not a number", "y": 7}

    assert outcome(unknown, published("ES256")) is Signature.UNDECIDED
    assert outcome(made("ES256"), unusable) is Signature.UNDECIDED


@pytest.mark.parametrize("alg", ["none", "NONE", "", 7])
def test_no_algorithm_is_no_signature(alg: object) -> None:
    assert outcome(f"{part({'alg': alg})}.{part({})}.", published("ES256")) is Signature.WRONG


def test_a_shared_secret_verifies_what_it_signed() -> None:
    start = f"{part({'alg': 'HS256'})}.{part({})}"
    seal = get_default_algorithms()["HS256"].sign(start.encode(), b"a secret that two share" * 2)
    text = f"{start}.{part(seal)}"

    assert outcome(text, secret="a secret that two share" * 2) is Signature.SOUND
    assert outcome(text, secret="another") is Signature.WRONG
    assert outcome(text) is Signature.WRONG


@pytest.mark.parametrize(
    "text", [None, 7, "", "a.b", "a.b.c", "..", f"{part([])}.{part({})}.", "ä.ö.ü", "a" * 999]
)
def test_what_is_no_jwt_is_none(text: object) -> None:
    assert read(text) is None
    assert not encrypted(text)


def test_an_encrypted_token_is_told_from_a_signed_one() -> None:
    text = f"{part({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.a.b.c.d"

    assert encrypted(text) and read(text) is None


def test_names_that_stand_twice_are_noticed_in_the_outermost_object_only() -> None:
    twice = b'{"sub":"a","sub":"b","inner":{"x":1,"x":2}}'
    jwt = read(f"{part({'alg': 'ES256'})}.{part(twice)}.")
    inside = b'{"inner":{"x":1,"x":2}}'
    nested = read(f"{part({'alg': 'ES256'})}.{part(inside)}.")

    assert jwt is not None and jwt.repeated == ("sub",)
    assert nested is not None and nested.repeated == ()


def test_keys_for_other_things_do_not_fit() -> None:
    keys = [
        published("ES256"),
        published("ES256", use="enc"),
        published("ES512"),
        published("RS256"),
        {name: value for name, value in published("ES256").items() if name not in {"alg", "use"}},
    ]

    assert fitting(keys, "ES256") == [keys[0], keys[4]]


def test_the_left_half_is_as_long_as_the_hash_of_the_algorithm_says() -> None:
    lengths = {alg: [len(one) for one in left_halves("token", alg)] for alg in (*PRIVATE, "HS512")}

    assert lengths == {
        "RS256": [22],
        "PS384": [32],
        "ES256": [22],
        "ES512": [43],
        "EdDSA": [76, 43],
        "Ed448": [76],
        "HS512": [43],
    }
    assert left_halves("token", "none") == ()
