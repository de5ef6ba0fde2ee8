"""What no sign-in may show under load, whatever the load is: judged when it is over.

The laws of this file: the histories are those of the conformance suite; what is remembered of a
token is a number that tells it from others, never the token.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.histories import bad_histories, history_of
from harness.runners.load.quoting import quotes
from harness.transcript import Transcript
from harness.wire import Answer
from reports.strip import steps_of
from scenarios.claims import payload, subject
from simulators.device import Device

WHOSE = "UA-user-identity"
"""The requirement that a token belongs to whoever approved."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that did not hold: its requirement, what is wrong, and what happened."""

    requirement: str
    says: str
    timeline: list[str]


@dataclass(slots=True)
class Memory:
    """What the sign-ins of a process have in common."""

    tokens: dict[int, str] = field(default_factory=dict)
    """Who approved what bought each token, by its mark."""
    subjects: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def sold_before(self, token: str, approver: str) -> bool:
        """Whether a code that somebody else approved has bought this very token before.

        A server may hand the same living token again to the same person; "" is nobody.
        """
        return self.tokens.setdefault(hash(token), approver) != approver

    def contradicts(self, person: str, subject: str) -> str:
        """What is wrong if a token of `person` names `subject`, or nothing."""
        first = self.subjects.setdefault(person, subject)
        owner = self.people.setdefault(subject, person)
        if owner != person:
            return f"a token that {person} approved is {owner}'s"
        if first != subject:
            return f"tokens that {person} approved are two different people's"
        return ""


def owner_of(device: Device) -> str | None:
    """Whose token a device has, as far as the target tells; raises `Inconclusive` without one."""
    if "openid" not in device.world.target.scope.split():
        return None
    if device.answers[-1] is Answer.TOKEN:
        return subject(device)
    # A poll after it may lawfully have cost the token its life (RFC 6749 section 4.1.2).
    named = payload(str(device.token_response.get("id_token", ""))).get("sub")
    return named if isinstance(named, str) else None


def broken_in(transcript: Transcript, device_code: str) -> Iterator[Broken]:
    """The laws of histories that one code's life breaks; the shortest proof of each."""
    history = history_of(transcript, device_code)
    told: set[str] = set()
    for bad in bad_histories(history) if history is not None else []:
        if not bad.tolerated and bad.requirement not in told:
            told.add(bad.requirement)
            yield Broken(bad.requirement, bad.says, story(transcript, device_code))


def story(transcript: Transcript, device_code: str) -> list[str]:
    """What happened to a code, a line for each step, with seconds since it was issued."""
    fit = quotes(transcript)
    return [f"{step.at:.3f} {fit(step.word)}" for step in steps_of(transcript, device_code)]
