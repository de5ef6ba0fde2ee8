"""Files that a run leaves behind: checked before it starts, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from harness.target import TargetError


def writable(option: str, path: Path | None) -> Path | None:
    """The path, if a file can be written there.  Raises `TargetError` that names the option."""
    if path is None or _is_stream(path):
        return path
    if path.is_dir():
        raise TargetError(f"{option} {path}: that is a folder, the name of a file is needed")
    if not path.parent.is_dir():
        raise TargetError(f"{option} {path}: there is no folder {path.parent}")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        Path(name).unlink()
    except OSError as problem:
        raise TargetError(f"{option} {path}: cannot be written ({problem.strerror})") from None
    if path.exists() and not os.access(path, os.W_OK):
        raise TargetError(f"{option} {path}: cannot be written (it is write-protected)")
    return path


def write(path: Path, pieces: Iterable[str]) -> None:
    """Write a text as UTF-8 under a draft's name and rename it.  Raises `TargetError`."""
    try:
        if _is_stream(path):
            path.write_text("".join(pieces), "utf-8")
            return
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        draft = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
            # mkstemp's 0600 would surprise whoever collects reports; nothing in them is secret.
            draft.chmod(0o644)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise TargetError(f"{path}: cannot be written ({problem.strerror})") from None


def _is_stream(path: Path) -> bool:
    """Whether it is a device or a pipe, which cannot be renamed over."""
    return path.exists() and not path.is_file() and not path.is_dir()
