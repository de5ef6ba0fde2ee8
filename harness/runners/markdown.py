"""Pieces of the Markdown pages that are written by a command and kept current by a test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_THREAD = re.compile(r"(?:PR )?#\d+")
_WORD = re.compile(
    rf"(?P<repository>{_REPOSITORY.pattern})|(?P<thread>{_THREAD.pattern})"
    r"|(?P<cve>CVE-\d{4}-\d+)|(?P<ghsa>GHSA(?:-\w{4}){3})|(?P<end>;)"
)


def row(*cells: str) -> str:
    """One row of a table."""
    return "| " + " | ".join(cells) + " |"


def head(*names: str) -> Iterator[str]:
    """The two lines that begin a table."""
    yield row(*names)
    yield row(*["---"] * len(names))


def safe(text: str) -> str:
    """Text that says in a table what it says elsewhere."""
    for character, instead in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("\n", " ")):
        text = text.replace(character, instead)
    return text


def page(title: str, command: str, paragraphs: Iterable[str], body: Iterable[str]) -> str:
    """A whole page, which says how to write it anew."""
    lines = [f"# {title}", "", *(line for text in paragraphs for line in (text, ""))]
    lines += [f"This page is written by a command: `{command}`.", "", *body]
    return "\n".join(lines).rstrip() + "\n"


def linked(citation: str) -> str:
    """A citation in which threads, pull requests and advisories are links, as far as it is known
    where they are."""
    repository = ""

    def link(found: re.Match[str]) -> str:
        nonlocal repository
        word = found[0]
        if found["repository"]:
            repository = word
        elif found["end"]:
            repository = ""
        elif found["cve"]:
            return f"[{word}](https://www.cve.org/CVERecord?id={word})"
        elif found["ghsa"]:
            return f"[{word}](https://github.com/advisories/{word})"
        elif found["thread"] and repository:
            kind = "pull" if word.startswith("PR") else "issues"
            number = word.rpartition("#")[2]
            return f"[{word}](https://github.com/{repository}/{kind}/{number})"
        return word

    return _WORD.sub(link, safe(citation))
