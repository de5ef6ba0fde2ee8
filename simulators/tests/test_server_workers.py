"""The server in two processes: whoever answers, a code is decided once and buys its tokens once."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from harness.wire import DEVICE_CODE_GRANT, Answer, Request, Response, answer_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

ROOT = Path(__file__).parents[2]
SERVE = (
    "import sys, pathlib; from harness.runners.serve_command import serve; "
    "sys.exit(serve(int(sys.argv[2]), workers=2, lifetime=6, store=pathlib.Path(sys.argv[1])))"
)


@contextmanager
def served(store: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A served pair of workers, and what it announced."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(store), str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line == "Ctrl-C stops\n":
                    break
            yield process, "".join(lines)
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=30)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("workers") / "store") as (_, said):
        yield said


class Line:
    """One connection, which one of the workers holds for as long as it is open."""

    def __init__(self, said: str) -> None:
        self.said = said
        self.issuer = found(said, "issuer")
        self.connection = HTTPConnection(urlsplit(self.issuer).netloc, timeout=20)

    def __call__(self, request: Request) -> Response:
        path = request.url.removeprefix(self.issuer)
        headers = dict(request.headers)
        self.connection.request(request.method, path, request.body or None, headers)
        answer = self.connection.getresponse()
        return Response(answer.status, tuple(answer.getheaders()), answer.read())

    def ask(self) -> dict[str, str]:
        url = f"{self.issuer}/device_authorization"
        answer = self(Request.form(url, [("client_id", "tv"), ("scope", "openid")]))
        assert answer.status == 200, answer.text
        return answer.json() or {}

    def poll(self, code: str) -> Answer:
        fields = {"grant_type": DEVICE_CODE_GRANT, "client_id": "tv", "device_code": code}
        return answer_of(self(Request.form(f"{self.issuer}/token", fields.items())))

    def decide(self, uri: str, decision: str, cookie: str = "") -> str:
        """Answer for alice in a browser, which stays signed in; returns its cookie."""
        steps = iter(({"username": "alice", "password": found(self.said, "alice")}, {}))
        request = Request("GET", uri)
        for _ in range(8):
            answer = self(request.with_header("cookie", cookie) if cookie else request)
            if line := answer.header("set-cookie"):
                cookie = line.partition(";")[0]
            if place := answer.header("location"):
                request = Request("GET", urljoin(request.url, place))
                continue
            fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
            if 'name="decision"' in answer.text:
                fields["decision"] = decision
            elif 'name="username"' in answer.text:
                fields |= next(steps)
            else:
                break
            action = re.search(r'action="([^"]*)"', answer.text)
            assert action, answer.text
            request = Request.form(urljoin(request.url, action[1]), fields.items())
        return cookie


def found(said: str, name: str) -> str:
    line = re.search(rf"^ +{name} +(?:password )?(\S+)$", said, re.MULTILINE)
    assert line, said
    return line[1]


@pytest.fixture
def lines(pair: str) -> Iterator[list[Line]]:
    # So many that it would be a wonder if one worker had them all.
    made = [Line(pair) for _ in range(16)]
    yield made
    for line in made:
        line.connection.close()


def test_a_code_is_known_on_every_connection(lines: list[Line]) -> None:
    code = lines[0].ask()["device_code"]
    answers = Counter(line.poll(code) for line in lines)

    assert answers == {Answer.PENDING: 1, Answer.SLOW_DOWN: 15}


def test_thirty_codes_buy_thirty_tokens_however_many_ask_at_once(lines: list[Line]) -> None:
    started = [line.ask() for line in (lines * 2)[:30]]
    cookie = ""
    for number, one in enumerate(started):
        cookie = lines[number % 16].decide(one["verification_uri_complete"], "approve", cookie)
    heard: list[list[Answer]] = [[] for _ in range(4)]
    together = threading.Barrier(4)

    def poll_all(line: Line, answers: list[Answer]) -> None:
        for one in started:
            together.wait(20)
            answers.append(line.poll(one["device_code"]))

    threads = [
        threading.Thread(target=poll_all, args=pair) for pair in zip(lines, heard, strict=False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    for answers in zip(*heard, strict=True):
        assert Counter(answers) == {Answer.TOKEN: 1, Answer.INVALID_GRANT: 3}
    assert len(heard[0]) == 30


def test_a_refusal_and_an_end_reach_every_connection(lines: list[Line]) -> None:
    denied, late = lines[0].ask(), lines[1].ask()
    lines[2].decide(denied["verification_uri_complete"], "deny")

    assert {line.poll(denied["device_code"]) for line in lines} == {Answer.DENIED}
    for _ in range(60):
        time.sleep(0.2)
        if lines[0].poll(late["device_code"]) is Answer.EXPIRED:
            break
    assert {line.poll(late["device_code"]) for line in lines} == {Answer.EXPIRED}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_all_end_when_they_are_told(tmp_path: Path, number: signal.Signals) -> None:
    with served(tmp_path / "store") as (process, said):
        workers = children(process.pid)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 0 and out.strip() == "stopped" and not err
    assert len(workers) >= 2 and gone(workers)
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", urlsplit(found(said, "issuer")).port or 0))


def test_when_a_worker_dies_the_rest_end_and_the_user_is_told(tmp_path: Path) -> None:
    with served(tmp_path / "store") as (process, _):
        workers = children(process.pid)
        os.kill(max(workers), signal.SIGKILL)
        _, err = process.communicate(timeout=30)

    assert process.returncode == 4
    assert re.fullmatch(
        r"devicegrant serve: worker \d of 2 was ended by SIGKILL; all have ended\n", err
    )
    assert gone(workers)


def test_workers_do_not_outlive_their_parent(tmp_path: Path) -> None:
    with served(tmp_path / "store") as (process, _):
        workers = children(process.pid)
        process.kill()
        process.wait(10)
        assert gone(workers)


def test_a_port_that_somebody_shares_is_taken(pair: str, tmp_path: Path) -> None:
    port = urlsplit(found(pair, "issuer")).port or 0
    with served(tmp_path / "store", port) as (process, said):
        _, err = process.communicate(timeout=30)

    assert process.returncode == 2 and not said
    assert f"port {port} of 127.0.0.1 is taken" in err


def children(parent: int) -> list[int]:
    """The processes that it started; the last ones are the workers."""
    said = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii")
    return [int(pid) for pid in said.split()]


def gone(processes: list[int]) -> bool:
    """Whether all of them have ended, or do so soon."""
    for _ in range(100):
        if not any(map(alive, processes)):
            return True
        time.sleep(0.1)
    return False


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").split()[2] != "Z"
    except FileNotFoundError:
        return False
