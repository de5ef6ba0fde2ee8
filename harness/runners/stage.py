"""Where scenarios play, and who is on stage: worlds and actors by the names of parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from harness.administration import Administrator, ByCommand
from harness.clock import VirtualClock, WallClock
from harness.consent import Consent, Person
from harness.requirements import on_violation
from harness.target import SECTION_OF, Client, Target
from harness.turns import Turns
from harness.verdict import Judge, NotApplicable
from harness.world import World
from simulators.device import Device
from simulators.user import User


class Venue(Protocol):
    """Makes a world for each scenario."""

    target: Target

    def world(self) -> World:
        """A fresh world."""
        ...


@dataclass(slots=True)
class Outside:
    """A target on a socket, in real time; one scenario may take `patience` seconds."""

    target: Target
    consent: Consent
    patience: float = float("inf")

    def world(self) -> World:
        """A world with a wall clock and connections of its own."""
        from harness.transports import Socket  # httpx costs 0.1 s, which virtual time need not pay

        admin = self.target.admin
        return World(
            self.target,
            WallClock(self.patience),
            lambda: Socket(self.target),
            self.consent,
            administrator=ByCommand(admin) if admin is not None else None,
        )


@dataclass(slots=True)
class Inside:
    """A server in this process, in virtual time; a new one for every world."""

    target: Target
    consent: Consent
    serve: Callable[[VirtualClock], Any]
    thorough: bool = True
    seed: int | str | None = None

    def world(self) -> World:
        """A world with a virtual clock and a server of its own."""
        clock = VirtualClock()
        server = self.serve(clock)
        return World(
            self.target,
            clock,
            lambda: server,
            self.consent,
            administrator=server,
            thorough=self.thorough,
            turns=Turns(self.seed),
        )


class Stage:
    """Hands a scenario the actors that its parameters name; made when first asked for."""

    def __init__(
        self,
        world: World,
        judge: Judge | None = None,
        fresh: Callable[[], World] | None = None,
    ) -> None:
        self.world = world
        self.judge = judge or Judge(on_violation)
        self._fresh = fresh
        self._present: dict[str, Any] = {"world": world, "judge": self.judge}

    def cast(self, body: Callable[..., Any]) -> dict[str, Any]:
        """Arguments for `body`; raises `NotApplicable` if the target lacks somebody."""
        return {name: self.actor(name) for name in _parameters(body)}

    def actor(self, name: str) -> Any:
        """The actor of that name; raises `NotApplicable`, or KeyError for an unknown name."""
        if name not in self._present:
            self._present[name] = ACTORS[name](self)
        return self._present[name]

    def again(self) -> Stage:
        """The same cast in a fresh world, for scenarios that play many histories."""
        if self._fresh is None:
            raise NotApplicable("needs a venue that makes worlds")
        return Stage(self._fresh(), fresh=self._fresh)

    def client(self, role: str) -> Client:
        """The client registration for `role`; raises `NotApplicable` if there is none."""
        clients = self.world.target.clients
        # A client in another section that authenticates in the wanted way will do as well.
        client = clients.get(role) or next((c for c in clients.values() if c.auth == role), None)
        if client is None:
            raise NotApplicable(f"needs {SECTION_OF[role]}")
        if role == "confidential" and client.client_secret is None:
            raise NotApplicable("needs [clients.confidential] with a client_secret")
        return client

    def administrator(self) -> Administrator:
        """Whoever may change accounts; raises `NotApplicable` if nobody can."""
        if self.world.administrator is None:
            raise NotApplicable("needs [admin], commands that close and open accounts")
        return self.world.administrator

    def revoker(self) -> Client:
        """The public client, or the one with a secret if only such clients may revoke."""
        name = "revocation_endpoint_auth_methods_supported"
        methods = self.world.target.metadata.get(name)
        barred = isinstance(methods, list) and "none" not in methods
        return self.client("confidential" if barred else "public")

    def person(self, index: int) -> Person:
        """The first or second person; raises `NotApplicable` if there is none."""
        users = self.world.target.users
        kind = self.world.target.consent
        if kind == "none":
            raise NotApplicable("needs somebody who approves: see consent.kind")
        if index < len(users):
            return users[index]
        if kind == "hand" and index == 0:
            return Person("you", "")
        raise NotApplicable(f"needs {'a second person' if index else 'a person'} under [users]")


@cache
def _parameters(body: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(body).parameters)


ACTORS: dict[str, Callable[[Stage], Any]] = {
    "target": lambda stage: stage.world.target,
    "again": lambda stage: stage.again,
    "device": lambda stage: Device(stage.world, stage.client("public"), "display"),
    "other_device": lambda stage: Device(stage.world, stage.client("public"), "other display"),
    "stranger": lambda stage: Device(stage.world, stage.client("second"), "radio"),
    "kiosk": lambda stage: Device(stage.world, stage.client("confidential"), "kiosk"),
    "signage": lambda stage: Device(stage.world, stage.client("credentials"), "signage"),
    "outsider": lambda stage: Device(stage.world, stage.client("unauthorized"), "outsider"),
    "meter": lambda stage: Device(stage.world, stage.client("private_key_jwt"), "meter"),
    "sensor": lambda stage: Device(stage.world, stage.client("client_secret_jwt"), "sensor"),
    "turbine": lambda stage: Device(stage.world, stage.client("tls_client_auth"), "turbine"),
    "drone": lambda stage: Device(stage.world, stage.client("dpop_bound"), "drone"),
    "buoy": lambda stage: Device(stage.world, stage.client("certificate_bound"), "buoy"),
    "locker": lambda stage: Device(stage.world, stage.client("restricted"), "locker"),
    "owner": lambda stage: Device(stage.world, stage.revoker(), "display"),
    "other_owner": lambda stage: Device(stage.world, stage.revoker(), "other display"),
    "administrator": lambda stage: stage.administrator(),
    "user": lambda stage: User(stage.world, stage.person(0)),
    "other_user": lambda stage: User(stage.world, stage.person(1)),
}
"""Who can be named as a parameter of a scenario."""
