"""Which devicegrant this is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

NAME = "devicegrant"


@cache
def version() -> str:
    """The version of the checkout that this is, or of the installed distribution."""
    # Imported late: neither is needed to start.
    import tomllib

    checkout = Path(__file__).parents[2] / "pyproject.toml"
    try:
        project = tomllib.loads(checkout.read_text("utf-8"))["project"]
        if project["name"] == NAME:
            return str(project["version"])
    except (OSError, ValueError, KeyError):
        pass
    from importlib import metadata

    try:
        return metadata.version(NAME)
    except metadata.PackageNotFoundError:
        return "0"
