"""Target files: every mistake is told with its key and its cause, and no secret is repeated."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from harness.target import TargetError, is_loopback, is_web_url
from harness.target_file import read_target

SMALL = """
issuer = "https://idp.example"
[clients.public]
client_id = "tv"
"""

CONTRACT = """
name = "Example IdP 4.2"
issuer = "https://idp.example"
scope = "openid profile"
slack = 0.5
ca_file = "ca.pem"

[clients.public]
client_id = "tv"

[clients.second]
client_id = "radio"

[clients.confidential]
client_id = "kiosk"
client_secret = { env = "KIOSK_SECRET" }
auth = "client_secret_basic"

[clients.unauthorized]
client_id = "web-only"

[users.alice]
username = "alice"
password = { env = "ALICE_PASSWORD" }

[users.bob]
username = "bob"
password = { file = "bob.txt" }

[consent]
kind = "forms"

[resource]
url = "https://idp.example/api/dashboard"
scope = "dashboard:read"

[known]
"RFC8628-3.5-single-use" = "issue 123: codes are reusable until 4.3"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIOSK_SECRET", "k10sk-s3cret")
    monkeypatch.setenv("ALICE_PASSWORD", "al1ce")
    monkeypatch.delenv("NOWHERE", raising=False)
    (tmp_path / "bob.txt").write_text("b0b\n")
    return tmp_path


def file_of(folder: Path, text: str) -> Path:
    path = folder / "idp.toml"
    path.write_text(text)
    return path


def test_the_example_of_the_contract_is_read(folder: Path) -> None:
    target = read_target(file_of(folder, CONTRACT))
    assert (target.name, target.issuer, target.scope) == (
        "Example IdP 4.2",
        "https://idp.example",
        "openid profile",
    )
    assert {role: one.client_id for role, one in target.clients.items()} == {
        "public": "tv",
        "second": "radio",
        "confidential": "kiosk",
        "unauthorized": "web-only",
    }
    kiosk = target.clients["confidential"]
    assert (kiosk.client_secret, kiosk.auth) == ("k10sk-s3cret", "client_secret_basic")
    assert [(one.username, one.password) for one in target.users] == [
        ("alice", "al1ce"),
        ("bob", "b0b"),
    ]
    assert target.consent == "forms"
    assert target.resource is not None
    assert target.resource.scope == "dashboard:read"
    assert target.known == {"RFC8628-3.5-single-use": "issue 123: codes are reusable until 4.3"}
    assert target.ca_file == str(folder / "ca.pem")
    assert target.warnings == ()
    assert set(target.secrets) == {
        ("client_secret", "k10sk-s3cret"),
        ("password", "al1ce"),
        ("password", "b0b"),
    }


def test_little_is_enough(folder: Path) -> None:
    target = read_target(file_of(folder, SMALL))
    assert (target.name, target.consent, target.slack) == ("idp", "none", 0.5)
    assert (target.device_authorization_endpoint, target.token_endpoint) == ("", "")
    assert not target.loopback


def test_endpoints_do_in_place_of_an_issuer(folder: Path) -> None:
    named = SMALL.replace(
        'issuer = "https://idp.example"',
        'device_authorization_endpoint = "http://127.0.0.1/da"\n'
        'token_endpoint = "http://127.0.0.1/token"',
    )
    target = read_target(file_of(folder, named))
    assert target.issuer is None
    assert target.loopback


def test_a_secret_in_the_file_is_taken_and_warned_of(folder: Path) -> None:
    plain = SMALL + '[clients.confidential]\nclient_id = "kiosk"\nclient_secret = "s3cret"\n'
    target = read_target(file_of(folder, plain))
    assert target.clients["confidential"].auth == "client_secret_basic"
    [warning] = target.warnings
    assert warning.startswith("clients.confidential.client_secret stands in the file")
    assert "s3cret" not in warning


def test_no_secret_shows_in_a_representation(folder: Path) -> None:
    shown = repr(read_target(file_of(folder, CONTRACT)))
    for secret in ("k10sk-s3cret", "al1ce", "b0b"):
        assert secret not in shown


def test_whoever_can_sign_in_uses_forms(folder: Path) -> None:
    target = read_target(file_of(folder, SMALL + '[users.alice]\nusername = "alice"\n'))
    assert target.consent == "forms"
    assert target.users[0].password == ""


def test_a_file_that_is_missing_is_told(folder: Path) -> None:
    with pytest.raises(TargetError, match="cannot read the target file"):
        read_target(folder / "none.toml")
    with pytest.raises(TargetError, match="cannot read the target file"):
        read_target(folder)


def test_a_file_that_is_no_text_is_told(folder: Path) -> None:
    path = folder / "idp.toml"
    path.write_bytes(b"name = '\xff\xfe'")
    with pytest.raises(TargetError, match="cannot read the target file"):
        read_target(path)


def test_the_example_itself_is_valid_toml() -> None:
    assert tomllib.loads(CONTRACT)["clients"].keys() >= {"public", "second"}


@pytest.mark.parametrize(
    ("url", "web", "loopback"),
    [
        ("https://as.example/x?y", True, False),
        ("http://localhost:8080", True, True),
        ("http://127.0.0.1/", True, True),
        ("http://[::1]:80/", True, True),
        ("http://as.localhost/", True, True),
        ("http://LOCALHOST/", True, True),
        ("http://127.0.0.1.example/", True, False),
        ("http://localhost.example/", True, False),
        ("http://user:pw@127.0.0.1/", True, True),
        ("http://127.0.0.1@evil.example/", True, False),
        ("ftp://localhost/", False, False),
        ("http://[", False, False),
        ("http://x:99999", False, False),
        ("http://x:y", False, False),
        ("", False, False),
    ],
)
def test_addresses_are_told_apart(url: str, web: bool, loopback: bool) -> None:
    assert (is_web_url(url), is_loopback(url)) == (web, loopback)
