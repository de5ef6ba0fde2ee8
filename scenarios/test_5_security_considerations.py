"""RFC 8628 section 5: codes that cannot be guessed, and a page that does not let anybody try."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness.checks.codes import normal
from harness.consent import Outcome, Visit
from harness.requirements import verifies
from harness.verdict import Judge, given
from scenarios.user_codes import another_code, plain
from simulators.device import Device
from simulators.user import User

SAMPLE = 1000
"""Codes that make a distribution visible; against a server outside only `FEWER` are asked for."""
FEWER = 200
LOOK_ALIKES = ("0O", "0o", "1I", "1l", "Il", "2Z", "2z", "5S", "5s", "8B")
GUESSES = 20
AT_ONCE = 10.0
"""Seconds within which a limit that was met does not end by itself."""


@verifies(
    "RFC8628-5.1-entropy",
    "RFC8628-5.1-distribution",
    "RFC8628-5.2-entropy",
    "RFC6749-10.10-device-code",
    "RFC8628-5.2-device-guess-limit",
    "RFC8628-6.1-charset",
    "RFC8628-3.1-rate-limited-status",
    alone=True,
)
def test_codes_of_many_displays_look_random(device: Device, judge: Judge) -> None:
    """Hundreds of displays ask for codes, and nothing about these codes can be foretold."""
    wanted = SAMPLE if device.world.clock.virtual and device.world.thorough else FEWER
    bodies: list[dict[str, Any]] = []
    for _ in range(wanted):
        asked = device.ask()
        if not asked.issued or asked.response is None:
            given(bodies, f"no codes were issued: {asked.status}")
            judge.holds(
                "RFC8628-3.1-rate-limited-status",
                asked.status in {429, 503},
                expected="429, or 503 with Retry-After, when too much is asked",
                received=f"{asked.status} after {len(bodies)} requests",
                grave=asked.status == 500 or asked.status // 100 == 2,
                evidence=(asked,),
            )
            break
        bodies.append(asked.response.json() or {})
    else:
        judge.note("RFC8628-3.1-rate-limited-status", f"{wanted} requests in a row were served")
    given(len(bodies) >= FEWER // 2, f"only {len(bodies)} codes were issued")
    given(all(body.get("user_code") for body in bodies), "a response has no user_code")
    user_codes = [plain(str(body["user_code"])) for body in bodies]
    device_codes = [str(body["device_code"]) for body in bodies]

    _judge_user_codes(user_codes, judge)
    bits = apparent_bits(device_codes)
    for requirement in ("RFC8628-5.2-entropy", "RFC6749-10.10-device-code"):
        judge.holds(
            requirement,
            bits >= 128,
            expected="at least 128 bits of apparent randomness in a device_code",
            received=f"about {bits:.0f} bits",
            grave=bits < 64,
        )
    judge.holds(
        "RFC8628-5.2-device-guess-limit",
        bits >= 128,
        received=f"device_codes of about {bits:.0f} bits; whether guessing is slowed was not tried",
    )


def _judge_user_codes(codes: Sequence[str], judge: Judge) -> None:
    letters = {char for code in codes for char in code}
    bits = apparent_bits(codes)
    judge.holds(
        "RFC8628-5.1-entropy",
        bits >= 30,
        expected="user_codes of 30 bits and more",
        received=f"about {bits:.1f} bits: {len(letters)} characters seen, length {len(codes[0])}",
    )
    constant = len(set(codes)) == 1
    rising = codes == sorted(codes) or codes == sorted(codes, reverse=True)
    judge.holds(
        "RFC8628-5.1-distribution",
        not constant and not rising and not skewed(codes),
        expected="random user_codes",
        received="one code for all" if constant else "an order" if rising else "a biased position",
        grave=constant or rising,
    )
    mixed = any(c.islower() for c in letters) and any(c.isupper() for c in letters)
    twins = [pair for pair in LOOK_ALIKES if set(pair) <= letters]
    judge.holds(
        "RFC8628-6.1-charset",
        not twins,
        expected="user_codes without look-alikes",
        received=f"both of {', '.join(twins)}",
    )
    if mixed or any(not c.isascii() for c in letters):
        told = "user_codes of both cases, or beyond ASCII, are a pain to type on a phone"
        judge.note("RFC8628-6.1-charset", told)


def apparent_bits(codes: Sequence[str]) -> float:
    """Bits of randomness that codes of equal length seem to have: an upper bound.

    Positions that never change count nothing; the alphabet of the others is what was seen.
    """
    shortest = min(map(len, codes))
    columns = [Counter(code[place] for code in codes) for place in range(shortest)]
    seen = {char for column in columns if len(column) > 1 for char in column}
    if not seen:
        return 0.0
    size = _alphabet(seen)
    return sum(min(math.log2(size), _column_bits(column, size)) for column in columns)


def _alphabet(seen: set[str]) -> int:
    """How large the alphabet probably is: what was seen, filled up to a usual one if it is near."""
    for usual in ("0123456789", "0123456789abcdef"):
        if {char.lower() for char in seen} <= set(usual):
            return len(usual)
    return len(seen)


def _column_bits(column: Counter[str], size: int) -> float:
    if len(column) == 1:
        return 0.0
    # Of a large alphabet a small sample hardly shows every character in every place.
    chance = size * (1 - (1 - 1 / size) ** sum(column.values()))
    return math.log2(size if len(column) >= 0.9 * chance else len(column))


def skewed(codes: Sequence[str]) -> bool:
    """Whether some position is biased: chi-square beyond p = 1e-6, or constant.

    A sample too small for the alphabet decides nothing.  Places for digits and places for letters
    are looked at by themselves.
    """
    alphabet = sorted({char for code in codes for char in code})
    if len({len(code) for code in codes}) > 1:
        return False
    for place in range(len(codes[0])):
        counts = Counter(code[place] for code in codes)
        if len(counts) == 1:
            return True
        digits = {char.isdigit() for char in counts}
        possible = [char for char in alphabet if char.isdigit() in digits]
        if _unlikely([counts[char] for char in possible]):
            return True
    return False


def _unlikely(counts: Sequence[int]) -> bool:
    expected = sum(counts) / len(counts)
    if expected < 5:
        return False
    freedom = len(counts) - 1
    # Wilson and Hilferty's approximation of the chi-square quantile; 4.753 is the normal's.
    limit = freedom * (1 - 2 / (9 * freedom) + 4.753 * math.sqrt(2 / (9 * freedom))) ** 3
    return sum((count - expected) ** 2 / expected for count in counts) > limit


@verifies("RFC8628-5.1-rate-limit", "RFC8628-5.1-rate-limit-scope", alone=True)
def test_nobody_may_try_codes_for_long(device: Device, user: User, judge: Judge) -> None:
    """Somebody types twenty wrong codes; at some point the page stops playing along."""
    device.begin()
    code, reactions = device.user_code, []
    for _ in range(GUESSES):
        code = _different(code, device.user_code)
        visit = user.looks(device, typed=code)
        given(visit.code_sent, "the page asks for code and decision in one step", "person")
        given(visit.outcome is not Outcome.OFFERED, "a wrong code was accepted")
        reactions.append(_reaction(visit, code))
    first = reactions[0]
    stopped = next((n for n, seen in enumerate(reactions, 1) if seen != first), None)
    judge.holds(
        "RFC8628-5.1-rate-limit",
        stopped is not None,
        expected=f"a refusal, a delay or a lock before the {GUESSES}th wrong code",
        received=f"{GUESSES} wrong codes, all answered alike",
    )
    if stopped is None:
        judge.not_applicable("RFC8628-5.1-rate-limit-scope", "no limit was met")
        return
    given(reactions[-1] != first, "the limit was over again before the last code")
    user.forgets()
    last = device.world.clock.now()
    afresh = []
    for _ in range(3):  # a bucket that leaks has room for one more, a new start for many
        code = _different(code, device.user_code)
        afresh.append(_reaction(user.looks(device, typed=code), code))
    took = device.world.clock.now() - last
    given(took < AT_ONCE, f"three more codes took {took:.0f} s: a limit may have ended", "network")
    reset = all(one == first for one in afresh)
    judge.holds(
        "RFC8628-5.1-rate-limit-scope",
        not reset,
        expected="the limit to outlive the cookies",
        received="a fresh start after the cookies were dropped",
    )


def _reaction(visit: Visit, code: str) -> tuple[int, str]:
    """What the page said to a code, without the code and without numbers."""
    page = visit.page
    text = re.sub(r"\W+", " ", page.text if page is not None else "")
    return page.status if page is not None else 0, re.sub(r"\d+", "", _hide(text, code))


def _different(code: str, real: str) -> str:
    """The next wrong code: never the real one."""
    turned = another_code(code)
    letters = plain(turned)
    stepped = letters[1:] + letters[0]
    filled = iter(stepped)
    spelled = "".join(next(filled) if char.isalnum() else char for char in code)
    return spelled if normal(spelled) != normal(real) else another_code(spelled)


def _hide(text: str, code: str) -> str:
    return text.replace(code, "").replace(plain(code), "")
