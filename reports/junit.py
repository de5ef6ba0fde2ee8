"""JUnit XML: one test case for each requirement, valid whatever characters a target sends."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from harness.results import RequirementResult
from reports.clean import clean
from reports.failures import brief_block, failure_block
from reports.report import BLAMED, Report, specification

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WIDTH = 100


def junit(report: Report) -> str:
    """The XML document.

    A warning is a passed case with a word in its output; what was not put to the test, or is known
    to fail, is skipped with the reason.
    """
    results = report.results
    suite = ET.Element(
        "testsuite",
        name=_legal(f"devicegrant: {results.target.name}"),
        tests=str(len(results.requirements)),
        failures=str(results.summary["fail"]),
        errors=str(results.summary["error"]),
        skipped=str(
            sum(results.summary[one] for one in ("inconclusive", "not_applicable", "known"))
        ),
        time=f"{results.seconds:.3f}",
        timestamp=results.started.partition("+")[0],
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("devicegrant", results.tool.version),
        ("issuer", results.target.issuer or ""),
        ("clock", results.target.clock),
        ("seed", "" if results.seed is None else str(results.seed)),
        ("exit_code", str(results.exit_code)),
        ("interrupted", str(results.interrupted).lower()),
    ):
        ET.SubElement(properties, "property", name=name, value=_legal(value))
    for result in results.requirements:
        suite.append(_case(report, result))
    root = ET.Element("testsuites", name="devicegrant")
    root.append(suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(report: Report, result: RequirementResult) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=_legal(f"devicegrant.{specification(result.source).replace('.', ' ')}"),
        name=_legal(result.id),
        time=f"{report.seconds(result) or 0.0:.3f}",
    )
    message = _legal(clean(result.message))
    if result.verdict in {"fail", "error"}:
        tag = "failure" if result.verdict == "fail" else "error"
        kind = BLAMED.get(result.blame or "", "") or result.verdict
        problem = ET.SubElement(case, tag, message=message, type=_legal(kind))
        lines = failure_block(report, result, _WIDTH, {})
        problem.text = _legal("\n".join(line.text for line in lines))
    elif result.verdict in {"inconclusive", "not_applicable", "known"}:
        word = result.verdict.replace("_", " ")
        ET.SubElement(case, "skipped", message=f"{word}: {message}")
    elif result.verdict == "warn":
        lines = brief_block(report, result, _WIDTH)
        ET.SubElement(case, "system-out").text = _legal("\n".join(line.text for line in lines))
    return case


def _legal(text: str) -> str:
    """`text` without the characters that XML 1.0 cannot carry, not even escaped."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
