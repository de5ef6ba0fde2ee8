"""The table of a grant's life."""

from itertools import product

import pytest

from simulators.server.grant import TABLE, Event, State, after


def test_a_pending_grant_is_approved_and_redeemed() -> None:
    state = after(after(State.PENDING, Event.APPROVE), Event.REDEEM)

    assert state is State.REDEEMED


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_what_the_table_does_not_list_changes_nothing(state: State, event: Event) -> None:
    assert after(state, event) is TABLE.get((state, event), state)


@pytest.mark.parametrize("event", list(Event))
def test_redeemed_and_expired_are_the_end(event: Event) -> None:
    assert after(State.REDEEMED, event) is State.REDEEMED
    assert after(State.EXPIRED, event) is State.EXPIRED


@pytest.mark.parametrize("state", list(State))
def test_only_an_approved_grant_can_be_redeemed(state: State) -> None:
    redeemed = after(state, Event.REDEEM) is State.REDEEMED

    assert redeemed == (state in {State.APPROVED, State.REDEEMED})


def test_a_decision_is_final() -> None:
    assert after(State.DENIED, Event.APPROVE) is State.DENIED
    assert after(State.APPROVED, Event.DENY) is State.APPROVED
