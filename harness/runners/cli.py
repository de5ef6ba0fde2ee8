"""The console command `devicegrant`: its commands and options; what they do stands elsewhere.

The laws of this file: it declares and imports nothing slow; whatever is wrong ends in one message
on stderr and an exit code (2 settings, 3 interrupted, 4 our own fault), never in a traceback.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import click

from harness.runners.ending import ended
from harness.runners.load.cli import load
from harness.runners.version import NAME, version

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_FILE = click.Path(path_type=Path)


class _Amount(click.FloatRange):
    """A number that is one: neither NaN nor infinite."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is no number that can be counted with.", param, ctx)
        return number


_SECONDS = _Amount(min=0)
_RATE = _Amount(min=0, min_open=True)
_TARGET_HELP = """TARGET is nothing (the embedded reference server, in virtual time), mutant:NAME,
an issuer URL, or the path of a target file."""
_SOCKET_HELP = """TARGET is nothing (the reference server on a loopback socket, in real time),
mutant:NAME (wrong in one way), an issuer URL, or the path of a target file."""
_PROFILES_HELP = "A group of requirements, such as core, oidc or bcp; repeatable."


def _show_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001
    if value:
        click.echo(f"{NAME} {version()}")
        ctx.exit()


class _Commands(click.Group):
    """Turns what a command returns or raises into an exit code and at most one message."""

    def invoke(self, ctx: click.Context) -> Any:
        code = ended(lambda: super(_Commands, self).invoke(ctx))
        ctx.exit(code)


@click.group(cls=_Commands, context_settings=_CONTEXT)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def commands() -> None:
    """Judges, plays and loads OAuth 2.0 device authorization grant (RFC 8628) implementations.

    \b
    Exit codes: 0 all is well, 1 the target fails, 2 the settings are wrong or the target cannot be
    reached, 3 something that is binding stayed undecided, 4 devicegrant itself broke.
    """


@commands.command(epilog=_TARGET_HELP)
@click.argument("target", required=False)
@click.option("--client-id", help="The client under test; needed where TARGET is a URL.")
@click.option("--scope", help="The scope that a normal request asks for.")
@click.option(
    "--patience",
    type=_SECONDS,
    default=60.0,
    show_default=True,
    help="The most that one scenario may wait in real time, in seconds.",
)
@click.option("--only", multiple=True, metavar="PREFIX", help="An id or its beginning; repeatable.")
@click.option(
    "--level",
    type=click.Choice(["must", "should", "may"]),
    default="may",
    show_default=True,
    help="The weakest level that is judged.",
)
@click.option("--profile", "profiles", multiple=True, metavar="NAME", help=_PROFILES_HELP)
@click.option("--strict", is_flag=True, help="A SHOULD that does not hold fails the run.")
@click.option("--seed", type=int, help="Repeats a run on the embedded server exactly.")
@click.option(
    "--rate",
    type=_RATE,
    default=10.0,
    show_default=True,
    help="Requests a second, outside this machine.",
)
@click.option("--intrusive", is_flag=True, help="Also what could disturb others: bursts, guesses.")
@click.option("--json", type=_FILE, metavar="FILE", help="Write the results.")
@click.option("--junit", type=_FILE, metavar="FILE", help="Write JUnit XML.")
@click.option("--html", type=_FILE, metavar="FILE", help="Write a page to read.")
@click.option("--transcript", type=_FILE, metavar="FILE", help="Write what crossed the wire.")
@click.option("--plain", is_flag=True, help="No colours, no moving status.")
@click.option("--quiet", is_flag=True, help="Only what failed, and the outcome.")
def check(**options: Any) -> int:
    """Judge an authorization server."""
    from harness.runners.check_command import Check, run_check

    return run_check(Check(**options))


@commands.command()
@click.argument("id", required=False, metavar="[ID]")
@click.option("--profile", "profiles", multiple=True, metavar="NAME", help=_PROFILES_HELP)
@click.option("--untested", is_flag=True, help="Only what nobody outside can decide, and why.")
@click.option("--markdown", is_flag=True, help="Print the page docs/coverage.md.")
@click.option("--plain", is_flag=True, help="No colours.")
def requirements(id: str | None, *, markdown: bool, **options: Any) -> int:  # noqa: A002
    """Show the catalogue of rules, or what is known about one of them."""
    if markdown:
        from harness.runners.coverage_page import coverage_page

        click.echo(coverage_page(), nl=False)
        return 0
    from harness.runners.requirements_command import show_requirements

    return show_requirements(id, **options)


@commands.command()
@click.argument("name", required=False)
@click.option("--kill", is_flag=True, help="Run the matrix: does every mutant get caught?")
@click.option("--seed", type=int, help="Of the servers in the matrix.")
@click.option("--markdown", is_flag=True, help="Print the page docs/museum.md.")
@click.option("--plain", is_flag=True, help="No colours.")
def mutants(name: str | None, *, kill: bool, seed: int | None, markdown: bool, plain: bool) -> int:
    """Show the servers that are wrong in one way each, with the bug that they repeat."""
    if markdown:
        from harness.runners.museum_page import museum_page

        click.echo(museum_page(), nl=False)
        return 0
    from harness.runners.mutants_command import SEED, kill_mutants, show_mutants

    if not kill:
        return show_mutants(name, plain=plain)
    return kill_mutants(name, seed=SEED if seed is None else seed, plain=plain)


