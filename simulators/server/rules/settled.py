"""What every group of rules may look at: the settings and the free choices of its server."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from simulators.server.config import Config
from simulators.server.freedom import Freedom


class Settled:
    """Settings and free choices, filled in by the server that the rules belong to.

    `pinned` are free choices that a subclass needs in one way, whatever the seed says: each of
    them lawful in itself, so that a wrong rule can show.
    """

    pinned: ClassVar[Mapping[str, object]] = MappingProxyType({})

    issuer_path: ClassVar[str] = ""
    """What a subclass needs the issuer to end in, so that a wrong rule can show; lawful, too."""

    config: Config = Config()
    freedom: Freedom = Freedom()
