"""Which devicegrant this is."""

from __future__ import annotations

from importlib import metadata

NAME = "devicegrant"


def version() -> str:
    """The version of the installed distribution, or of the checkout that this is."""
    import tomllib
    from pathlib import Path

    checkout = Path(__file__).parents[2] / "pyproject.toml"
    try:
        project = tomllib.loads(checkout.read_text("utf-8"))["project"]
        if project["name"] == NAME:
            return str(project["version"])
    except (OSError, ValueError, KeyError):
        pass
    try:
        return metadata.version(NAME)
    except metadata.PackageNotFoundError:
        return "0"
