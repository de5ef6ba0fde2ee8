"""Form encoding, read fast: a poll has three fields and nothing to decode but its grant type."""

from __future__ import annotations

from urllib.parse import unquote_plus

from harness.wire import DEVICE_CODE_GRANT

_USUAL = {DEVICE_CODE_GRANT.replace(":", "%3A"): DEVICE_CODE_GRANT}


def parse(body: bytes) -> list[tuple[str, str]]:
    """The fields in order; empty values are kept.  Never raises, what is no UTF-8 is replaced."""
    fields = []
    for pair in body.decode("utf-8", "replace").split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair:
            usual = _USUAL.get(value)
            if usual is None:
                value = unquote_plus(value, errors="replace")
                name = unquote_plus(name, errors="replace")
            else:
                value = usual
        fields.append((name, value))
    return fields


def parse_query(query: str) -> dict[str, str]:
    """The parameters of a URL's query; the first of each name."""
    found: dict[str, str] = {}
    for name, value in parse(query.encode("utf-8", "replace")):
        found.setdefault(name, value)
    return found