@commands.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8628, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--issuer", metavar="URL", help="The address under which it is reached.")
@click.option("--lifetime", type=int, default=1800, show_default=True, help="Of codes, in seconds.")
@click.option("--interval", type=int, default=5, show_default=True, help="Of polls, in seconds.")
@click.option("--mutant", metavar="NAME", help="Be wrong in one way.")
@click.option("--seed", type=int, help="Repeat codes and tokens.")
@click.option("--accounts", type=click.IntRange(min=0), default=0, help="So many more people.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="Processes; see --store.")
@click.option("--store", type=_FILE, metavar="FILE", help="Keep all in SQLite, for many workers.")
@click.option("--write-target", type=_FILE, metavar="FILE", help="Write a target file for it.")
@click.option("--yes-expose-it", is_flag=True, help="Let other machines reach it.")
def serve(port: int, **options: Any) -> int:
    """Put the reference server on a socket of this machine."""
    from harness.runners.serve_command import serve as serve_it

    return serve_it(port, **options)


@commands.command(epilog=_SOCKET_HELP)
@click.argument("target", required=False)
@click.option("--client-id", help="The client that the device is.")
@click.option("--scope", help="The scope that it asks for.")
@click.option("--approve", type=_SECONDS, metavar="SECONDS", help="Somebody says yes after that.")
@click.option("--deny", type=_SECONDS, metavar="SECONDS", help="Somebody says no after that.")
@click.option("--lifetime", type=int, default=1800, help="Of the own server's codes, in seconds.")
@click.option("--interval", type=int, default=5, help="Of the own server's polls, in seconds.")
@click.option("--seed", type=int, help="Repeat the own server's codes.")
@click.option("--plain", is_flag=True, help="No colours, no moving picture.")
def device(target: str | None, **options: Any) -> int:
    """Play one device in the terminal: code, QR, polls, token."""
    from harness.runners.device_command import play_device

    return play_device(target, **options)


commands.add_command(load)


@commands.command()
@click.argument("transcript", type=_FILE)
@click.option("--only", multiple=True, metavar="PREFIX", help="An id or its beginning; repeatable.")
@click.option("--strict", is_flag=True, help="A SHOULD that does not hold fails.")
@click.option("--json", type=_FILE, metavar="FILE", help="Write the results.")
@click.option("--plain", is_flag=True, help="No colours.")
@click.option("--quiet", is_flag=True, help="Only what failed, and the outcome.")
def judge(transcript: Path, **options: Any) -> int:
    """Apply today's standing checks to a recorded run, offline."""
    from harness.runners.judge_command import judge_recording

    return judge_recording(transcript, **options)


@commands.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option("--plain", is_flag=True, help="No colours.")
def compare(old: Path, new: Path, *, plain: bool) -> int:
    """Compare two results of check, or two of load: fixed, broken, changed, new, gone.

    Exit codes: 0 nothing is worse, 1 something is, 2 a file is unusable.
    """
    from harness.runners.compare_command import compare_results

    return compare_results(old, new, plain=plain)


@commands.command()
@click.option("--issuer", metavar="URL", help="The issuer; its metadata is looked up.")
@click.option("--client-id", help="A client that may use the device grant.")
@click.option("--scope", help="The scope that a normal request asks for.")
@click.option("--out", type=_FILE, default=Path("target.toml"), show_default=True, metavar="FILE")
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def init(**options: Any) -> int:
    """Write a target file with comments, filled in as far as the server tells."""
    from harness.runners.init_command import write_target

    return write_target(**options)


@commands.command(epilog=_TARGET_HELP)
@click.argument("target", required=False)
@click.option("--client-id", help="The client under test; needed where TARGET is a URL.")
@click.option("--scope", help="The scope that a normal request asks for.")
@click.option("--plain", is_flag=True, help="No colours.")
def doctor(target: str | None, **options: Any) -> int:
    """Check the settings of a target, with one throw-away code at most."""
    from harness.runners.doctor_command import examine

    return examine(target, **options)


@commands.command(epilog=_TARGET_HELP)
@click.argument("target", required=False)
@click.option("--client-id", help="The client under test; needed where TARGET is a URL.")
@click.option("--scope", help="The scope that a normal request asks for.")
@click.option("--patience", type=_SECONDS, default=60.0, show_default=True, help="Seconds.")
@click.option("--only", multiple=True, metavar="PREFIX", help="An id or its beginning; repeatable.")
@click.option("--level", type=click.Choice(["must", "should", "may"]), default="may")
@click.option("--profile", "profiles", multiple=True, metavar="NAME", help=_PROFILES_HELP)
@click.option("--rate", type=_RATE, default=10.0)
@click.option("--intrusive", is_flag=True, help="Also what could disturb others.")
@click.option("--plain", is_flag=True, help="No colours.")
def plan(target: str | None, **options: Any) -> int:
    """Say what `check` would do: scenarios, requests, seconds and human acts."""
    from harness.runners.plan_command import show_plan

    return show_plan(target, **options)


def main() -> None:
    """The console command."""
    sys.exit(commands.main(prog_name=NAME, standalone_mode=True))


if __name__ == "__main__":
    main()
