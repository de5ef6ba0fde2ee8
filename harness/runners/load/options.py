"""The options that `locust` gets from us, which `devicegrant load` fills in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.runners.load.plan import FLAG, RATE
from harness.runners.load.profile import Profile
from harness.runners.load.thresholds import Threshold, read_thresholds
from simulators.announced import DEFAULT_INTERVAL

SHARES = {
    "approve": "share of people who approve (with --deny, --abandon)",
    "deny": "share of people who deny",
    "abandon": "share of people who never come",
    "mistype": "share of people who type the code wrong at first",
    "disobedient": "share of devices that ignore interval and slow_down",
    "doubled": "share of devices whose polls arrive twice at once",
}


def add_options(parser: Any) -> None:
    """Add our options to Locust's parser."""
    add: Callable[..., Any] = parser.add_argument
    add("--target", metavar="FILE|URL", env_var="DEVICEGRANT_TARGET", help="whom to load")
    add("--client-id", env_var="DEVICEGRANT_CLIENT_ID", help="the client, if --target is a URL")
    add("--scope", env_var="DEVICEGRANT_SCOPE", help="the scope that devices ask for")
    add("--rate", type=float, default=RATE, help="requests per second that are never exceeded")
    add("--played-as", choices=("users", "fleet"), default="users", help="a Locust user for each")
    add("--devices", type=int, default=0, help="devices that wait; as many as users by default")
    add("--arrivals", default="", help="when devices come (fleet), see docs/load-my-provider.md")
    add("--trouble", help="what goes wrong between devices and server")
    add("--connections", type=int, default=256, help="polls that a fleet has under way at most")
    add("--new-connections", action="store_true", help="a new connection for each poll")
    add("--slo", action="append", metavar="FIGURE<=LIMIT|FILE", help="what must hold; repeatable")
    for name, told in SHARES.items():
        add(f"--{name}", type=float, help=told)
    add("--seconds", type=float, default=0.0, help="when no more devices come, as --run-time")
    add("--load-seed", default="", help="whom and when chance picks; a text")
    add("--interval-seen", type=float, default=DEFAULT_INTERVAL, help="the announced interval, s")
    add("--thoughts", type=float, default=3.0, help="on how many pages people stop to think")
    add("--thoughts-by-link", type=float, default=2.0, help="the same for those who scan")
    add("--page-seconds", type=float, default=0.5, help="how long the pages take without that")
    add("--no-tables", action="store_true", help="leave out Locust's own tables")
    add("--quiet", action="store_true", help="say nothing but what is wrong")
    add("--server-pid", type=int, default=0, help="the process of the server, if it is ours")
    add("--summary", metavar="FILE", help="write the figures as JSON")
    add("--page", metavar="FILE", help="write the page with the charts")
    add("--run-id", default="", help="the name of the run in the summary")
    add(FLAG, action="store_true", dest="permitted", help="load a target on another machine")


def thresholds_of(words: list[str] | None, profile: type[Profile]) -> tuple[Threshold, ...]:
    """What must hold: the words of the command line, and of the profile what they do not touch."""
    wanted = read_thresholds(words or [])
    named = {one.metric for one in wanted}
    usual = read_thresholds(profile.thresholds)
    return (*wanted, *(one for one in usual if one.metric not in named))
