"""Reports of hostile stories: what a case says is text in each of them, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from evals.judging.thresholds import parse
from evals.keeping.records import ArmName, Traced
from evals.keeping.results import Arm, Grade
from evals.reports.findings import Findings, Standing, findings
from evals.reports.html import html
from evals.reports.junit import junit
from evals.reports.markdown import BYTES_MAX, markdown
from evals.running.gating import Order, record
from evals.stories.trace import Event, Trace
from store.model.run import Status
from tests.evals.constructed import SEED, arm, cases, result
from tests.evals.test_running import MADE_AT, SLICES, small_suite

HOSTILE = (
    "</p><script>alert(1)</script><img src=x onerror=alert(1)> ` `` | @everyone #1 "
    "https://evil.example [x](javascript:alert(1)) ![](http://evil.example/x.png) "
    "\u202egnp.exe\u200b ]]> &lt; \x00\x1b[31m \ud800 <!-- \n# heading\n| a | b |"
)


def hostile(which: ArmName, case: str, epoch: int = 0) -> Traced:
    said = (Event(kind="said", who="agent", text=HOSTILE), Event(kind="shown", who=which, text="x"))
    return Traced(
        arm=which, trace=Trace(case=case, epoch=epoch, status=Status.WAITING, events=said)
    )


def failing(case: str, why: str = HOSTILE) -> object:
    grades = (Grade(grader="writes", passed=False, why=why, is_violation=True),)
    return result(case, passed=False, grades=grades, violations=1, is_must_pass=True)


def told(count: int = 1, why: str = HOSTILE) -> Findings:
    """A run with so many hostile failures, all of them worse than the baseline."""
    base = cases({"refunds": 2_000, "routing": 5})[: count + 4]
    bad = {each.case: failing(each.case, why) for each in base[:count]}
    ours: list[object] = [bad.get(each.case, each) for each in base]
    return found(arm(ours), arm(base, prompt="9" * 64), [*bad])  # type: ignore[arg-type]


def found(candidate: Arm, baseline: Arm | None, stories: list[str]) -> Findings:
    suite = small_suite()
    order = Order(suite, suite.cases, (), SEED, 1, MADE_AT)
    both: tuple[ArmName, ...] = ("candidate", "baseline")
    traces = [hostile(which, case) for case in stories for which in both]
    return findings(suite, record(order, candidate, baseline), traces)


class Elements(HTMLParser):
    """Which elements and addresses a page has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attributes:
            self.attributes.add(name)
            if name in {"href", "src", "action"}:
                self.addresses.add(value or "")


def test_the_page_runs_nothing_and_asks_nobody() -> None:
    page = html(told())
    elements = Elements(page)
    assert not elements.tags & {"script", "img", "iframe", "link", "form", "object", "base"}
    assert not {name for name in elements.attributes if name.startswith("on")}
    assert all(address.startswith("#") for address in elements.addresses)
    assert "default-src 'none'" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;U+202E&gt;gnp.exe" in page
    assert not {"\u202e", "\u200b", "\x00", "\x1b", "\ud800"} & set(page)


def test_every_link_of_the_page_leads_to_a_case_that_is_told() -> None:
    page = html(told(3))
    for address in Elements(page).addresses:
        assert f'id="{address[1:]}"' in page


def test_the_verdict_stands_first_with_the_slice_that_is_worse() -> None:
    page = html(told(3))
    verdict, figures = page.index('class="verdict"'), page.index("<h2>")
    assert verdict < page.index("refunds worse: 3 of ") < figures


def test_the_xml_is_xml_and_counts_what_failed() -> None:
    suite = ET.fromstring(junit(told(3))).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("7", "3", "0")
    failures = suite.findall("testcase/failure")
    assert len(failures) == 3
    assert all("writes (broken rule)" in (each.text or "") for each in failures)
    names = {each.get("name") for each in suite.findall("properties/property")}
    assert {"verdict", "candidate.prompt", "baseline.bundle"} <= names


