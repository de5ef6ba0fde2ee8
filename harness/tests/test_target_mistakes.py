"""Every mistake in a target file is told with its key and its cause, and no secret is repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.target import TargetError
from harness.target_file import read_target

SMALL = """
issuer = "https://idp.example"
[clients.public]
client_id = "tv"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NOWHERE", raising=False)
    return tmp_path


def refusal(folder: Path, text: str) -> str:
    path = folder / "idp.toml"
    path.write_text(text)
    with pytest.raises(TargetError) as caught:
        read_target(path)
    return str(caught.value)


KIOSK = SMALL + '[clients.confidential]\nclient_id = "kiosk"\n'
PUBLIC = '[clients.public]\nclient_id = "tv"\n'

MISTAKES = [
    ("unknown key", "colour = 'red'\n" + SMALL, ["unknown key `colour`"]),
    ("unknown section", SMALL + "[client]\n", ["unknown key `client`"]),
    (
        "unknown role",
        SMALL + "[clients.third]\nclient_id = 'x'\n",
        ["clients", "unknown key `third`"],
    ),
    (
        "unknown client key",
        SMALL + "clientid = 'x'\n",
        ["clients.public", "unknown key `clientid`"],
    ),
    ("unknown user key", SMALL + "[users.alice]\nname = 'x'\n", ["users", "unknown key `name`"]),
    ("no clients", 'issuer = "https://idp.example"\n', ["missing key `clients`"]),
    ("no public client", 'issuer = "https://idp.example"\n[clients]\n', ["missing key `public`"]),
    (
        "no client_id",
        'issuer = "https://idp.example"\n[clients.public]\n',
        ["missing key `client_id`"],
    ),
    ("no username", SMALL + "[users.alice]\npassword = 'x'\n", ["missing key `username`"]),
    ("no kind", SMALL + "[consent]\n", ["consent", "missing key `kind`"]),
    ("a number for a name", "name = 5\n" + SMALL, ["name", "Expected `str", "int"]),
    (
        "a list for an issuer",
        SMALL.replace('"https://idp.example"', "[]"),
        ["issuer", "Expected `str"],
    ),
    ("a table for a scope", SMALL + "[scope]\n", ["scope", "Expected `str", "object"]),
    ("a word for slack", "slack = 'much'\n" + SMALL, ["slack", "Expected `float`"]),
    ("negative slack", "slack = -1\n" + SMALL, ["slack", "-1"]),
    ("no number for slack", "slack = nan\n" + SMALL, ["slack", "nan"]),
    ("endless slack", "slack = inf\n" + SMALL, ["slack", "inf"]),
    (
        "a list of clients",
        'clients = []\nissuer = "https://x.example"',
        ["clients", "Expected `object`"],
    ),
    (
        "a number for a secret",
        KIOSK + "client_secret = 5\n",
        ["clients.confidential.client_secret"],
    ),
    ("an odd method", KIOSK + "auth = 'magic'\n", ["clients.confidential.auth", "magic"]),
    ("an odd kind", SMALL + "[consent]\nkind = 'prayer'\n", ["consent.kind", "prayer"]),
    (
        "a method without its secret",
        KIOSK + "auth = 'client_secret_post'\n",
        ["clients.confidential", "client_secret must be given"],
    ),
    (
        "a client without a name",
        SMALL.replace('"tv"', '""'),
        ["clients.public", "client_id must be given"],
    ),
    (
        "a secret from nowhere",
        KIOSK + "client_secret = { env = 'NOWHERE' }\n",
        ["clients.confidential.client_secret", "no variable NOWHERE"],
    ),
    (
        "a secret from no file",
        KIOSK + "client_secret = { file = 'none.txt' }\n",
        ["clients.confidential.client_secret", "cannot read none.txt"],
    ),
    ("a secret from a folder", KIOSK + "client_secret = { file = '.' }\n", ["cannot read ."]),
    (
        "a secret from a file of no name",
        KIOSK + 'client_secret = { file = "a\\u0000b" }\n',
        ["cannot read"],
    ),
    (
        "a secret from two places",
        KIOSK + "client_secret = { env = 'A', file = 'b' }\n",
        ["exactly one of env and file"],
    ),
    ("a secret from no place", KIOSK + "client_secret = {}\n", ["exactly one of env and file"]),
    (
        "a secret from elsewhere",
        KIOSK + "client_secret = { vault = 'x' }\n",
        ["clients.confidential.client_secret", "unknown key `vault`"],
    ),
    ("no issuer and no endpoints", PUBLIC, ["`issuer`", "`token_endpoint`"]),
    (
        "one endpoint of two",
        'token_endpoint = "https://x.example"\n' + PUBLIC,
        ["`device_authorization_endpoint`"],
    ),
    (
        "a relative issuer",
        SMALL.replace("https://idp.example", "idp.example"),
        ["issuer must be an absolute"],
    ),
    (
        "a broken issuer",
        SMALL.replace("https://idp.example", "http://["),
        ["issuer must be an absolute"],
    ),
    (
        "an odd port",
        SMALL.replace("idp.example", "idp.example:99999"),
        ["issuer must be an absolute"],
    ),
    (
        "an endpoint that is a file",
        "userinfo_endpoint = 'file:///x'\n" + SMALL,
        ["userinfo_endpoint must be"],
    ),
    ("keys without an address", "jwks_uri = 'keys'\n" + SMALL, ["jwks_uri must be an absolute"]),
    (
        "a resource without an address",
        SMALL + "[resource]\nurl = 'api'\n",
        ["resource.url must be"],
    ),
    ("a proxy of another kind", "proxy = 'socks5://me:s3cret@x'\n" + SMALL, ["proxy must be"]),
    (
        "people who are nobody",
        SMALL + "[consent]\nkind = 'forms'\n",
        ["consent.kind is `forms`", "[users.alice]"],
    ),
    ("no command", SMALL + "[consent]\nkind = 'command'\n", ["consent.command must name one"]),
    (
        "a word for a command",
        SMALL + "[consent]\nkind = 'command'\ncommand = 'x'\n",
        ["consent.command", "Expected `array`"],
    ),
    ("a known number", SMALL + "[known]\nRFC8628 = 5\n", ["known", "Expected `str`"]),
    ("broken TOML", "issuer = \n", ["is no valid TOML"]),
    ("a key twice", "name = 'a'\nname = 'b'\n", ["is no valid TOML"]),
    ("too deep", "a = " + "[" * 100_000, ["is no valid TOML"]),
]


@pytest.mark.parametrize(
    ("text", "told"), [row[1:] for row in MISTAKES], ids=[r[0] for r in MISTAKES]
)
def test_a_mistake_is_told_with_its_key_and_cause(folder: Path, text: str, told: list[str]) -> None:
    message = refusal(folder, text)
    for words in told:
        assert words in message
    assert "s3cret" not in message
    assert "idp.toml" in message or message.startswith("clients.")
