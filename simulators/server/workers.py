"""The server in several processes, which share a port and a store.

Each of them makes a server of its own, on shelves that all have in common (`database`).  A worker
hears from its parent that it is time to go, and goes as well when the parent is gone.  If one dies,
nobody can tell what it was doing: the others end, too, and the user is told.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType

from simulators.server.asgi import Factory, bound, carried

_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 15.0
_GLANCE = 1.0
"""Seconds between two looks of a worker at its own server."""


class WorkerLost(Exception):
    """A worker ended by itself; the message says how."""


@dataclass(frozen=True, slots=True)
class _Worker:
    process: SpawnProcess
    line: Connection

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        self.process.join(_STOP_TIMEOUT)
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"


def serve_together(
    factory: Factory,
    workers: int,
    port: int = 0,
    host: str = "127.0.0.1",
    announce: Callable[[str], None] = print,
) -> None:
    """Serve from so many processes until interrupted; `announce` hears the address first.

    `factory` is called in each of them, so it has to be one that can be pickled.  Raises `OSError`
    if the port is taken, and `WorkerLost`.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(_ends_on_sigterm())
        address, listeners = stack.enter_context(_listeners(workers, port, host))
        with contextlib.suppress(KeyboardInterrupt), _crew(factory, address, listeners) as crew:
            for number, worker in enumerate(crew, 1):
                if not worker.line.poll(_START_TIMEOUT):
                    raise WorkerLost(f"worker {number} of {workers} did not start")
                _heard(worker, number, workers)
            announce(address)
            lost = wait([worker.line for worker in crew])[0]
            number = [worker.line for worker in crew].index(lost)  # type: ignore[arg-type]
            _heard(crew[number], number + 1, workers)


def _heard(worker: _Worker, number: int, workers: int) -> None:
    try:
        worker.line.recv()
    except (EOFError, OSError):
        text = f"worker {number} of {workers} {worker.ending}; all have ended"
        raise WorkerLost(text) from None


@contextlib.contextmanager
def _listeners(workers: int, port: int, host: str) -> Iterator[tuple[str, list[socket.socket]]]:
    """An address, and for each worker the socket on which it listens there."""
    with contextlib.ExitStack() as stack:
        # Alone at first: a port on which a stranger listens who shares it would count as free.
        with bound(port, host) as (listener, address):
            port = listener.getsockname()[1]
            if sys.platform != "linux":
                yield address, [listener.dup() for _ in range(workers)]
                return
        # Linux spreads connections over sockets; those who share one would snatch from each other.
        yield (
            address,
            [stack.enter_context(bound(port, host, shared=True))[0] for _ in range(workers)],
        )


@contextlib.contextmanager
def _crew(
    factory: Factory, address: str, listeners: list[socket.socket]
) -> Iterator[list[_Worker]]:
    context = multiprocessing.get_context("spawn")
    crew: list[_Worker] = []
    try:
        for listener in listeners:
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_work, args=(factory, address, listener, theirs), daemon=True
            )
            process.start()
            theirs.close()
            listener.close()
            crew.append(_Worker(process, ours))
        yield crew
    finally:
        for worker in crew:
            worker.line.close()
        for worker in crew:
            worker.process.join(_STOP_TIMEOUT)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def _work(factory: Factory, address: str, listener: socket.socket, line: Connection) -> None:
    """What a worker does, until its parent lets go of the line."""
    # Ctrl-C reaches everybody at the terminal, but it is for the parent to say when to go.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with carried(factory(address), listener) as thread:
        line.send("ready")
        with contextlib.suppress(EOFError, OSError):
            while thread.is_alive():
                if line.poll(_GLANCE):
                    line.recv()


@contextlib.contextmanager
def _ends_on_sigterm() -> Iterator[None]:
    def interrupted(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
