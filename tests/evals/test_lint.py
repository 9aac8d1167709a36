"""What is said of a suite that loads and is no good."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.linting.lint import has_problems, lint
from evals.linting.remark import Remark
from tests.evals.writing import SUITE, write

GOOD = """\
- case: one-refund
  why: It is the plain one.
  slices: [refunds]
  request: give them 40 dollars back on 1043, it was damaged
  then:
  - approve: lee
  expect:
    outcome: applied
    workflow: refund
    asks: []
    rules: [small-refund]
    approvals: {support-leads: 1}
    values: {amount: 40.00 USD}
    plan: [payments.refund, orders.add_note, tickets.update]
    writes:
    - payments.refund: {amount: 40.00 USD}
    - orders.add_note: {}
    - tickets.update: {}
    never:
    - orders.cancel: {}
"""


def said(tmp_path: Path, cases: str, file: str = SUITE) -> list[str]:
    return [str(remark) for remark in lint(write(tmp_path, cases, file))]


def problems(tmp_path: Path, cases: str, file: str = SUITE) -> list[str]:
    remarks = lint(write(tmp_path, cases, file))
    return [str(remark) for remark in remarks if remark.severity == "problem"]


def other(case: str = GOOD, **changes: str) -> str:
    """The good case as another one, with lines of other values."""
    lines = []
    for line in case.replace("one-refund", "other-refund").splitlines():
        key = line.strip().removeprefix("- ").partition(":")[0]
        at = line.index(key) if key in changes else 0
        lines.append(f"{line[:at]}{key}: {changes[key]}" if key in changes else line)
    return "\n".join(lines) + "\n"


def test_a_good_case_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []


def test_a_suite_that_does_not_load_has_what_is_wrong_as_problems(tmp_path: Path) -> None:
    remarks = lint(write(tmp_path, GOOD.replace("approve: lee", "approve: leo")))
    assert [str(each) for each in remarks] == ["r/cases.yml:7:14: no person leo; did you mean lee?"]
    assert has_problems(remarks)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("workflow: refund", "workflow: refnd", "no workflow refnd; did you mean refund?"),
        ("asks: []", "asks: [amont]", "no slot amont; did you mean amount?"),
        ("rules: [small-refund]", "rules: [smal]", "no rule smal"),
        ("{support-leads: 1}", "{support-lead: 1}", "no role support-lead; did you mean"),
        ("values: {amount", "values: {sum", "no slot sum"),
        ("- approve: lee", "- {edit: lee, skip: [notes]}", "no step notes; did you mean note?"),
        ("- approve: lee", "- roles: {lee: [boss]}", "no role boss"),
        ("outcome: applied", "outcome: asking", "writes stand, and the outcome is asking"),
        ("outcome: applied", "outcome: denied", "writes stand, and the outcome is denied"),
        ("plan: [payments.refund, ", "plan: [", "payments.refund is no operation of the plan"),
        ("- orders.cancel: {}", "- payments.refund: {}", "must be, and must never be"),
        ("asks: []", "asks: [amount]", "1 questions and 0 answers"),
        ("approve: lee", "approve: dana", "dana asks and approves"),
        ("approve: lee", "reject: lee", "applied, and nobody approves"),
        ("{support-leads: 1}", "{support-leads: 1, finance-leads: 1}", "more approvals are wanted"),
        ("{support-leads: 1}", "{people: 2}", "more approvals are wanted than the 1"),
        ("workflow: refund", "approved_by: [ann]", "ann approves nothing in this case"),
        (
            "give them 40 dollars back on 1043, it was damaged",
            "Refund $40 on order 1043,  arrived damaged",
            "an example of the workflow refund: it flatters",
        ),
    ],
)
def test_what_no_run_can_meet_is_a_problem(tmp_path: Path, old: str, new: str, found: str) -> None:
    assert old in GOOD
    seen = problems(tmp_path, GOOD.replace(old, new))
    assert any(found in each for each in seen), seen


def test_names_of_a_joint_plan_are_those_of_its_parts(tmp_path: Path) -> None:
    joint = GOOD.replace("workflow: refund", "workflow: cancel-order+refund~2")
    joint = joint.replace("{amount: 40.00 USD}\n    plan", "{refund~2.amount: 40.00 USD}\n    plan")
    assert "refund~2.amount" in joint
    assert problems(tmp_path, joint) == []
    wrong = problems(tmp_path / "x", joint.replace("refund~2.amount", "refund~2.sum"))
    assert any("no slot refund~2.sum" in each for each in wrong)


def test_applied_without_writes_is_a_contradiction(tmp_path: Path) -> None:
    start, end = GOOD.index("    plan:"), GOOD.index("    never:")
    seen = problems(tmp_path, GOOD[:start] + GOOD[end:])
    assert seen == ["r/cases.yml:9:14: applied, and no writes are expected; list them"]


def test_at_l3_nobody_need_approve(tmp_path: Path) -> None:
    alone = GOOD.replace("  then:\n  - approve: lee\n", "").replace("support-leads: 1", "")
    assert problems(tmp_path, alone)
    assert problems(tmp_path / "l3", alone, SUITE + "autonomy: L3\n") == []


def test_the_same_case_twice_is_a_problem_and_other_capitals_are_a_note(tmp_path: Path) -> None:
    assert problems(tmp_path / "a", GOOD + other(why="Once more.")) == [
        "r/cases.yml:25:12: the same as one-refund; remove one"
    ]
    shouted = "GIVE them  40 dollars back on 1043, it was damaged"
    seen = said(tmp_path / "b", GOOD + other(request=shouted, why="Shouted."))
    assert "r/cases.yml:25:12: only capitals or spaces differ from one-refund (note)" in seen
    assert problems(tmp_path / "c", GOOD + other(request="refund 1043 pls, $40 damaged")) == []


def test_many_cases_that_differ_in_figures_alone_are_a_note(tmp_path: Path) -> None:
    cases = [
        GOOD.replace("one-refund", f"refund-{number}").replace("40 dollars", f"{number} dollars")
        for number in range(40, 47)
    ]
    seen = said(tmp_path, "".join(cases))
    assert any("nothing but figures differs in refund-41, refund-42" in each for each in seen)
    assert any("the same reason as refund-41" in each for each in seen)
    assert problems(tmp_path / "b", "".join(cases)) == []


def test_what_must_pass_says_what_must_never_be(tmp_path: Path) -> None:
    file = SUITE.replace("must_pass: []", "must_pass: [refunds]")
    assert problems(tmp_path / "a", GOOD, file) == []
    silent = GOOD[: GOOD.index("    never:")]
    assert problems(tmp_path / "b", silent, file) == [
        "r/suite.yml:14:13: 1 of 1 cases in refunds have no never and no refused (one-refund)"
    ]
    refused = silent.replace("- approve: lee", "- approve: lee\n  - {approve: dana, refused: true}")
    assert problems(tmp_path / "c", refused, file) == []
    mixed = other(silent, request="pay 1043 back", why="Other words.")
    assert problems(tmp_path / "d", GOOD + mixed, file) == []
    assert any("1 of 2 cases" in each for each in said(tmp_path / "e", GOOD + mixed, file))


def test_a_suite_says_which_claims_it_is_too_small_for(tmp_path: Path) -> None:
    seen = said(tmp_path, GOOD)
    assert any("1 case in refunds: with a model, fewer than 5 that flip" in each for each in seen)
    assert any("no claim of violations of at most 1%; it takes 299" in each for each in seen)
    assert any("a bound of the 95th percentile; it takes 72" in each for each in seen)
    assert not has_problems(tuple(lint(tmp_path / "r")))


def test_problems_come_before_notes(tmp_path: Path) -> None:
    remarks: tuple[Remark, ...] = lint(write(tmp_path, GOOD.replace("small-refund", "smal")))
    severities = [remark.severity for remark in remarks]
    assert severities == sorted(severities, reverse=True)
    assert {"problem", "note"} == set(severities)