def test_what_failed_before_is_a_known_failure_and_no_new_one() -> None:
    base = [*cases({"refunds": 3}), failing("refunds-003", "as before")]
    ours = [failing("refunds-000", "new"), *base[1:3], failing("refunds-003", "as before")]
    read = ET.fromstring(junit(found(arm(ours), arm(base, prompt="9" * 64), [])))  # type: ignore[arg-type]
    suite, verdict = read.findall("testsuite")
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["4", "1", "0", "1"]
    (known,) = suite.findall("testcase/skipped")
    assert known.get("message") == "known failure: writes (broken rule): as before"
    assert (verdict.get("tests"), verdict.get("failures")) == ("1", "1")
    assert (read.get("tests"), read.get("failures"), read.get("skipped")) == ("5", "2", "1")


def test_without_a_baseline_no_failure_is_known() -> None:
    read = ET.fromstring(junit(found(arm([failing("refunds-000")]), None, [])))  # type: ignore[list-item]
    suite = read.find("testsuite")
    assert suite is not None
    assert (suite.get("failures"), suite.get("skipped")) == ("1", "0")


def test_beside_a_baseline_of_another_suite_no_failure_is_known() -> None:
    bad = [failing("refunds-000")]
    read = ET.fromstring(junit(found(arm(bad), arm(bad, suite="9" * 64), [])))  # type: ignore[arg-type]
    counts = [[each.get(name) for name in ("failures", "errors", "skipped")] for each in read]
    assert counts == [["1", "0", "0"], ["0", "1", "0"]]


def test_a_missed_bound_is_red_though_every_failure_is_known() -> None:
    base = [failing("refunds-000"), *cases({"routing": 2})]
    order = replace(
        Order(small_suite(), small_suite().cases, (), SEED, 1, MADE_AT),
        bounds=parse("success_rate>=0.9", SLICES, ()),
    )
    both = arm(base), arm(base, prompt="9" * 64)  # type: ignore[arg-type]
    read = ET.fromstring(junit(findings(order.suite, record(order, *both), [])))
    suite, verdict = read.findall("testsuite")
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")
    (missed,) = verdict.findall("testcase/failure")
    assert "success_rate" in (missed.get("message") or "")


def test_what_was_not_carried_out_is_an_error_and_no_failure() -> None:
    lost = result("refunds-000", passed=False, unverifiable="no recorded answer")
    told = found(arm([lost, *cases({"routing": 2})]), None, [])
    suite = ET.fromstring(junit(told)).find("testsuite")
    assert suite is not None
    assert (suite.get("failures"), suite.get("errors")) == ("0", "1")
    assert [each.case for each in told.of(Standing.UNVERIFIABLE)] == ["refunds-000"]


def _links(tokens: object) -> Iterator[str]:
    for token in tokens or ():  # type: ignore[attr-defined]
        yield token.type
        yield from _links(token.children)


def test_the_comment_has_no_link_no_picture_no_mention_and_no_html_of_a_case() -> None:
    text = markdown(told(3))
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    assert not {"link_open", "image", "html_inline"} & set(_links(tokens))
    blocks = {token.content.strip() for token in tokens if token.type == "html_block"}
    assert all(each.startswith(("<details>", "</details>")) for each in blocks)
    assert not any("script" in each for each in blocks)
    outside = "".join(
        child.content for token in tokens for child in token.children or () if child.type == "text"
    )
    assert "@" not in outside
    assert "evil" not in outside


@pytest.mark.parametrize("count", [1, 60, 500])
def test_the_comment_fits(count: int) -> None:
    assert len(markdown(told(count, "é" * 3_000)).encode()) <= BYTES_MAX


def test_a_failure_that_only_fresh_epochs_show_is_told_with_its_story() -> None:
    fresh = result("refunds-000", passed=False, epoch=1_003)
    ours = arm([result("refunds-000"), fresh])
    (only,) = replace(found(ours, None, [])).cases
    assert (only.ours.epoch, only.epochs_failed, only.epochs) == (1_003, 1, 2)
