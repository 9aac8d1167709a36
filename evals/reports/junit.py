"""A run as JUnit XML, for the page that a CI service makes of it: one testcase a case."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evals.gate import headline
from evals.printed import PART
from evals.reports.findings import CaseFinding, Findings, Standing, visible, wrong
from evals.results import Arm

TEXT_CHARACTERS_MAX = 4_000  # of one failure


def junit(found: Findings) -> bytes:
    """The file's content. Times are seconds on this machine, all epochs of a case together."""
    record = found.record
    failed = sum(each.epochs_failed > 0 for each in found.cases)
    lost = len(found.of(Standing.UNVERIFIABLE))
    suite = Element(
        "testsuite",
        name=record.suite,
        timestamp=record.made_at.isoformat(timespec="seconds"),
        tests=str(len(found.cases)),
        failures=str(failed - _lost_and_failed(found)),
        errors=str(lost),
        skipped="0",
        time=_seconds(sum(each.milliseconds for each in found.cases)),
    )
    properties = SubElement(suite, "properties")
    for name, value in _properties(found):
        SubElement(properties, "property", name=name, value=visible(value))
    for each in sorted(found.cases, key=lambda finding: finding.case):
        _testcase(suite, record.suite, each)
    whole = Element("testsuites", name="agent-eval")
    whole.append(suite)
    indent(whole)
    data: bytes = tostring(whole, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _lost_and_failed(found: Findings) -> int:
    return sum(each.epochs_failed > 0 for each in found.of(Standing.UNVERIFIABLE))


def _testcase(suite: Element, name: str, each: CaseFinding) -> None:
    where = ".".join((name, *each.ours.slices[:1]))
    case = SubElement(
        suite, "testcase", name=each.case, classname=where, time=_seconds(each.milliseconds)
    )
    is_lost = each.standing is Standing.UNVERIFIABLE
    if not is_lost and not each.epochs_failed:
        return
    lines = wrong(each.ours) or wrong(each.theirs) or ("wrong",)
    kind = "error" if is_lost else "failure"
    message = visible(lines[0])[:TEXT_CHARACTERS_MAX]
    told = SubElement(case, kind, type=each.standing.value, message=message)
    of_epochs = f"{each.epochs_failed} of {each.epochs} epochs failed" if each.epochs > 1 else ""
    text = "\n".join(filter(None, (*lines, of_epochs)))
    told.text = visible(text)[:TEXT_CHARACTERS_MAX]


def _properties(found: Findings) -> Iterator[tuple[str, str]]:
    record = found.record
    yield "verdict", headline(record.verdict, record.reasons)
    if record.is_partial:
        yield "partial", PART
    for metric in record.metrics:
        yield f"metric.{metric.name}", f"{metric.candidate:g} {metric.bound}".strip()
    yield from _pins("candidate", record.candidate)
    if record.baseline is not None:
        yield from _pins("baseline", record.baseline)


def _pins(which: str, arm: Arm) -> Iterator[tuple[str, str]]:
    yield which, arm.label
    for name, value in arm.pins:
        yield f"{which}.{name}", str(value)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"
