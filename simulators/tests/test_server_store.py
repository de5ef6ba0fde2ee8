"""What is kept, what is forgotten, and how often one may be wrong."""

from harness.wire import Answer
from simulators.server import Config
from simulators.server.limiter import Limiter
from simulators.server.memory import Memory
from simulators.server.sessions import LIFETIME, Sessions
from simulators.tests.browsing import Stage


def test_an_expired_code_is_remembered_for_twice_its_lifetime() -> None:
    stage = Stage()
    stage.clock.sleep(3 * 1800 - 1)
    assert stage.poll() is Answer.EXPIRED
    stage.clock.sleep(20)

    assert stage.poll() is Answer.INVALID_GRANT
    assert len(stage.server.realm.store) == 0


def test_memory_stays_flat() -> None:
    stage = Stage(Config.demo(lifetime=60))
    sizes = []
    for _ in range(30):
        for _ in range(50):
            stage.ask()
        stage.clock.sleep(30)
        sizes.append(len(stage.server.realm.store))

    assert max(sizes[10:]) <= max(sizes[:10]) <= 50 * (180 / 30 + 1)


def test_tokens_are_forgotten_when_they_have_expired() -> None:
    stage = Stage()
    stage.tokens()
    assert len(stage.server.realm.tokens) == 2
    stage.clock.sleep(31 * 86400)
    stage.poll()

    assert len(stage.server.realm.tokens) == 0


def test_a_bucket_leaks() -> None:
    limiter = Limiter(Memory(), "guesses")
    for _ in range(3):
        assert limiter.wait(["a"], 0, 3, 8) == 0
        limiter.charge(["a"], 0, 8)

    assert limiter.wait(["a"], 0, 3, 8) == 8
    assert limiter.wait(["b", "a"], 4, 3, 8) == 4
    assert limiter.wait(["a"], 8, 3, 8) == 0
    assert limiter.wait(["b"], 0, 3, 8) == 0


def test_empty_buckets_are_thrown_away() -> None:
    limiter = Limiter(Memory(), "guesses")
    for number in range(50):
        limiter.charge([str(number)], 0, 10)
    limiter.charge(["0"], 5, 10)
    more = limiter.sweep(10, at_most=20)

    assert more and len(limiter) == 31
    assert not limiter.sweep(10, at_most=50)
    assert len(limiter) == 1 and limiter.wait(["0"], 10, 1, 10) == 10


def test_sessions_end() -> None:
    stage = Stage()
    sessions: Sessions = stage.server.realm.sessions
    session = sessions.begin(0)

    assert sessions.find(session.sid, LIFETIME) is session
    assert sessions.find(session.sid, 2 * LIFETIME + 1) is None
    sessions.sweep(3 * LIFETIME, at_most=2)
    assert len(sessions) == 0
