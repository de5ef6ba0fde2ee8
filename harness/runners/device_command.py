"""`devicegrant device`: plays one display in the terminal, from the code to its token."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TextIO

from harness.clock import WallClock
from harness.consent import Codes, Consent, Person, consent_from
from harness.runners.device_result import opened, outcome
from harness.runners.device_screen import YOUR_TURN, Screen, Shown, printable, screen_for
from harness.runners.stage import Outside
from harness.runners.venues import Wanted, venue_for
from harness.target import Target, TargetError
from harness.transcript import Exchange
from harness.transports import Socket
from harness.verdict import Inconclusive, NotApplicable, describe
from harness.wire import Answer
from harness.world import Behaviour, World
from simulators.device import SLOW_DOWN_STEP, Device
from simulators.user import User

INTERRUPTED = 130
"""The exit code of whatever Ctrl-C has ended."""
REDRAW_EVERY = 0.5
"""Seconds between two pictures of the countdown."""


def play_device(
    target_word: str | None = None,
    *,
    client_id: str | None = None,
    scope: str | None = None,
    approve: float | None = None,
    deny: float | None = None,
    lifetime: int = 1800,
    interval: int = 5,
    seed: int | None = None,
    plain: bool = False,
    out: TextIO | None = None,
) -> int:
    """Play one device; return the exit code: 0 token, 1 none, 2 settings, 130 interrupted.

    `target_word` is a target file or an issuer; without one the reference server is started, with
    `lifetime` and `interval` (seconds).  After `approve` or `deny` seconds a simulated person says
    yes or no through the target's pages; without either, that is left to whoever watches.
    """
    out = out or sys.stdout
    screen = screen_for(out, plain=plain)
    try:
        with _stage(target_word, client_id, scope, lifetime, interval, seed) as stage:
            target, consent, hint = stage
            world = World(target, WallClock(), lambda: Socket(target), consent)
            try:
                return play(world, screen, approve=approve, deny=deny, sign_in=hint)
            finally:
                world.close()
    except TargetError as problem:
        print(f"devicegrant device: {problem}", file=sys.stderr)
        return 2
    except OSError as problem:
        print(f"devicegrant device: no server could be started: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        screen.closes()
        print("\nswitched off; the code expires by itself", file=out, flush=True)
        return INTERRUPTED


def play(
    world: World,
    screen: Screen,
    *,
    approve: float | None = None,
    deny: float | None = None,
    sign_in: str = "",
) -> int:
    """Play one device in `world`; return 0 if it got a token, else 1.

    `sign_in` is what the person who watches needs in order to sign in.  Raises `TargetError` if
    there is nobody who could be simulated.
    """
    device = Device(world, world.target.clients["public"])
    try:
        wish = _wish(world, approve, deny)
        device.begin()
        show = _Show(device, screen, _shown(device, wish, sign_in))
        screen.shows(show.shown)
        world.run(show.polls(), show.counts_down(), *([show.visit(wish)] if wish else []))
        answer = device.answers[-1] if device.answers else None
        show.shown.turn = outcome(answer)
        lines = [outcome(answer), *(opened(device) if answer is Answer.TOKEN else ())]
        screen.ends(show.shown, lines)
    except (Inconclusive, NotApplicable) as problem:
        screen.closes()
        print(f"devicegrant device: {problem}", file=sys.stderr)
        return 1
    finally:
        screen.closes()
    return 0 if answer is Answer.TOKEN else 1


@dataclass(slots=True)
class _Wish:
    """What a simulated person will do, and when (seconds)."""

    person: Person
    after: float
    approves: bool


@dataclass(slots=True)
class _Show:
    """A device whose steps are seen."""

    device: Device
    screen: Screen
    shown: Shown
    _seen: int = field(default=0)
    _over: bool = field(default=False)

    def polls(self) -> Behaviour:
        """Poll politely and show every answer."""
        self._note(0.0, "code")
        for pause in self.device.polls_politely():
            self._look()
            yield pause
        self._over = True
        self._look()

    def counts_down(self) -> Behaviour:
        """Keep the picture moving."""
        while self.screen.moves and not self._over:
            yield REDRAW_EVERY
            self.shown.age = self.device.age
            self.screen.moved(self.shown)

    def visit(self, wish: _Wish) -> Behaviour:
        """Let the simulated person decide, and show that."""
        user = User(self.device.world, wish.person)
        yield from (user.approves if wish.approves else user.denies)(self.device, wish.after)
        word = "approved" if wish.approves else "denied"
        self.shown.turn = f"{wish.person.username} has {word}: the device hears it at its next poll"
        self._note(self.device.age, word, f"{wish.person.username} has {word}, simulated")

    def _look(self) -> None:
        for poll in self.device.polls[self._seen :]:
            self._seen += 1
            self._note(poll.ended - self._issued, *self._words(poll))

    @property
    def _issued(self) -> float:
        return self.device.issued.ended if self.device.issued else 0.0

    def _words(self, poll: Exchange) -> tuple[str, str]:
        """The answer to one poll, short for the strip and long for a line."""
        answer = poll.answer
        if answer is Answer.PENDING:
            return "pending", f"authorization_pending, next poll in {self.device.pause:.0f} s"
        if answer is Answer.SLOW_DOWN:
            step = f"(+{SLOW_DOWN_STEP:.0f})"
            return f"slow_down{step}", f"slow_down, from now on every {self.device.pause:.0f} s"
        short = answer.value if answer is not None else "no answer"
        return short, printable(describe(poll))

    def _note(self, age: float, short: str, long: str = "") -> None:
        self.shown.age = max(age, 0.0)
        self.shown.strip.append(f"{age:.1f} {short}")
        self.screen.moved(self.shown, long)


def _shown(device: Device, wish: _Wish | None, sign_in: str) -> Shown:
    target = device.world.target
    codes = device.codes
    turn = YOUR_TURN
    if wish is not None:
        word = "approves" if wish.approves else "denies"
        turn = f"{wish.person.username} {word} after {wish.after:.0f} s (simulated)"
    return Shown(
        codes=Codes(
            printable(codes.user_code),
            printable(codes.verification_uri),
            printable(codes.verification_uri_complete or "") or None,
        ),
        client_id=device.client.client_id,
        server=target.issuer or target.token_endpoint,
        expires_in=device.expires_in,
        turn=turn,
        sign_in="" if wish is not None else sign_in,
    )


def _wish(world: World, approve: float | None, deny: float | None) -> _Wish | None:
    if approve is None and deny is None:
        return None
    if approve is not None and deny is not None:
        raise TargetError("a simulated person either approves or denies, not both")
    if not world.target.users or world.target.consent == "none":
        raise TargetError(
            "nobody can be simulated: the target file needs [users.alice] and [consent]"
        )
    after = approve if approve is not None else deny
    return _Wish(world.target.users[0], max(0.0, after or 0.0), approve is not None)


@contextlib.contextmanager
def _stage(
    word: str | None,
    client_id: str | None,
    scope: str | None,
    lifetime: int,
    interval: int,
    seed: int | None,
) -> Iterator[tuple[Target, Consent, str]]:
    """The target to play at, the way to its people, and how to sign in there if that is known."""
    mutant = word.removeprefix("mutant:") if word and word.startswith("mutant:") else None
    if word is not None and mutant is None:
        venue = venue_for(word, Wanted(client_id=client_id, scope=scope))
        assert isinstance(venue, Outside)
        yield venue.target, venue.consent, ""
        return
    from harness.runners.reference import reference_server, reference_target
    from simulators.server import Server
    from simulators.server.asgi import listening

    made: list[Server] = []

    def factory(address: str) -> Server:
        made.append(
            reference_server(
                address, lifetime=lifetime, interval=interval, mutant=mutant, seed=seed
            )
        )
        return made[0]

    with listening(factory):
        target = reference_target(made[0])
        if scope is not None:
            target = replace(target, scope=scope)
        person = target.users[0]
        yield target, consent_from("forms"), f"{person.username}, password {person.password}"
