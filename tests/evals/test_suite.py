"""A suite is loaded whole or not at all, and what is wrong with it is said where it stands."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from evals.cases import suite
from evals.cases.suite import SuiteError
from tests.evals.writing import CASE, SUITE, write


def refused(tmp_path: Path, cases: str, file: str = SUITE) -> list[str]:
    with pytest.raises(SuiteError) as error:
        suite.load(write(tmp_path, cases, file))
    return [str(finding) for finding in error.value.findings]


def changed(old: str, new: str) -> str:
    assert old in CASE
    return CASE.replace(old, new)


def test_cases_stand_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    folder = write(tmp_path, changed("one-refund", "b-case") + changed("one-refund", "a-case"))
    (folder / "golden").mkdir()
    text = indent(changed("one-refund", "c-case"), "  ")
    (folder / "golden" / "more.yml").write_text(f"cases:\n{text}")
    loaded = suite.load(folder)
    assert [case.case for case in loaded.cases] == ["b-case", "a-case", "c-case"]
    assert loaded.places["c-case"].finding((), "here").line == 2
    assert loaded.must_pass == frozenset()


def test_the_digest_is_over_every_file(tmp_path: Path) -> None:
    folder = write(tmp_path, CASE)
    first = suite.load(folder).digest
    assert suite.load(folder).digest == first
    (folder / "cases.yml").write_text((folder / "cases.yml").read_text() + "# a remark\n")
    second = suite.load(folder).digest
    (folder / "suite.yml").write_text((folder / "suite.yml").read_text() + "# a remark\n")
    assert len({first, second, suite.load(folder).digest}) == 3


def test_recorded_answers_are_no_part_of_the_cases(tmp_path: Path) -> None:
    folder = write(tmp_path, CASE)
    first = suite.load(folder).digest
    (folder / "cassettes").mkdir()
    (folder / "cassettes" / "one.jsonl").write_text("{}\n")
    assert suite.load(folder).digest == first


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("slices: [refunds]", "slices: [refunds, speed]", "r/cases.yml:4:21: no slice speed"),
        ("by: dana", "by: dona", "r/cases.yml:6:7: no person dona; did you mean dana?"),
        ("channel: support-ops", "channel: suport-ops", "r/cases.yml:7:12: no channel suport-ops"),
        ("- approve: lee", "- approve: leo", "r/cases.yml:12:14: no person leo; did you mean lee?"),
        (
            "- payments.refund: {amount: 40.00 USD}",
            "- payments.refunds: {amount: 40.00 USD}",
            "r/cases.yml:16:7: no operation payments.refunds; did you mean payments.refund?",
        ),
        ("{amount: 40.00 USD}", "{sum: 40.00 USD}", "no parameter of payments.refund sum"),
        ("{amount: 40.00 USD}", '{amount: "$40.00"}', "money is written with its decimals"),
        ("{amount: 40.00 USD}", "{amount: 40 USD}", "money is written with its decimals"),
        ("{amount: 40.00 USD}", "{amount: 4000}", "money is written with its decimals"),
        ("table: payments", "table: payment", "no table payment; did you mean payments?"),
        ("table: payments", "table: accounts", "no table accounts"),
        ("refunded_minor: 4000", "refunded: 4000", "no column of payments refunded"),
        ("refunded_minor: 4000", "refunded_minor: 40.00 USD", "a whole number of minor units"),
        (
            "operation: orders.find, call: find",
            "operation: orders.find",
            "no operation orders.find",
        ),
        ("operation: orders.find", "operation: orders.search", "no finder orders.search"),
        ("- approve: lee", "- {approve: lee, reject: lee}", "one thing happens at a time"),
        ("- approve: lee", "- {approve: lee, text: why}", "'text' says nothing beside 'approve'"),
        ("- approve: lee", "- {decide: ann}", "'decide' needs 'verdict' beside it"),
        ("- approve: lee", "- {edit: lee}", "'edit' needs 'values' or 'skip' beside it"),
        ("- approve: lee", "- {wait_minutes: 3, refused: true}", "nobody's press"),
        ("outcome: applied", "outcome: done", "outcome: "),
        ("case: one-refund", "case: One refund", "case: "),
        ("why: It", "wy: It", "unknown key 'wy'; did you mean 'why'?"),
    ],
)
def test_a_case_that_names_what_is_not_there_is_refused(
    tmp_path: Path, old: str, new: str, finding: str
) -> None:
    said = refused(tmp_path, changed(old, new))
    assert any(finding in each for each in said), said


def test_two_cases_of_one_id_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, CASE + CASE) == [
        "r/cases.yml:22:9: one-refund is also the case at r/cases.yml:2"
    ]


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("slices:\n", "slices:\n  unused: Nobody.\n", "no case is in the slice unused"),
        ("must_pass: []", "must_pass: [money]", "no slice money"),
        ("requester: dana", "requester: donna", "no person donna; did you mean dana?"),
        ("channel: support-ops", "channel: ops", "no channel ops"),
        ("bundle: desk", "bundle: disk", "no bundle disk"),
        ("2026-11-20T15:00:00Z", '"2026-11-20"', "needs an offset"),
        ("2026-11-20T15:00:00Z", "soon", "is not a time"),
    ],
)
def test_a_suite_that_names_what_is_not_there_is_refused(
    tmp_path: Path, old: str, new: str, finding: str
) -> None:
    assert old in SUITE
    said = refused(tmp_path, CASE, SUITE.replace(old, new))
    assert any(finding in each for each in said), said


def test_a_number_is_the_text_of_a_record(tmp_path: Path) -> None:
    case = suite.load(write(tmp_path, CASE)).cases[0]
    assert case.then[0].answer == "40"
    assert case.expect.state[0].id == "1043"


def test_what_is_no_case_is_not_passed_over(tmp_path: Path) -> None:
    folder = write(tmp_path, CASE)
    (folder / "cases.yaml").write_text("cases: []")
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "deep.yml").write_text("cases: []")
    (folder / "link.yml").symlink_to("/etc/hostname")
    with pytest.raises(SuiteError) as error:
        suite.load(folder)
    assert [finding.file for finding in error.value.findings] == [
        "r/a/b/deep.yml",
        "r/cases.yaml",
        "r/link.yml",
    ]


def test_a_suite_is_found_by_its_name_or_its_folder(tmp_path: Path) -> None:
    folder = write(tmp_path, CASE)
    assert suite.named("r", root=tmp_path) == folder
    assert suite.named(str(folder)) == folder
    with pytest.raises(SuiteError, match="there is r"):
        suite.named("refunds_v9", root=tmp_path)
    with pytest.raises(SuiteError, match=r"no suite.yml here"):
        suite.load(tmp_path / "nowhere")
