"""A run as JUnit XML, for the page that a CI service makes of it: one testcase a case, and one for
the verdict.

What fails with the baseline too is skipped as a known failure, so that `failures` counts what this
candidate has to answer for. The verdict stands in a suite of its own: a bound may be missed though
no case became worse, and then a page of test results must not look green.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evals.judging.gate import headline
from evals.keeping.results import EXIT_CODES, Arm, Record, Verdict
from evals.reports.findings import CaseFinding, Findings, Standing, visible, wrong
from evals.reports.printed import PART

TEXT_CHARACTERS_MAX = 4_000  # of one failure
ERROR, FAILURE, SKIPPED = "error", "failure", "skipped"
KNOWN = "known failure"
COUNTED = {"failures": FAILURE, "errors": ERROR, "skipped": SKIPPED}


@dataclass(frozen=True)
class _Test:
    """One testcase; `kind` is what it has to say, empty for a pass."""

    name: str
    group: str
    milliseconds: int = 0
    kind: str = ""
    type: str = ""
    message: str = ""
    text: str = ""


def junit(found: Findings) -> bytes:
    """The file's content. Times are seconds on this machine, all epochs of a case together."""
    record = found.record
    tests = [_of_case(record.suite, e) for e in sorted(found.cases, key=lambda each: each.case)]
    verdict = [_of_verdict(record)]
    whole = Element("testsuites", _figures("agent-eval", [*tests, *verdict]))
    suite = SubElement(whole, "testsuite", _figures(record.suite, tests))
    suite.set("timestamp", record.made_at.isoformat(timespec="seconds"))
    properties = SubElement(suite, "properties")
    for name, value in _properties(found):
        SubElement(properties, "property", name=name, value=visible(value))
    _told(suite, tests)
    _told(SubElement(whole, "testsuite", _figures(f"{record.suite}.verdict", verdict)), verdict)
    indent(whole)
    data: bytes = tostring(whole, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _of_case(suite: str, each: CaseFinding) -> _Test:
    group = ".".join((suite, *each.ours.slices[:1]))
    is_lost = each.standing is Standing.UNVERIFIABLE
    if not is_lost and not each.epochs_failed:
        return _Test(each.case, group, each.milliseconds)
    lines = wrong(each.ours) or wrong(each.theirs) or ("wrong",)
    of_epochs = f"{each.epochs_failed} of {each.epochs} epochs failed" if each.epochs > 1 else ""
    return _Test(
        each.case,
        group,
        each.milliseconds,
        kind=ERROR if is_lost else SKIPPED if each.is_known else FAILURE,
        type=KNOWN if each.is_known else each.standing.value,
        message=f"{KNOWN}: {lines[0]}" if each.is_known else lines[0],
        text="\n".join(filter(None, (*lines, of_epochs))),
    )


def _of_verdict(record: Record) -> _Test:
    said = headline(record.verdict, record.reasons)
    if not EXIT_CODES[record.verdict]:
        return _Test("verdict", record.suite)
    kind = ERROR if record.verdict is Verdict.UNVERIFIABLE else FAILURE
    reasons = "\n".join(record.reasons)
    return _Test("verdict", record.suite, 0, kind, record.verdict.value, said, reasons)


def _told(suite: Element, tests: list[_Test]) -> None:
    for each in tests:
        time = _seconds(each.milliseconds)
        case = SubElement(suite, "testcase", name=each.name, classname=each.group, time=time)
        if each.kind:
            message = visible(each.message)[:TEXT_CHARACTERS_MAX]
            told = SubElement(case, each.kind, type=each.type, message=message)
            told.text = visible(each.text)[:TEXT_CHARACTERS_MAX]


def _figures(name: str, tests: list[_Test]) -> dict[str, str]:
    """The attributes of a suite: its name and what came of its tests."""
    kinds = Counter(each.kind for each in tests)
    counts = {attribute: str(kinds[kind]) for attribute, kind in COUNTED.items()}
    time = _seconds(sum(each.milliseconds for each in tests))
    return {"name": name, "tests": str(len(tests)), **counts, "time": time}


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
