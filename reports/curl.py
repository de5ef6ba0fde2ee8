"""A curl line that repeats one request, with placeholders where the secrets were."""

from __future__ import annotations

import re
import shlex
from urllib.parse import parse_qsl, urlencode

from harness.pseudonyms import PLACEHOLDER
from harness.transcript import Exchange
from harness.wire import FORM

_OWN = {"content-type", "content-length", "host", "user-agent", "accept"}
_PLAIN = re.compile(r"[\w:/.,@<>$-]*\Z", re.ASCII)


def curl_line(exchange: Exchange) -> str:
    """The command for the request of a redacted exchange.

    Secrets read $CLIENT_SECRET, or <device_code> and the like: whoever runs it fills them in.
    """
    request = exchange.request
    kind = request.header("content-type") or ""
    form = kind == FORM and _as_form(request.body)
    parts = ["curl -sS -i"]
    if not (request.method == "GET" or (request.method == "POST" and request.body)):
        parts.append("-I" if request.method == "HEAD" else f"-X {shlex.quote(request.method)}")
    parts.append(_quoted(_named(request.url)))
    for name, value in request.headers:
        parts += _header(name, value, is_form=bool(form))
    if form:
        parts += [_field(name, value) for name, value in form]
    elif request.body:
        parts.append(f"--data-binary {_ansi(request.body)}")
    return " ".join(parts)


def _header(name: str, value: str, *, is_form: bool) -> list[str]:
    lower = name.lower()
    if lower == "authorization" and value.lower().startswith("basic "):
        pair = re.fullmatch(r"<([\w.]*):(\w+)-\d+>", value[6:])
        if pair:
            secret = {"client_secret": "$CLIENT_SECRET", "no_secret": ""}.get(pair[2], "wrong")
            return [f'-u "{pair[1]}:{secret}"']
    if lower == "content-type":
        return [] if is_form else [f"-H {_quoted(f'{name}: {_named(value)}')}"]
    if lower in _OWN:
        return []
    return [f"-H {_quoted(f'{name}: {_named(value)}')}"]


def _field(name: str, value: str) -> str:
    value = _named(value)
    if _PLAIN.match(name) and _PLAIN.match(value):
        return f"-d {_quoted(f'{name}={value}')}"
    if "=" in name or not name:
        return f"-d {shlex.quote(urlencode([(name, value)]))}"
    return f"--data-urlencode {_quoted(f'{name}={value}')}"


def _named(text: str) -> str:
    """Placeholders as a reader would write them: no numbers, secrets as shell variables."""
    return PLACEHOLDER.sub(
        lambda found: "$CLIENT_SECRET" if found[1] == "client_secret" else f"<{found[1]}>", text
    )


def _quoted(text: str) -> str:
    """One shell word; in double quotes where a variable is to be filled in."""
    if not text.isprintable():
        return _ansi(text.encode("utf-8", "surrogateescape"))
    if "$CLIENT_SECRET" in text:
        before, after = text.split("$CLIENT_SECRET", 1)
        return (
            f'{shlex.quote(before) if before else ""}"$CLIENT_SECRET"{after and shlex.quote(after)}'
        )
    return shlex.quote(text)


def _ansi(body: bytes) -> str:
    """One shell word for any bytes, as bash, zsh and ksh read it."""
    text = body.decode("utf-8", "replace")
    if text.isprintable() and text.encode() == body:
        return _quoted(_named(text))
    shown = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in "\\'" else f"\\x{byte:02x}"
        for byte in body
    )
    return f"$'{_named(shown)}'"


def _as_form(body: bytes) -> list[tuple[str, str]]:
    """The fields, if encoding them again says the same; else nothing."""
    try:
        text = body.decode("ascii")
        fields = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        return []
    return fields if len(fields) == text.count("&") + 1 else []
