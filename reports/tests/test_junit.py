"""JUnit is valid XML with one case for each requirement, whatever characters come."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from reports.junit import junit
from reports.report import Report
from reports.tests.scenes import Scene, result, results


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(junit(report))


def test_each_verdict_has_its_place() -> None:
    verdicts = ("pass", "fail", "warn", "inconclusive", "not_applicable", "known", "error")
    found = [result(f"R-{verdict}", verdict) for verdict in verdicts]
    suite = parsed(Report(results(found))).find("testsuite")
    assert suite is not None
    cases = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert cases == {
        "R-pass": [],
        "R-fail": ["failure"],
        "R-warn": ["system-out"],
        "R-inconclusive": ["skipped"],
        "R-not_applicable": ["skipped"],
        "R-known": ["skipped"],
        "R-error": ["error"],
    }
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "7", "failures": "1", "errors": "1", "skipped": "3"}


def test_every_character_ends_in_valid_xml() -> None:
    every = "".join(map(chr, range(0x250))) + "\ud800\udfff\ufffe\uffff\U0001f600]]><&\"'"
    bad = result("R", "fail", message=every, received=every, rule=every)
    case = parsed(Report(results([bad], warnings=[every]))).find(".//failure")
    assert case is not None
    assert "\U0001f600]]><&\"'" in (case.text or "")


def test_a_failure_brings_its_evidence() -> None:
    scene = Scene()
    scene.issued()
    scene.polled(6.0, "slow_down")
    bad = result("R", "fail", evidence=[1])
    report = Report(results([bad]), {"test_x::test_a_device_waits": scene.transcript})
    failure = parsed(report).find(".//failure")
    assert failure is not None
    assert failure.get("type") == "the target's fault"
    text = failure.text or ""
    assert "expected  this" in text and "received  that" in text
    assert "0.0 code | 5.0 slow_down" in text
    assert "curl -sS -i https://as.example/token" in text


def test_times_are_the_scenarios() -> None:
    case = parsed(Report(results([result()]))).find(".//testcase")
    assert case is not None and case.get("time") == "12.300"
