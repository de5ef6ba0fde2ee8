"""More than a scope: authorization_details (RFC 9396), request_uri (RFC 9126), resource."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from harness.requirements import verifies
from harness.target import Target
from harness.transcript import Exchange, Manner
from harness.verdict import Judge, NotApplicable, describe, given, heard
from harness.wire import Answer
from scenarios.outcomes import codes_are_issued, refusal_of_strangers, token_collected
from scenarios.token_fate import body_of
from simulators.device import Device
from simulators.user import User

Details: TypeAlias = Sequence[Mapping[str, Any]]

BAD_DETAILS = "invalid_authorization_details"
UNKNOWN = [{"type": "devicegrant_unknown_4711"}]
"""Details of a type that surely nobody knows."""
PUSHED = ("request_uri", "urn:ietf:params:oauth:request_uri:devicegrant-4711")
RIGHTS = ("actions", "datatypes", "privileges")
"""The common members that say what may be done (RFC 9396 section 2.2)."""
RESOURCES = ("https://device.example/one", "https://device.example/two")
"""Resources that surely nobody knows."""


@verifies("RFC9396-3-accepted")
def test_details_may_stand_beside_a_scope(device: Device, judge: Judge, target: Target) -> None:
    """A display asks for something finer than a scope can say."""
    details = _grantable(target)
    codes_are_issued(device)

    asked = _asks(device, json.dumps(details))

    guessed = not target.authorization_details
    given(
        heard(asked) and not (guessed and _error(asked) == BAD_DETAILS),
        "a type alone is not enough here: name sound authorization_details in the target file",
        "settings",
    )
    judge.holds(
        "RFC9396-3-accepted",
        asked.issued,
        expected="codes for authorization_details of a type that the target lists",
        received=describe(asked),
        evidence=(asked,),
    )


@verifies("RFC9396-5-invalid", "RFC9396-7-response")
def test_details_are_granted_or_refused(
    device: Device, other_device: Device, user: User, judge: Judge, target: Target
) -> None:
    """A display is told which details it got, and details that mean nothing are refused."""
    details = _grantable(target)
    refusal_of_strangers(device)
    asked = _asks(device, json.dumps(details))
    given(asked.issued, f"no codes for authorization_details: {describe(asked)}")
    wrong = {
        "of an unknown type": _asks(other_device, json.dumps(UNKNOWN), "malformed"),
        "that is no JSON": _asks(other_device, "devicegrant", "malformed"),
    }
    device.takes(asked)
    user.approve(device)
    polled = token_collected(device)
    told = body_of(polled).get("authorization_details")

    read = told is not None or any(_error(one) == BAD_DETAILS for one in wrong.values())
    if not read:
        # Servers that know details from another grant may treat them as an unknown parameter.
        raise NotApplicable("the target ignores authorization_details in this grant")
    for what, one in wrong.items():
        judge.holds(
            "RFC9396-5-invalid",
            heard(one) and _error(one) == BAD_DETAILS and one.status == 400,
            expected=f"400 {BAD_DETAILS} for a value {what}",
            received=describe(one),
            evidence=(one,),
        )
    _says_what_was_granted(told, details, judge, (asked, polled))


def _says_what_was_granted(
    told: object, details: Details, judge: Judge, evidence: Sequence[Exchange]
) -> None:
    """Judge the details of a token response (RFC 9396 section 7)."""
    received = "none" if told is None else f"{json.dumps(told):.200}"
    granted = told if isinstance(told, list) else []
    judge.holds(
        "RFC9396-7-response",
        granted and all(isinstance(one, Mapping) and one.get("type") for one in granted),
        expected="authorization_details as an array of objects with a type",
        received=received,
        tolerated=told == [],
        evidence=evidence,
    )
    # What an earlier grant allowed may be merged in, and one value may stand for several.
    judge.holds(
        "RFC9396-7-response",
        all(_is_within(one, details) for one in granted if isinstance(one, Mapping)),
        expected="authorization_details of the types and for the actions that were asked for",
        received=received,
        tolerated=True,
        evidence=evidence,
    )


@verifies("RFC9126-scope")
def test_a_pushed_request_means_nothing_here(device: Device, judge: Judge) -> None:
    """A display that names a pushed authorization request has mistaken the endpoint."""
    codes_are_issued(device)

    asked = device.ask(device.device_authorization_request(plus=[PUSHED]), manner="malformed")

    judge.holds(
        "RFC9126-scope",
        asked.issued or (heard(asked) is Answer.INVALID_REQUEST and asked.status == 400),
        expected="codes, or 400 invalid_request",
        received=describe(asked),
        grave=asked.status >= 500,
        evidence=(asked,),
    )


@verifies("RFC8707-2-resource")
def test_a_resource_may_be_named(device: Device, judge: Judge) -> None:
    """A display names the resource that its token is for, or two of them."""
    codes_are_issued(device)
    one, two = ([("resource", resource) for resource in RESOURCES[:n]] for n in (1, 2))

    asked = device.ask(device.device_authorization_request(plus=one), manner="malformed")

    judge.holds(
        "RFC8707-2-resource",
        asked.issued or (heard(asked), _error(asked)) == (Answer.OTHER, "invalid_target"),
        expected="codes, or 400 invalid_target",
        received=describe(asked),
        grave=asked.status >= 500,
        evidence=(asked,),
    )
    twice = device.ask(device.device_authorization_request(plus=two), manner="malformed")
    supported = body_of(twice).get("error") == "invalid_target" or twice.issued
    judge.holds(
        "RFC8707-2-resource",
        supported or not asked.issued,
        expected="two resources to be as good as one, unless resource is unknown here",
        received=describe(twice),
        evidence=(asked, twice),
    )


def _grantable(target: Target) -> Details:
    """Details that the target should grant; raises `NotApplicable` if it advertises none."""
    types = target.metadata.get("authorization_details_types_supported")
    if target.authorization_details:
        return target.authorization_details
    if not isinstance(types, list) or not types or not isinstance(types[0], str):
        raise NotApplicable("the target does not advertise authorization_details")
    return [{"type": types[0]}]


def _asks(device: Device, details: str, manner: Manner = "lawful") -> Exchange:
    request = device.device_authorization_request(plus=[("authorization_details", details)])
    return device.ask(request, manner=manner)


def _is_within(granted: Mapping[str, Any], asked: Details) -> bool:
    """Whether an object is one of those asked for, perhaps enriched (RFC 9396 section 7.1).

    Where a request names none of the rights, or leaves an array empty, the server may fill it in.
    """
    return any(
        granted.get("type") == one["type"]
        and all(
            set(map(str, granted[name])) <= set(map(str, one[name]))
            for name in RIGHTS
            if _listed(one.get(name)) and _listed(granted.get(name))
        )
        for one in asked
    )


def _listed(values: object) -> bool:
    return isinstance(values, list) and bool(values)


def _error(exchange: Exchange) -> str | None:
    return exchange.response.error if exchange.response is not None else None
