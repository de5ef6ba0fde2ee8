"""What no sign-in may show under load, on servers that show it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.histories import bad_histories, history_of
from harness.runners.load import sign_in
from harness.runners.load.figures import Figures
from harness.runners.load.lean import LeanTranscript
from harness.tests.households import (
    NO,
    YES,
    Mixed,
    Quick,
    crowd_of,
    played,
    street,
)
from harness.transcript import Transcript
from harness.wire import DEVICE_CODE_GRANT, Request, Response, Transport

JSON = (("content-type", "application/json"),)


@pytest.mark.parametrize("mutant", ["approved_reusable", "double_issue_race"])
def test_one_code_that_buys_two_tokens_is_shown_as_a_timeline(mutant: str) -> None:
    figures = played(replace(YES, doubled=True), YES, NO, mutant=mutant)

    (found,) = figures.violations
    assert found["requirement"] == "RFC8628-3.5-parallel-single-use"
    assert figures.unexpected.total() == 1
    timeline = found["timeline"]
    assert timeline[0].startswith("0.0")
    assert sum("token" in step for step in timeline) == 2
    assert any("approved" in step for step in timeline)


def test_a_token_before_anybody_approved_is_unexpected() -> None:
    # Whoever asks third is given the device_code of the second: cross-talk between codes.
    place = street(Mixed, mutant="third_request_repeats_code")
    place.moves_in(*crowd_of(place, 20), apart=0.7)
    place.town.passes()

    lawful = "lawful: authorization_pending (RFC8628-3.3-choice)"
    assert f"poll: token although the user has not decided; {lawful}" in place.figures.unexpected


def test_a_token_after_a_denial_is_unexpected() -> None:
    def turns_no_into_yes(server: Transport) -> Transport:
        tokens: list[Response] = []

        def answers(request: Request) -> Response:
            response = server(request)
            if b"access_token" in response.body:
                tokens.append(response)
            return tokens[0] if b"access_denied" in response.body and tokens else response

        return answers

    place = street(Quick, between=turns_no_into_yes)
    place.moves_in(YES, replace(NO, decides_after=12.0))
    place.town.passes()

    assert {one["requirement"] for one in place.figures.violations} == {
        "RFC8628-3.3-deny-final",
        "UA-user-identity",
    }
    assert "two codes bought the same token (UA-user-identity)" in place.figures.unexpected


def test_a_token_that_is_somebody_elses_is_a_violation() -> None:
    bobs = replace(YES, person=1)
    figures = played(YES, bobs, bobs, mutant="everybody_is_alice", apart=1.0)

    assert [one["says"] for one in figures.violations] == [
        "a token that bob approved is alice's",
        "a token that bob approved is alice's",
    ]
    assert {one["requirement"] for one in figures.violations} == {"UA-user-identity"}
    assert all(one["timeline"] for one in figures.violations)


def test_no_secret_is_in_what_is_kept_of_a_violation() -> None:
    seen: list[str] = []

    def listens(server: Transport) -> Transport:
        def answers(request: Request) -> Response:
            response = server(request)
            body = response.json() or {}
            seen.extend(
                str(body[name])
                for name in ("device_code", "user_code", "access_token", "id_token")
                if name in body
            )
            return response

        return answers

    place = street(Quick, mutant="approved_reusable", between=listens)
    place.moves_in(replace(YES, doubled=True))
    place.town.passes()

    kept = repr(place.figures)
    assert place.figures.violations and len(seen) >= 4
    assert not [secret for secret in seen if secret in kept]


# --- the lean transcript -------------------------------------------------------------------------


def found_in(
    mutant: str | None, kind: type[Transcript], monkeypatch: pytest.MonkeyPatch
) -> Figures:
    """What is found with transcripts of this kind, of which everything else is the same."""
    monkeypatch.setattr(sign_in, "LeanTranscript", kind)
    place = street(Mixed, mutant=mutant, lifetime=80)
    # Some decide while a poll is under way, whatever chance says.
    beside = [replace(YES, decides_after=2.0 + 0.2 * turn) for turn in range(20)]
    place.moves_in(*crowd_of(place, 30), *beside, apart=0.7)
    place.town.passes(until=300.0)
    for one in place.figures.violations:
        del one["timeline"]
    return place.figures


@pytest.mark.parametrize(
    "mutant",
    [
        None,
        "all_states_invalid_grant",
        "approved_reusable",
        "consume_before_store",
        "denial_lost",
        "double_issue_race",
        "everybody_is_alice",
        "expired_stays_pending",
        "fourth_request_repeats_user_code",
        "longer_than_announced",
        "node_local_state",
        "oldest_codes_forgotten",
        "third_request_repeats_code",
        "throttle_hides_approval",
    ],
)
def test_a_lean_transcript_is_judged_as_a_full_one_is(
    mutant: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lean, full = (found_in(mutant, one, monkeypatch) for one in (LeanTranscript, Transcript))

    assert lean == full
    assert bool(lean.unexpected) is (mutant is not None)
    assert not lean.harness_errors


def test_a_poll_that_ran_beside_the_decision_is_remembered() -> None:
    # The mutant poll_erases_approval: the poll writes back what it had read before the approval.
    def erased(transcript: Transcript) -> list[str]:
        ask = Request.form("https://as.example/da", [("client_id", "tv")])
        fields = [("grant_type", DEVICE_CODE_GRANT), ("device_code", "d"), ("client_id", "tv")]
        poll = Request.form("https://as.example/token", fields)
        codes = b'{"device_code":"d","user_code":"u","expires_in":600,"interval":5}'
        pending = Response(400, JSON, b'{"error":"authorization_pending"}')
        tell, decide = transcript.exchange, transcript.decision
        tell(
            "tv", "device_authorization", ask, Response(200, JSON, codes), began=0, ended=0, after=0
        )
        tell("tv", "token", poll, pending, began=5.0, ended=5.1, after=1)
        decide("alice", "u", approved=True, done=True, began=9.0, ended=10.0, after=2)
        tell("tv", "token", poll, pending, began=9.9, ended=10.1, after=2)  # sent before the end
        for number in range(3, 9):
            at = 5.0 * number
            tell("tv", "token", poll, pending, began=at, ended=at + 0.1, after=len(transcript))
        history = history_of(transcript, "d")
        assert history is not None
        return [bad.requirement for bad in bad_histories(history)]

    assert erased(LeanTranscript()) == erased(Transcript()) == ["RFC8628-3.5-decision-not-lost"]
