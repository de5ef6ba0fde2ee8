"""Every choice that the server makes, one method each.

This is the seam for wrong servers: one of them is a subclass with one method overridden.  Each
method has a sentence on what it decides and the section that asks for the default.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from simulators.server.config import Config
from simulators.server.freedom import Freedom
from simulators.server.rules.assertions import AssertionRules
from simulators.server.rules.clients import ClientRules
from simulators.server.rules.extensions import ExtensionRules
from simulators.server.rules.pages import PageRules
from simulators.server.rules.polling import PollRules
from simulators.server.rules.sender import SenderRules
from simulators.server.rules.wire import WireRules

__all__ = ["Rules"]


class Rules(
    WireRules,
    ClientRules,
    AssertionRules,
    PollRules,
    SenderRules,
    ExtensionRules,
    PageRules,
):
    """All the rules of one server; an instance belongs to one server only."""

    def settle(self, config: Config, freedom: Freedom) -> None:
        """Take over the settings and the free choices, save those that are `pinned`."""
        self.config = config
        self.freedom = replace(freedom, **cast("dict[str, Any]", dict(self.pinned)))
