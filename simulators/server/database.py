"""Shelves in one SQLite file, which any number of processes of one machine can share.

A request is one transaction, begun when it first looks at a shelf: whatever is found can be changed
in place, what has changed is written at the end, and no two requests are inside at the same time.
So a code buys its tokens once, whoever is asked.  Give all servers of a file a clock that tells
them the same time.
"""

from __future__ import annotations

import math
import pickle
import secrets
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import astuple

from simulators.server.grant import Grant
from simulators.server.sessions import Session
from simulators.server.shelf import Shelf, never
from simulators.server.tokens import Access, Refresh

V = TypeVar("V")

_PATIENCE = 10.0
"""Seconds for which a request waits for those of other processes."""

_COUNT_EVERY = 10.0
"""Seconds between two looks whether a shelf has too much on it: counting reads all of it."""

_OURS = 0x64676B31
"""What marks a file as one of these, and the way in which it is written."""

_SCHEMA = """
CREATE TABLE kept (kind TEXT, name TEXT, thing BLOB, ends REAL, PRIMARY KEY (kind, name))
WITHOUT ROWID;
CREATE INDEX kept_until ON kept (kind, ends);
"""
_GET = "SELECT thing FROM kept WHERE kind = ? AND name = ?"
_PUT = "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)"
_DROP = "DELETE FROM kept WHERE kind = ? AND name = ?"
_NAMES = "SELECT name FROM kept WHERE kind = ?"
_COUNT = "SELECT count(*) FROM kept WHERE kind = ?"
_FIRST = "SELECT name FROM kept WHERE kind = ? AND ends <= ? ORDER BY ends LIMIT ?"


class StoreUnusable(Exception):
    """The file cannot serve as a store; the message says why."""


class _Link(NamedTuple):
    """Things of one kind that hold a thing of another: its name is written in its place."""

    made: type[Struct]
    position: int
    to: str
    name: Callable[[Any], str]


def _link(made: type[Struct], attribute: str, to: str, name: str) -> _Link:
    return _Link(made, made.__struct_fields__.index(attribute), to, attrgetter(name))


_LINKS: Mapping[str, _Link] = MappingProxyType(
    {
        "grants": _link(Grant, "family", "families", "name"),
        "access tokens": _link(Access, "family", "families", "name"),
        "refresh tokens": _link(Refresh, "family", "families", "name"),
        "sessions": _link(Session, "grant", "grants", "device_code"),
    }
)


