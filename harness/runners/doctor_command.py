"""`devicegrant doctor`: are the settings of a target right?  Costs one throw-away code at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from harness.redaction import Redactor
from harness.runners.stage import Venue
from harness.runners.venues import Wanted, venue_for
from harness.target import SECTION_OF, Target
from harness.transcript import Exchange
from harness.verdict import describe
from harness.wire import Answer
from harness.world import World
from reports.clean import clean
from reports.lines import BLANK, Line, line, paragraph
from reports.terminal import Terminal
from simulators.device import Device

_REMEDIES = {
    Answer.INVALID_CLIENT: "client_id, or its secret and `auth`, are not what the target knows",
    Answer.UNAUTHORIZED_CLIENT: "allow this client the device grant at the target",
    Answer.INVALID_SCOPE: "set `scope` to one that this client may ask for",
    Answer.INVALID_REQUEST: "the target misses a parameter; [extra.device_authorization] adds one",
    Answer.BUSY: "the target is busy; try again later",
    Answer.GARBLED: "that is no OAuth endpoint: is the address right?",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: "pass", "fail" or "warn", what was found, what to do."""

    verdict: str
    found: str
    remedy: str = ""


def examine(
    word: str | None,
    *,
    client_id: str | None = None,
    scope: str | None = None,
    plain: bool = False,
    stream: TextIO | None = None,
) -> int:
    """Print what was found; 0 if `check` can run, else 2.

    Raises `TargetError` for settings that cannot even be read.
    """
    terminal = Terminal(stream, plain=plain)
    venue = venue_for(word, Wanted(client_id=client_id, scope=scope))
    findings = []
    for finding in findings_about(venue):
        findings.append(finding)
        terminal.print(_lines(finding, terminal.width))
    failed = any(finding.verdict == "fail" for finding in findings)
    given = [word or "", f"--client-id {client_id}" if client_id else ""]
    given.append(f"--scope {scope!r}" if scope else "")
    ready = " ".join(["ready: devicegrant check", *filter(None, given)])
    told = "fix what is marked x first" if failed else ready
    terminal.print([BLANK, line((told.strip(), "bold red" if failed else "bold green"))])
    return 2 if failed else 0


def findings_about(venue: Venue) -> Iterator[Finding]:
    """Look at everything that a check depends on, cheapest first."""
    target = venue.target
    yield from _settings(target)
    world = venue.world()
    try:
        yield from _codes(world, target)
    finally:
        world.close()


def _settings(target: Target) -> Iterator[Finding]:
    yield Finding("pass", f"the settings of {target.name} can be read")
    for warning in target.warnings:
        yield Finding("warn", warning)
    where = "found in its metadata" if target.metadata else "named in the target file"
    yield Finding("pass", f"device authorization endpoint {target.device_authorization_endpoint}")
    yield Finding("pass", f"token endpoint {target.token_endpoint}, {where}")
    for role, section in SECTION_OF.items():
        if role not in target.clients:
            yield Finding("warn", f"without {section}, what needs it does not apply")
    if target.consent == "none":
        yield Finding(
            "warn",
            "nobody approves, so most scenarios do not apply",
            "add [users.alice] and [consent]; kind is forms, browser, command or hand",
        )
    elif target.consent == "hand":
        yield Finding("warn", "you approve by hand: be there while it runs")
    else:
        count = len(target.users)
        yield Finding("pass", f"people: {count}, who decide by {target.consent}")
        if count < 2:
            yield Finding("warn", "without a second person, what needs one does not apply")
    if target.resource is None:
        yield Finding("warn", "without [resource], no token is tried out on a resource")


def _codes(world: World, target: Target) -> Iterator[Finding]:
    device = Device(world, target.clients["public"])
    asked = device.ask()
    told = Redactor(target.secrets).see_all(world.transcript).text
    if not asked.issued:
        yield _no_codes(asked, told)
        return
    device.takes(asked)
    life = f"good for {device.expires_in:.0f} s, polled every {device.interval:.0f} s"
    yield Finding("pass", f"client {target.clients['public'].client_id} gets codes, {life}")
    polled = device.poll()
    if polled.answer in {Answer.PENDING, Answer.SLOW_DOWN}:
        yield Finding("pass", f"a poll is answered: {describe(polled)}")
        return
    remedy = _REMEDIES.get(polled.answer, "") if polled.answer else "is the address right?"
    yield Finding("fail", told(f"a poll is answered: {describe(polled)}"), remedy)


def _no_codes(asked: Exchange, told: object) -> Finding:
    remedy = _REMEDIES.get(asked.answer, "") if asked.answer else "does the address answer?"
    if asked.status in {404, 405}:
        remedy = "that is no device authorization endpoint: is the address right?"
    detail = ((asked.response.json() if asked.response else None) or {}).get("error_description")
    says = f' and says "{detail!s:.200}"' if detail else ""
    assert callable(told)
    return Finding("fail", told(f"no codes are issued: {describe(asked)}{says}"), remedy)


def _lines(finding: Finding, width: int) -> Iterator[Line]:
    mark, style = {"pass": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "bold red")}[
        finding.verdict
    ]
    yield from paragraph(clean(finding.found), width, lead=(f"{mark} ", style))
    if finding.remedy:
        yield from paragraph(clean(finding.remedy), width, lead=("try: ", "bold"), indent=2)
