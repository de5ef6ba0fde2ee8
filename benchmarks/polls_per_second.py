"""How many polls a second the reference server answers, beside what uvicorn and others manage.

    python benchmarks/polls_per_second.py [--provider DIR]... [--seconds 3] [--rounds 5]

Needs wrk and taskset.  Everybody gets the same requests: POSTs that poll pending codes, issued
beforehand.  They come far too fast, so the reference server mostly says slow_down, which costs as
much as authorization_pending.  The servers are pinned to one core and wrk to another; each round
goes through all of them in turn, so that whatever else the machine does hits everybody alike.
Trust the ratios, not the absolute figures.

DIR is a folder under examples/providers, or a copy of one: its start.sh starts the provider on
PORT, and its client is that of the target file of the same name under examples/targets.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pinned

sys.path.insert(0, str(pinned.ROOT))

from harness.target import Client, Target, TargetError
from harness.target_file import read_target
from harness.transports import Socket
from harness.wire import DEVICE_CODE_GRANT, Answer, NoAnswer, Request, answer_of

HALF_OF_EMPTY = 0.5
TIMES_OIDC_PROVIDER = 2.5
OIDC_PROVIDER = "oidc-provider"
WAITING = {Answer.PENDING, Answer.SLOW_DOWN}
TARGETS = pinned.ROOT / "examples" / "targets"

EMPTY = """
import sys
import uvicorn
from simulators.server import asgi
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"2")]
async def app(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 400, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"{}"})
config = asgi._settings(app)
config.port = int(sys.argv[1])
uvicorn.Server(config).run()
"""
REFERENCE = """
import sys
from harness.runners.serve_command import serve
sys.exit(serve(int(sys.argv[1]), lifetime=86400))
"""
LUA = """
local bodies = { %s }
local requests, turn = {}, 0
function init(args)
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  for index, body in ipairs(bodies) do
    requests[index] = wrk.format("POST", "%s", headers, body)
  end
end
function request()
  turn = turn %% #requests + 1
  return requests[turn]
end
"""


@dataclass(slots=True)
class Contestant:
    """A server, how to start it, and how fast it was, round by round.

    One without a target has no codes and answers everything alike.
    """

    name: str
    command: list[str]
    target: Target | None = None
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    script: str = ""
    rates: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def reference(port: int = 0) -> Contestant:
    target = Target("", "", "", clients={"public": Client("tv")}, scope="openid profile")
    return Contestant("reference server", [sys.executable, "-c", REFERENCE], target, port=port)


def provider(folder: Path) -> Contestant:
    name = folder.resolve().name
    try:
        target = read_target(TARGETS / f"{name}.toml")
    except TargetError as problem:
        raise SystemExit(f"{folder}: {problem}") from None
    lasting = {"TTL": "3600"}  # seconds; nanoidp takes no more
    return Contestant(name, ["sh", str(folder / "start.sh")], target, environment=lasting)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(contestant: Contestant, log: Path) -> Iterator[None]:
    contestant.port = free_port()
    environment = {**pinned.environment(), **contestant.environment, "PORT": str(contestant.port)}
    command = ["taskset", "-c", str(pinned.SERVER_CORE), *contestant.command]
    if contestant.command[0] == sys.executable:
        command.append(str(contestant.port))
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, env=environment, stdout=said, stderr=said, start_new_session=True
        )
    try:
        wait_for(contestant, process, log)
        yield
    finally:
        pinned.end(process)


def wait_for(contestant: Contestant, process: subprocess.Popen[bytes], log: Path) -> None:
    # The first start of a provider may have to install it.
    for _ in range(1800):
        if process.poll() is not None:
            raise SystemExit(f"{contestant.name} did not start:\n{log.read_text('utf-8')[-800:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", contestant.port)):
            return
        time.sleep(0.1)
    raise SystemExit(f"{contestant.name} does not listen")


def prepare(contestant: Contestant, codes: int, folder: Path) -> None:
    """Get codes and write the script that polls them; the empty endpoint gets the same bodies."""
    endpoint, bodies = "/token", [f"grant_type=x&device_code={n}&client_id=x" for n in range(codes)]
    if contestant.target is not None:
        endpoint, bodies = pending(contestant, contestant.target, codes)
    text = ", ".join(json.dumps(body) for body in bodies)
    file = folder / f"{contestant.name.replace(' ', '-')}.lua"
    file.write_text(LUA % (text, endpoint), "utf-8")
    contestant.script = str(file)


def pending(contestant: Contestant, target: Target, codes: int) -> tuple[str, list[str]]:
    """The path of the token endpoint, and polls of so many new codes."""
    line, client = Socket(target), ("client_id", target.clients["public"].client_id)
    issuer = contestant.url + urlsplit(target.issuer or "").path
    found = line(Request("GET", f"{issuer}/.well-known/openid-configuration")).json() or {}
    # Target files name the usual port; here every server has one of its own.
    named = target.device_authorization_endpoint or found["device_authorization_endpoint"]
    endpoint = contestant.url + Request("POST", named).path
    bodies = []
    for _ in range(codes):
        issued = line(Request.form(endpoint, [client, ("scope", target.scope)])).json() or {}
        if "device_code" not in issued:
            raise SystemExit(f"{contestant.name} gave no codes but {sorted(issued)}")
        asked = (("grant_type", DEVICE_CODE_GRANT), ("device_code", issued["device_code"]))
        bodies.append(Request.form(contestant.url, [*asked, client]).body.decode())
    line.close()
    return Request("POST", found["token_endpoint"]).path, bodies


def still_waiting(contestant: Contestant) -> None:
    """Stop if polls are no longer answered as polls of pending codes are."""
    if contestant.target is None:
        return
    endpoint, bodies = pending(contestant, contestant.target, 1)
    line = Socket(contestant.target)
    form = (("content-type", "application/x-www-form-urlencoded"),)
    request = Request("POST", contestant.url + endpoint, form, bodies[0].encode())
    try:
        answers = {answer_of(line(request)) for _ in range(3)}
    except NoAnswer as problem:
        raise SystemExit(f"{contestant.name} no longer answers: {problem}") from None
    finally:
        line.close()
    if not answers <= WAITING:
        raise SystemExit(f"{contestant.name} answered {answers} instead of {WAITING}")


@dataclass(frozen=True, slots=True)
class Polled:
    """What wrk found: polls per second, the 99th percentile in ms, and polls per second of a core.

    The core is the one that wrk ran on, not the server's.
    """

    rate: float
    p99: float
    per_core: float


def wrk(contestant: Contestant, seconds: float, connections: int) -> Polled:
    """Poll as fast as so many connections can."""
    command = ["taskset", "-c", str(pinned.GENERATOR_CORE), "wrk", "-t1", f"-c{connections}"]
    command += [f"-d{seconds:g}s", "--latency", "-s", contestant.script, contestant.url]
    before = core_seconds_of_children()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = core_seconds_of_children() - before
    if re.search(r"Socket errors: connect [1-9]", said):
        raise SystemExit(f"{contestant.name}:\n{said}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    tail = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    total = re.search(r"(\d+) requests in", said)
    if not (rate and tail and refused and total and refused[1] == total[1]):
        raise SystemExit(f"{contestant.name} did not answer every poll with 400:\n{said}")
    p99 = float(tail[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[tail[2]]
    return Polled(float(rate[1]), p99, int(total[1]) / used)


def core_seconds_of_children() -> float:
    """What processes have used that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def ratio(one: Contestant, other: Contestant) -> float:
    """The median of the ratios within each round."""
    return statistics.median(a / b for a, b in zip(one.rates, other.rates, strict=True))


