"""A store on disk: what two servers share, what they never share, and files that are none."""

import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from harness.clock import CalendarClock, VirtualClock
from harness.wire import Answer, Request, answer_of
from simulators.server import Config, Server
from simulators.server.database import Database, StoreUnusable
from simulators.server.shelf import Shelf
from simulators.tests.browsing import Stage


class Pair(Stage):
    """A stage with two servers on one file, as two workers are; requests go to them in turn."""

    def __init__(self, file: Path) -> None:
        self.clock = VirtualClock()
        self.shelves = [Database(file) for _ in range(2)]
        secrets = {shelves.secret for shelves in self.shelves}
        self.config = Config.demo(seed=secrets.pop())
        assert not secrets
        self.servers = [
            Server(self.config, self.clock, shelves=shelves) for shelves in self.shelves
        ]
        self.turn = 0
        # Whoever is asked next, it is the other one's turn.
        self.server: Any = self
        self.metadata = self.servers[0].metadata
        self.started = self.ask()

    def __call__(self, request: Request) -> Any:
        self.turn += 1
        server = self.servers[self.turn % 2]
        answer = server(request)
        if server.last_fault is not None:
            raise server.last_fault
        return answer


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path / "store")


def test_a_code_of_one_server_is_decided_and_polled_at_others(pair: Pair) -> None:
    assert pair.poll() is Answer.PENDING
    pair.decide()
    pair.clock.sleep(5)
    answers = [pair.poll() for _ in range(4)]

    assert answers == [Answer.TOKEN, *[Answer.INVALID_GRANT] * 3]


def test_both_know_when_the_last_poll_was(pair: Pair) -> None:
    answers = [pair.poll() for _ in range(3)]
    pair.clock.sleep(5)

    assert answers == [Answer.PENDING, Answer.SLOW_DOWN, Answer.SLOW_DOWN]
    assert pair.poll() is Answer.PENDING


def test_a_refusal_and_an_end_are_known_to_both(pair: Pair) -> None:
    pair.decide("deny")
    assert [pair.poll(), pair.poll()] == [Answer.DENIED] * 2
    pair.started = pair.ask()
    pair.clock.sleep(1800)
    assert [pair.poll(), pair.poll()] == [Answer.EXPIRED] * 2


def test_a_token_of_one_is_good_and_bad_at_both(pair: Pair) -> None:
    tokens = pair.tokens()
    url = pair.url("userinfo_endpoint")
    seen = [pair.use("GET", url, tokens["access_token"]).status for _ in range(2)]
    fields = {"grant_type": "refresh_token", "client_id": "tv"}
    renewed = pair.token(**fields, refresh_token=tokens["refresh_token"]).json() or {}
    stolen = [pair.token(**fields, refresh_token=tokens["refresh_token"]) for _ in range(2)]
    # The old refresh token came again: all that stems from the grant is worth nothing.
    after = [pair.use("GET", url, renewed["access_token"]).status for _ in range(2)]

    assert seen == [200, 200] and after == [401, 401]
    assert [answer.error for answer in stolen] == ["invalid_grant"] * 2


def test_they_have_the_same_keys_and_never_the_same_codes(pair: Pair) -> None:
    keys = [server(Request("GET", pair.url("jwks_uri"))).body for server in pair.servers]
    codes = {pair.ask()["device_code"] for _ in range(20)}

    assert keys[0] == keys[1]
    assert len(codes) == 20


def test_wrong_secrets_and_guesses_are_counted_together(pair: Pair) -> None:
    page = pair.started["verification_uri"]
    statuses = [pair(Request.form(page, [("user_code", "BBB")])).status for _ in range(16)]

    assert statuses == [400] * 15 + [429]


def test_a_client_that_registers_with_one_is_known_to_both(pair: Pair) -> None:
    body = b'{"grant_types":["urn:ietf:params:oauth:grant-type:device_code"],'
    body += b'"token_endpoint_auth_method":"none"}'
    headers = (("content-type", "application/json"),)
    made = pair(Request("POST", pair.url("registration_endpoint"), headers, body)).json() or {}

    assert all(pair.ask(made["client_id"], None) for _ in range(2))


