"""Which requirements and scenarios a run is about, out of --only, --level and --profile."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from harness.profiles import claimed
from harness.requirements import Requirement, catalogue
from harness.runners.engine import Play, Selection
from harness.target import Target, TargetError

LEVELS = ("must", "should", "may")


def select(
    target: Target,
    *,
    only: Iterable[str] = (),
    level: str = "may",
    profiles: Iterable[str] = (),
) -> Selection:
    """The selection for a target; profiles are `core` and what it claims, unless they are named.

    Raises `TargetError` for a profile or a prefix that matches nothing, with near misses.
    """
    known = {entry.profile for entry in catalogue().values() if entry.judges_server}
    named = tuple(profiles)
    for profile in (*named, *target.profiles):
        if profile not in known:
            raise TargetError(_unknown("profile", profile, known))
    selection = Selection(tuple(only), level, frozenset(named) if named else claimed(target))
    for prefix in selection.only:
        _must_match(prefix, selection)
    for id_ in target.known:
        if id_ not in catalogue():
            raise TargetError(_unknown("requirement in [known]", id_, catalogue()))
    return selection


def wanted_by(selection: Selection) -> Mapping[str, Requirement]:
    """The requirements in scope, by id."""
    return {id_: entry for id_, entry in catalogue().items() if selection.wants(id_)}


def chosen_for(wanted: Mapping[str, Requirement], plays: Iterable[Play]) -> list[Play]:
    """The scenarios that are evidence for what is wanted.

    Raises `TargetError` if there are none: a run that checks nothing is no success.
    """
    chosen = [play for play in plays if any(one in wanted for one in play.mark.requirements)]
    if not chosen:
        raise TargetError(
            "no scenario is evidence for what was selected: "
            f"{_some(wanted)}; devicegrant requirements ID says why"
        )
    return chosen


def requirement_named(id_: str) -> list[Requirement]:
    """The requirement with that id, else all with that prefix.

    Raises `TargetError` with near misses if there are none.
    """
    if id_ in catalogue():
        return [catalogue()[id_]]
    found = [entry for key, entry in catalogue().items() if key.startswith(id_)]
    if not found:
        raise TargetError(_unknown("requirement", id_, catalogue()))
    return found


def _must_match(prefix: str, selection: Selection) -> None:
    matching = [entry for key, entry in catalogue().items() if key.startswith(prefix)]
    if not matching:
        raise TargetError(_unknown("--only: requirement or prefix", prefix, catalogue()))
    if any(selection.wants(entry.id) for entry in matching):
        return
    profiles = sorted({entry.profile for entry in matching} - selection.profiles)
    if not any(entry.judges_server for entry in matching):
        raise TargetError(
            f"--only {prefix}: that binds clients, and check judges authorization servers"
        )
    if profiles:
        flags = " ".join(f"--profile {profile}" for profile in profiles)
        raise TargetError(f"--only {prefix}: not in the profiles of this run; add {flags}")
    raise TargetError(f"--only {prefix}: nothing of that is of level {selection.level} or above")


def _unknown(what: str, word: str, known: Iterable[str]) -> str:
    known = sorted(known)
    folded = {one.lower(): one for one in known}
    near = [folded[one] for one in difflib.get_close_matches(word.lower(), folded, 3, 0.5)]
    if not near:
        near = [one for one in known if word.lower() in one.lower()][:3]
    hint = f"near: {', '.join(near)}" if near else f"there are, for example, {_some(known)}"
    return f"{what} {word!r} matches nothing; {hint}"


def _some(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
