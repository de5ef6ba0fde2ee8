"""How random codes look: an upper bound that calls no sound code weak, however small the sample."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from scenarios.test_5_security_considerations import apparent_bits, skewed

URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"

Make = Callable[[random.Random], str]


def codes(make: Make, size: int = 200) -> list[str]:
    rand = random.Random(8628)
    return [make(rand) for _ in range(size)]


def letters(alphabet: str, length: int) -> Make:
    return lambda rand: "".join(rand.choice(alphabet) for _ in range(length))


@pytest.mark.parametrize("size", [100, 200, 1000])
@pytest.mark.parametrize(
    ("make", "bits"),
    [
        (letters("0123456789abcdef", 32), 128.0),
        (lambda rand: f"ory_dc_{letters(URL_SAFE, 22)(rand)}", 132.0),
        (lambda rand: letters(URL_SAFE, 21)(rand) + rand.choice("AQgw"), 128.0),
        (letters("0123456789", 9), 29.9),
        (letters(CONSONANTS, 8), 34.6),
    ],
)
def test_sound_codes_get_all_their_bits(make: Make, bits: float, size: int) -> None:
    assert apparent_bits(codes(make, size)) == pytest.approx(bits, abs=0.1)


def test_what_never_changes_counts_nothing() -> None:
    assert apparent_bits(["constant"] * 200) == 0.0
    assert apparent_bits(codes(letters("ab", 1))) == 1.0


def test_numbers_in_a_row_have_the_bits_of_a_counter() -> None:
    assert apparent_bits([f"{n:012d}" for n in range(200)]) < 8


def test_a_biased_place_is_seen() -> None:
    biased = codes(lambda rand: rand.choice("0000000001") + letters("0123456789", 8)(rand), 1000)
    assert skewed(biased)


@pytest.mark.parametrize(
    "make",
    [
        letters(CONSONANTS, 8),
        letters("0123456789", 9),
        lambda rand: letters(CONSONANTS, 4)(rand) + letters("0123456789", 4)(rand),
    ],
)
def test_sound_codes_are_not_biased(make: Make) -> None:
    assert not skewed(codes(make, 1000))


def test_a_place_that_never_changes_is_biased() -> None:
    assert skewed(codes(lambda rand: "B" + letters(CONSONANTS, 7)(rand), 1000))


def test_few_codes_or_codes_of_many_lengths_decide_nothing() -> None:
    assert not skewed(codes(lambda rand: rand.choice("BBBBC") + letters(CONSONANTS, 7)(rand), 20))
    assert not skewed(["B" * (n % 3 + 1) for n in range(200)])
