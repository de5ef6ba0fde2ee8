"""The second runner: `pytest scenarios --target TARGET` comes to the same verdicts as `check`.

The laws of this file: hooks and options only; what is played, judged and printed comes from the
modules that the command line uses.  No fixtures, no `--host`, and nothing of Locust's.
"""

from __future__ import annotations

import inspect
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.runners.pytest_run import PytestRun, ScenarioItem

UNDECIDED = 3
"""The exit code when nothing failed but a MUST stayed open, as for `devicegrant check`."""
_STATUS: dict[str, tuple[str, str, Any]] = {
    "fail": ("failed", "F", ("FAILED", {"red": True})),
    "error": ("failed", "F", ("BROKE", {"red": True})),
    "warn": ("warned", "W", ("WARNED", {"yellow": True})),
    "known": ("known", "k", ("KNOWN", {"cyan": True})),
    "inconclusive": ("inconclusive", "I", ("INCONCLUSIVE", {"purple": True})),
    "not_applicable": ("n/a", "-", ("N/A", {"yellow": True})),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of `devicegrant check`; `--strict` is pytest's own and counts here, too."""
    add = parser.getgroup("devicegrant", "device authorization grant (RFC 8628)").addoption
    add("--target", metavar="TARGET", help="target file, issuer URL or mutant:NAME")
    add("--client-id", metavar="ID", help="the client under test, where the target is a URL")
    add("--scope", metavar="SCOPE", help="the scope that a normal request asks for")
    add("--patience", metavar="SECONDS", type=float, default=60.0, help="wait of one scenario")
    add("--seed", metavar="N", type=int, help="repeat a run on the embedded server")
    add("--only", metavar="PREFIX", action="append", default=[], help="ids; repeatable")
    add("--level", choices=("must", "should", "may"), default="may", help="weakest level judged")
    add("--profile", metavar="NAME", action="append", default=[], help="repeatable")
    add("--rate", metavar="N", type=float, default=10.0, help="requests a second, elsewhere")
    add("--intrusive", action="store_true", help="also what could disturb others")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers that scenarios carry."""
    for mark in (
        "scenario: a scenario that judges the target",
        "alone: a scenario that can disturb others and plays after the rest",
        "virtual_only: a scenario that plays in virtual time only",
    ):
        config.addinivalue_line("markers", mark)


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is judged."""
    return f"devicegrant: target {config.getoption('target') or 'the embedded server'}"


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> ScenarioItem | None:
    """Turn a function that `@verifies` marked into an item that the engine plays."""
    if not (isinstance(collector, pytest.Module) and name.startswith("test_")):
        return None
    if not (inspect.isfunction(obj) and hasattr(obj, "scenario")):
        return None
    from harness.runners.pytest_run import ScenarioItem

    return ScenarioItem.of(collector, name, obj)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Find the target, and leave out scenarios that are no evidence for what is wanted."""
    from harness.runners import pytest_run

    scenarios = [item for item in items if isinstance(item, pytest_run.ScenarioItem)]
    if not scenarios or config.option.collectonly:
        return
    run = pytest_run.prepared(config)
    unwanted = [item for item in scenarios if not run.wants(item.play)]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if item not in unwanted]


def pytest_collection_finish(session: pytest.Session) -> None:
    """In real time start everything that was selected at once."""
    run = _run(session.config)
    # Each xdist worker collects everything and runs a part: there they start one by one.
    if run is not None and not hasattr(session.config, "workerinput"):
        run.start(session.items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give a scenario's report its own duration and its verdicts, as plain data for xdist."""
    report = yield
    from harness.runners.pytest_run import ScenarioItem

    if isinstance(item, ScenarioItem) and call.when == "call" and item.told is not None:
        report.duration = item.told.seconds
        report.devicegrant = item.told.as_data()  # type: ignore[attr-defined]
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, Any] | None:
    """Show a verdict by its own name; a plain pass is pytest's."""
    told = getattr(report, "devicegrant", None)
    if told is None or report.when != "call":
        return None
    return _STATUS.get(told["verdict"])


class _Collected:
    """What all reports said, by requirement; works behind xdist, too."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.verdicts: dict[str, list[str]] = {}
        self.lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = getattr(report, "devicegrant", None)
        if told is not None and report.when == "call":
            for requirement, verdict in told["verdicts"].items():
                self.verdicts.setdefault(requirement, []).append(verdict)
            self.lines += told["lines"]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == 0 and self.verdicts:
            from harness.runners.pytest_run import stale, undecided

            known = stale(self._config, self.verdicts)
            if known:
                self.lines += known
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            elif undecided(self.verdicts):
                session.exitstatus = UNDECIDED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.verdicts:
            from harness.runners.pytest_run import summary

            terminalreporter.section("device authorization grant", sep="-")
            for text in summary(self._config, self.verdicts, self.lines):
                terminalreporter.write_line(text)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Collect what reports say, in the process that reports."""
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_Collected(session.config), "devicegrant-collected")


def _run(config: pytest.Config) -> PytestRun | None:
    from harness.runners.pytest_run import RUN

    return config.stash.get(RUN, None)