def report(contestants: list[Contestant]) -> dict[str, object]:
    empty, reference = contestants[:2]
    print(f"\n{'server':<20} {'polls/s':>9} {'least':>8} {'most':>8} {'p99 ms':>8} {'x empty':>8}")
    for one in contestants:
        middle = statistics.median(one.rates)
        print(
            f"{one.name:<20} {middle:>9.0f} {min(one.rates):>8.0f} {max(one.rates):>8.0f}"
            f" {statistics.median(one.p99):>8.2f} {ratio(one, empty):>8.2f}"
        )
    aims = [("half of the empty endpoint", ratio(reference, empty), HALF_OF_EMPTY)]
    aims += [
        (f"{TIMES_OIDC_PROVIDER} times {other.name}", ratio(reference, other), TIMES_OIDC_PROVIDER)
        for other in contestants
        if other.name == OIDC_PROVIDER
    ]
    for name, found, wanted in aims:
        print(f"{'reached' if found >= wanted else 'MISSED'}: at least {name} ({found:.2f})")
    return {
        "servers": {
            one.name: {"polls_per_second": one.rates, "p99_ms": one.p99} for one in contestants
        },
        "aims": [
            {"aim": name, "found": found, "wanted": wanted, "reached": found >= wanted}
            for name, found, wanted in aims
        ],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--provider", type=Path, metavar="DIR", action="append", default=[])
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--codes", type=int, default=200)
    parser.add_argument("--json", type=Path, default=pinned.ROOT / "out" / "polls_per_second.json")
    options = parser.parse_args()
    pinned.refuse_without("wrk", "taskset")
    contestants = [Contestant("empty endpoint", [sys.executable, "-c", EMPTY]), reference()]
    contestants += [provider(folder) for folder in options.provider]
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for index, one in enumerate(contestants):
            stack.enter_context(running(one, folder / f"{index}.log"))
            prepare(one, options.codes, folder)
            wrk(one, 1.0, options.connections)
        for turn in range(options.rounds):
            for one in contestants:
                found = wrk(one, options.seconds, options.connections)
                one.rates.append(found.rate)
                one.p99.append(found.p99)
                print(f"round {turn + 1}  {one.name:<20} {found.rate:9.0f} polls/s", flush=True)
        for one in contestants:
            still_waiting(one)
    return pinned.write(options.json, report(contestants))


if __name__ == "__main__":
    raise SystemExit(main())
