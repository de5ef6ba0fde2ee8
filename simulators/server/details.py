"""Rich authorization requests: authorization_details in place of scope (RFC 9396)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from simulators.server.refusal import Refused
from simulators.server.rules.extensions import DETAIL_TYPES, Details

if TYPE_CHECKING:
    from simulators.server.rules import Rules

_MEMBERS = frozenset({"type", "actions", "locations", "identifier"})


def asked(rules: Rules, text: str | None) -> Details:
    """The details that a request asks for; raises `Refused` (RFC 9396 section 5)."""
    if text is None:
        return ()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Refused(rules.details_error(), "authorization_details is no array of objects")
    for one in found:
        if not rules.knows_details(one) or not _MEMBERS.issuperset(one):
            raise Refused(rules.details_error(), "these details cannot be granted")
    return rules.authorization_details(tuple(found))


def in_words(details: Details) -> tuple[str, ...]:
    """What a person is asked for."""
    return tuple(DETAIL_TYPES.get(str(one.get("type")), str(one.get("type"))) for one in details)