class Database:
    """Shelves in a file, made if it is not there; raises `StoreUnusable`.

    `secret` is what keys follow from; without one it is drawn when the file is made, and stays.
    """

    def __init__(self, path: Path, secret: str | None = None) -> None:
        self._threads = threading.Lock()
        self._tables: dict[str, Table[Any]] = {}
        self._inside = self._begun = False
        try:
            # Tokens and secrets are in it: it is for its owner alone.
            path.touch(mode=0o600)
            self._file = sqlite3.connect(
                path.absolute(), _PATIENCE, isolation_level=None, check_same_thread=False
            )
            weakref.finalize(self, self._file.close)
            self.secret = self._opened(secret)
        except (OSError, sqlite3.Error) as problem:
            raise StoreUnusable(f"{path} cannot be a store: {problem}") from None
        if secret is not None and secret != self.secret:
            raise StoreUnusable(f"{path} was made with another seed, or with none")

    def _opened(self, secret: str | None) -> str:
        ask = self._file.execute
        (mark,) = ask("PRAGMA application_id").fetchone()
        (tables,) = ask("SELECT count(*) FROM sqlite_master").fetchone()
        if mark != _OURS and (mark or tables):
            raise sqlite3.DatabaseError("it is a database of another program")
        ask("PRAGMA journal_mode = WAL")
        # A process may die at any time; only a power cut can harm the file, and it guards nothing.
        ask("PRAGMA synchronous = OFF")
        ask("BEGIN IMMEDIATE")
        if not ask("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            ask(f"PRAGMA application_id = {_OURS}")
            for statement in _SCHEMA.split(";"):
                ask(statement)
            made = secrets.token_hex(16) if secret is None else secret
            ask(_PUT, ("server", "secret", made.encode(), math.inf))
        found: bytes = ask(_GET, ("server", "secret")).fetchone()[0]
        ask("COMMIT")
        return found.decode()

    def shelf(
        self, kind: str, ends: Callable[[V], float] = never, most: int | None = None
    ) -> Shelf[V]:
        """The shelf of that kind."""
        made: Table[V] = Table(self, kind, ends, most)
        self._tables[kind] = made
        return made

    @property
    def turn(self) -> Database:
        """The transaction that a request is."""
        return self

    def __enter__(self) -> None:
        self._threads.acquire()
        self._inside = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                for table in self._tables.values():
                    table.write()
                if self._begun:
                    self._file.execute("COMMIT")
        finally:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            for table in self._tables.values():
                table.forget()
            self._inside = self._begun = False
            self._threads.release()

    def ask(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Run a statement in the transaction of the request that is being served."""
        if not self._begun:
            if not self._inside:
                raise RuntimeError("shelves are used in a turn only")
            self._file.execute("BEGIN IMMEDIATE")
            self._begun = True
        return self._file.execute(statement, values)

    def named(self, kind: str, name: str) -> Any:
        """A thing that another one holds."""
        return self._tables[kind].get(name)


class Table(Generic[V]):
    """A shelf: what this turn has seen of it, and the rest in the file."""

    def __init__(
        self, database: Database, kind: str, ends: Callable[[V], float], most: int | None
    ) -> None:
        self._database = database
        self._ask = database.ask
        self._kind = kind
        self._ends = ends
        self._most = most
        self._link = _LINKS.get(kind)
        self._next_count = 0.0
        self._seen: dict[str, tuple[V | None, bytes | None]] = {}
        """Things, and how they stand in the file."""

    def get(self, name: str, /) -> V | None:
        """The thing of that name, or None."""
        seen = self._seen.get(name)
        if seen is not None:
            return seen[0]
        row = self._ask(_GET, self._kind, _storable(name)).fetchone()
        thing, written = (None, None) if row is None else (self._read(row[0]), row[0])
        self._seen[name] = thing, written
        return thing

    def keep(self, name: str, thing: V) -> None:
        """Put a thing on the shelf, in place of another of that name."""
        self._seen[name] = thing, b""

    def drop(self, name: str) -> None:
        """Forget a thing, if it is there."""
        self._seen[name] = None, b""

    def is_due(self, now: float) -> bool:
        """Whether there is something to forget."""
        return self._ask(_FIRST, self._kind, now, 1).fetchone() is not None

    def expired(self, now: float, at_most: int) -> list[V]:
        """Forget what has come to its end, and what is too much, and return it."""
        if self._most is not None and now >= self._next_count:
            self._next_count = now + _COUNT_EVERY
            too_many = len(self) - self._most
            now, at_most = (math.inf, too_many) if too_many > 0 else (now, at_most)
        names = [name for (name,) in self._ask(_FIRST, self._kind, now, at_most)]
        gone = [thing for name in names if (thing := self.get(name)) is not None]
        for name in names:
            self._ask(_DROP, self._kind, name)
            self._seen[name] = None, None
        return gone

    def values(self) -> Iterable[V]:
        """Everything on the shelf."""
        names = {name for (name,) in self._ask(_NAMES, self._kind)} | set(self._seen)
        return [thing for name in names if (thing := self.get(name)) is not None]

    def __len__(self) -> int:
        (found,) = self._ask(_COUNT, self._kind).fetchone()
        return int(found)

    def write(self) -> None:
        """Put into the file what has changed."""
        for name, (thing, before) in self._seen.items():
            if thing is None:
                if before is not None:
                    self._ask(_DROP, self._kind, _storable(name))
                continue
            now = self._written(thing)
            if now != before:
                self._ask(_PUT, self._kind, _storable(name), now, self._ends(thing))

    def forget(self) -> None:
        """Others may change things from now on: what was seen counts no more."""
        self._seen.clear()

    def _written(self, thing: V) -> bytes:
        if self._link is None:
            return pickle.dumps(thing)
        parts = list(astuple(thing))  # type: ignore[arg-type]
        other = parts[self._link.position]
        parts[self._link.position] = None if other is None else self._link.name(other)
        return pickle.dumps(parts)

    def _read(self, written: bytes) -> V:
        # Nobody but the user who runs the server can write to the file.
        found: Any = pickle.loads(written)  # noqa: S301
        if self._link is None:
            thing: V = found
            return thing
        name = found[self._link.position]
        found[self._link.position] = self._database.named(self._link.to, name) if name else None
        return self._link.made(*found)  # type: ignore[return-value]


def _storable(name: str) -> str:
    # Strangers choose some of the names, and JSON can hold halves of characters.
    return name.encode("utf-8", "replace").decode()
