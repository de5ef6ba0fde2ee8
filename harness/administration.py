"""How an account is closed under a waiting device: an operator's own commands.

The laws of this file: no shell is involved, every command has an end, and one that fails is the
settings' fault, never the target's.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.verdict import Inconclusive, NotApplicable

TIMEOUT = 60.0
"""Seconds that a command may take."""


class Administrator(Protocol):
    """Somebody who may change accounts; the reference server itself is one."""

    def disable(self, username: str) -> None:
        """Close an account."""
        ...

    def enable(self, username: str) -> None:
        """Open a closed account again."""
        ...

    def withdraw(self, username: str) -> None:
        """Take back all access that somebody has given to devices."""
        ...


@dataclass(frozen=True, slots=True)
class Commands:
    """`[admin]` of a target file: programs that are called with a user name as last word."""

    disable: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    withdraw: tuple[str, ...] = ()


class ByCommand:
    """Runs the commands of a target file.

    Raises `NotApplicable` for one that the file does not have, and `Inconclusive` for one that
    does not end with exit code 0 in time.
    """

    def __init__(self, commands: Commands, timeout: float = TIMEOUT) -> None:
        self._commands = commands
        self._timeout = timeout

    def disable(self, username: str) -> None:
        """Close an account."""
        if self._commands.enable == ():
            raise NotApplicable("needs admin.enable, a command that opens a closed account again")
        self._run("disable", self._commands.disable, username)

    def enable(self, username: str) -> None:
        """Open a closed account again."""
        self._run("enable", self._commands.enable, username)

    def withdraw(self, username: str) -> None:
        """Take back all access that somebody has given to devices."""
        self._run("withdraw", self._commands.withdraw, username)

    def _run(self, name: str, argv: Sequence[str], username: str) -> None:
        if not argv:
            raise NotApplicable(f"needs admin.{name}, a command that is called with a user name")
        try:
            done = subprocess.run(  # noqa: S603  (running the operator's own program is the point)
                [*argv, username],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            text = f"admin.{name} took longer than {self._timeout:g} s"
            raise Inconclusive(text, "settings") from None
        except (OSError, ValueError) as problem:
            raise Inconclusive(f"admin.{name} could not be run: {problem}", "settings") from None
        if done.returncode != 0:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            said = f": {lines[-1][:300]}" if lines else ""
            text = f"admin.{name} ended with exit code {done.returncode}{said}"
            raise Inconclusive(text, "settings")
