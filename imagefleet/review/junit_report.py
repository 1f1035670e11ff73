"""The answers of a check as JUnit XML: one test case for each rule and resource it is about.

A test fails exactly where the check refuses. What is advisory, undecided or waived is skipped
with its message, so that a pipeline shows it and stays green. What kept a run from judging
everything is an error. Cases name the file and line of what they found.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from imagefleet.domain.judgements import Result, Review, RuleFacts, RunFault, SourcePlace, Verdict
from imagefleet.review.wording import safe, sentence


def render(review: Review) -> str:
    """Return the document: one test suite for each rule that is about something here."""
    cases: dict[str, dict[str, list[Result]]] = {}
    for result in review.results:
        if result.verdict is not Verdict.NOT_APPLICABLE:
            of_rule = cases.setdefault(result.rule.id, {})
            of_rule.setdefault(result.urn or result.resource, []).append(result)
    root = ET.Element("testsuites", name="imagefleet policy")
    for rule in review.rules:
        if rule.id in cases:
            root.append(_suite(rule, cases[rule.id].values()))
    if review.faults:
        root.append(_run(review.checker, review.faults))
    for key in ("tests", "failures", "skipped", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(rule: RuleFacts, cases: Iterable[list[Result]]) -> ET.Element:
    suite = ET.Element("testsuite", name=rule.id)
    for results in cases:
        name = safe(results[0].resource)
        case = ET.SubElement(suite, "testcase", classname=f"imagefleet.{rule.id}", name=name)
        stopping = [each for each in results if each.stops]
        noted = [each for each in results if each.verdict is not Verdict.PASS]
        if noted:
            _locate(case, (stopping or noted)[0].place)
        if stopping:
            failure = ET.SubElement(case, "failure", type=rule.level, message=_words(stopping))
            failure.text = f"{safe(rule.summary)}\nRemedy: {safe(rule.remedy)}"
        elif noted:
            ET.SubElement(case, "skipped", message=f"{_kind(noted[0])}: {_words(noted)}")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return suite


def _run(checker: str, faults: Iterable[RunFault]) -> ET.Element:
    suite = ET.Element("testsuite", name=checker)
    for fault in faults:
        case = ET.SubElement(suite, "testcase", classname="imagefleet.run", name=fault.subject)
        _locate(case, fault.place)
        ET.SubElement(case, "error", message=fault.text)
    suite.set("tests", str(len(suite)))
    suite.set("failures", "0")
    suite.set("errors", str(len(suite)))
    suite.set("skipped", "0")
    return suite


def _locate(case: ET.Element, place: SourcePlace | None) -> None:
    if place is None:
        return
    case.set("file", unquote(place.uri))
    if place.line is not None:
        case.set("line", str(place.line))


def _kind(result: Result) -> str:
    return result.rule.level if result.verdict is Verdict.FAIL else result.verdict.value


def _words(results: Iterable[Result]) -> str:
    return " ".join(sentence(each) or safe(each.rule.summary) for each in results)
