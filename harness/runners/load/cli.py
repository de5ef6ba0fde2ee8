"""The command `devicegrant load` and its options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

_FILE = click.Path(path_type=Path)
_COUNT = click.IntRange(min=1)
_EPILOG = """TARGET is nothing (the reference server on a loopback socket), mutant:NAME (wrong in
one way), an issuer URL, or the path of a target file.  See docs/load-my-provider.md."""


@click.command(epilog=_EPILOG)
@click.argument("target", required=False)
@click.option("--profile", default="steady_state", show_default=True, metavar="NAME")
@click.option("--devices", type=_COUNT, default=200, show_default=True, help="That wait at once.")
@click.option("--duration", type=float, default=60.0, show_default=True, help="Seconds.")
@click.option("--as", "played_as", type=click.Choice(["fleet", "users"]), help="How devices live.")
@click.option("--processes", type=_COUNT, default=1, show_default=True)
@click.option("--arrivals", metavar="WORDS", help='When devices come, such as "poisson 12/s".')
@click.option("--ramp", type=float, help="Seconds in which devices come (--as users).")
@click.option("--rate", type=float, help="Requests a second that the run may reach.")
@click.option("--connections", type=_COUNT, help="Polls under way at once in each process.")
@click.option("--new-connections", is_flag=True, help="A new connection for each poll.")
@click.option("--trouble", metavar="WORDS", help='What goes wrong between, such as "5% 503".')
@click.option("--client-id", help="The client that the devices are.")
@click.option("--scope", help="The scope that they ask for.")
@click.option("--approve", type=float, metavar="SHARE", help="People who say yes.")
@click.option("--deny", type=float, metavar="SHARE", help="People who say no.")
@click.option("--abandon", type=float, metavar="SHARE", help="People who never come.")
@click.option(
    "--mistype", type=float, metavar="SHARE", help="People who type the code wrong at first."
)
@click.option(
    "--disobedient", type=float, metavar="SHARE", help="Devices that ignore interval and slow_down."
)
@click.option(
    "--doubled", type=float, metavar="SHARE", help="Devices whose polls arrive twice at once."
)
@click.option("--slo", multiple=True, metavar="WORDS|FILE", help="What must hold; repeatable.")
@click.option("--find-limit", "find", is_flag=True, help="Raise the devices until it does not.")
@click.option("--most", type=_COUNT, help="Devices up to which --find-limit goes.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write the page with the charts.")
@click.option("--json", type=_FILE, metavar="FILE", help="Write the figures.")
@click.option("--locust-html", type=_FILE, metavar="FILE", help="Write Locust's own page.")
@click.option("--locust-csv", type=_FILE, metavar="PREFIX", help="Write Locust's own tables.")
@click.option("--seed", type=int, help="Repeat what chance decides.")
@click.option("--lifetime", type=int, default=600, show_default=True, help="Of own codes, seconds.")
@click.option("--interval", type=int, default=5, show_default=True, help="Of own polls, seconds.")
@click.option("--i-may-load-this-target", is_flag=True, help="Needed outside this machine.")
def load(target: str | None, **options: Any) -> int:
    """Put a server under the load of many devices, and judge every answer."""
    from harness.runners.load.command import run_load

    given = {name: one for name, one in options.items() if one is not None}
    return run_load(target, **given)