def test_an_account_is_closed_and_access_withdrawn_for_both(pair: Pair) -> None:
    tokens, url = pair.tokens(), pair.url("userinfo_endpoint")
    pair.servers[0].disable("alice")
    closed = [pair.use("GET", url, tokens["access_token"]).status for _ in range(2)]
    pair.servers[1].enable("alice")
    opened = [pair.use("GET", url, tokens["access_token"]).status for _ in range(2)]
    pair.servers[0].withdraw("alice")
    withdrawn = [pair.use("GET", url, tokens["access_token"]).status for _ in range(2)]

    assert (closed, opened, withdrawn) == ([401] * 2, [200] * 2, [401] * 2)


def test_a_request_that_breaks_leaves_nothing_behind(pair: Pair) -> None:
    server = pair.servers[0]
    rules: Any = server.realm.rules
    rules.device_response = lambda _members, _grant: 1 / 0
    before = kept(pair.shelves[1], "grants")
    url = pair.url("device_authorization_endpoint")

    assert server(Request.form(url, [("client_id", "tv")])).status == 500
    assert kept(pair.shelves[1], "grants") == before == 1


def test_nothing_stays_when_all_has_expired(pair: Pair) -> None:
    pair.tokens()
    pair.clock.sleep(40 * 86400)
    for _ in range(4):
        pair.poll()

    left = {kind: kept(pair.shelves[0], kind) for kind in sorted(pair.shelves[0]._tables)}
    assert not any(left.values()), left


def test_a_server_finds_what_it_knew_before(tmp_path: Path) -> None:
    pair = Pair(tmp_path / "store")
    started, secret = pair.started, pair.shelves[0].secret
    again = Pair(tmp_path / "store")
    again.started = started

    assert again.poll() is Answer.PENDING
    assert again.shelves[0].secret == secret


def test_names_that_are_no_characters_do_no_harm(pair: Pair) -> None:
    # What JSON holds and UTF-8 does not: half a character.
    answer = pair.poll_response(
        device_code="\udc00".encode("utf-8", "surrogatepass").decode("latin-1")
    )
    with pair.shelves[0].turn:
        shelf: Shelf[int] = pair.shelves[0].shelf("names")
        shelf.keep("\ud800", 1)

    assert answer_of(answer) is Answer.INVALID_GRANT
    assert kept(pair.shelves[0], "names") == 1


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    Database(tmp_path / "store")

    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o600


def test_shelves_without_a_turn_are_a_fault(tmp_path: Path) -> None:
    shelf: Shelf[int] = Database(tmp_path / "store").shelf("things")

    with pytest.raises(RuntimeError, match="turn"):
        shelf.get("a")


def test_another_seed_is_another_store(tmp_path: Path) -> None:
    Database(tmp_path / "store", "1")

    assert Database(tmp_path / "store").secret == "1"
    with pytest.raises(StoreUnusable, match="another seed"):
        Database(tmp_path / "store", "2")


def test_what_is_no_store_of_ours_is_left_alone(tmp_path: Path) -> None:
    text, foreign = tmp_path / "text", tmp_path / "foreign"
    text.write_text("something that is no database, and long enough to be sure of that " * 20)
    with sqlite3.connect(foreign) as other:
        other.execute("CREATE TABLE people (name)")
    other.close()
    before = text.read_bytes(), foreign.read_bytes()
    wrong = [text, foreign, tmp_path, tmp_path / "no" / "where"]

    for path in wrong:
        with pytest.raises(StoreUnusable, match=path.name):
            Database(path)
    assert (text.read_bytes(), foreign.read_bytes()) == before


def test_the_calendar_is_the_same_for_all() -> None:
    one, other = CalendarClock(), CalendarClock()

    assert abs(one.now() - other.now()) < 5
    assert abs(one.now() - one.unix()) < 5


def kept(shelves: Database, kind: str) -> int:
    with shelves.turn:
        return len(shelves._tables[kind])
