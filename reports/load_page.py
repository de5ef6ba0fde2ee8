"""One self-contained page for a load run: the verdict first, then figures, charts and evidence.

The laws of this file are those of the page of `check`: everything from outside is escaped, the page
loads nothing and runs nothing, and it says the same without colours; a document may lack anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.load_charts import charts
from reports.load_facts import said, word
from reports.load_headline import band, cards, measured_anything
from reports.load_style import LOAD_STYLE
from reports.load_tables import faults, run, sign_ins, thresholds, violations
from reports.page_style import STYLE

CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def load_page(document: Mapping[str, Any]) -> str:
    """The page of a document "devicegrant/load/1"; what the document lacks is called unknown."""
    name = word(document, "target", "name") or "unnamed target"
    body = "\n".join(_body(document))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{CSP}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>devicegrant load: {said(name)}</title>\n"
        f"<style>{STYLE}{LOAD_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _body(document: Mapping[str, Any]) -> Iterator[str]:
    anything = measured_anything(document)
    yield from band(document)
    yield "<main>"
    yield from cards(document)
    yield from thresholds(document)
    yield from violations(document)
    if anything:
        yield "<section><h2>Over time</h2>"
        yield from charts(document)
        yield "</section>"
        yield from sign_ins(document)
    yield from faults(document)
    yield from run(document)
    yield "</main>"
