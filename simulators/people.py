"""People with believable names: accounts for the reference server, as many as a load run needs.

The same seed gives the same people.  Faker is imported when somebody is needed, because the
reference server starts without it.
"""

from __future__ import annotations

import random
import re
import secrets
import unicodedata
from collections.abc import Iterator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from simulators.server.config import Account, Seed

if TYPE_CHECKING:
    from faker import Faker

LOCALES = ("en_GB", "de_DE", "fr_FR", "pl_PL", "es_ES", "tr_TR")
"""Where the names come from; several have letters outside ASCII, which pages must survive."""

_SPELLED = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"})


def crowd(count: int, seed: Seed | None = None) -> tuple[Account, ...]:
    """That many accounts with different user names, passwords and subjects.

    Names, passwords and claims follow from `seed`; without one they are new every time.  Raises
    `ValueError` for a negative count.
    """
    if count < 0:
        raise ValueError(f"a crowd has at least no people, not {count}")
    return tuple(account for account, _ in zip(people(seed), range(count), strict=False))


def people(seed: Seed | None = None) -> Iterator[Account]:
    """Accounts without end, no two with the same user name."""
    from faker import Faker

    rand = random.Random(f"{seed}/people" if seed is not None else secrets.randbits(64))
    faces = [Faker(locale) for locale in LOCALES]
    for face in faces:
        face.seed_instance(rand.getrandbits(32))
    taken: set[str] = set()
    while True:
        yield _account(rand.choice(faces), rand, taken)


def _account(face: Faker, rand: random.Random, taken: set[str]) -> Account:
    given, family = face.first_name(), face.last_name()
    username = _unused(f"{_plain(given)}.{_plain(family)}", taken)
    claims: dict[str, Any] = {
        "sub": rand.randbytes(8).hex(),
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "preferred_username": username,
        "email": f"{username}@people.example",
    }
    return Account(username, rand.randbytes(12).hex(), MappingProxyType(claims))


def _plain(name: str) -> str:
    """A name in the letters that a user name may have."""
    spelled = unicodedata.normalize("NFKD", name.translate(_SPELLED)).encode("ascii", "ignore")
    return re.sub(r"[^a-z]+", "-", spelled.decode().lower()).strip("-") or "someone"


def _unused(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}{number}"
    taken.add(name)
    return name
