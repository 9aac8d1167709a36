"""A run that happened becomes a case: it loads, has no problem, happens again, and names nobody."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.auditing import existing_store
from bot.incoming import Verb
from bot.planner.rules import RulesPlanner
from bot.settings import BUNDLE_SHIPPED
from evals.cases import suite as suites
from evals.cases import vocabulary
from evals.graders.registry import grade
from evals.linting.lint import lint
from evals.retelling.from_run import FromRunError, draft, from_run
from evals.stories.observed import observe
from evals.stories.story import Story
from evals.worlds.world import world
from store import ledger, runs
from store.model.entry import Kind
from store.model.run import Run, Status
from tests.bot.conftest import World
from tests.evals.writing import SUITE, write

pytestmark = pytest.mark.slow

OTHER_PEOPLE = (
    SUITE.replace("Dana Okafor", "Kim One").replace("Lee Park", "Kit Two").replace("dana", "kim")
)
PRIVATE = ("okafor", "dana", "park", "kowalski", "firma", "123", "geheimweg", "potsdam", "14467")
PRIVATE_IDS = ("1043", "pay_7731", "882")


@dataclass
class Past:
    """A state folder with runs that happened, and a suite for which they become cases."""

    state: Path
    suite: Path
    runs: dict[str, Run]

    def case(self, name: str) -> str:
        return from_run(self.runs[name].id, self.state, self.suite)


def refund(past: World) -> Run:
    run = past.ask(
        "Refund order 1043 for Jan Kowalski please, his mail is j.kowalski@firma.example and his"
        " phone +49 30 1234567"
    )
    thread = run.request.place.thread
    past.say("$40", thread=thread)
    past.say("arrived damaged", thread=thread)
    assert past.press(Verb.APPROVE, run, "agent").is_refusal
    return past.approve(run, "lead")


def rejected_address(past: World) -> Run:
    run = past.ask("ship order 1066 to 99 Geheimweg, Potsdam, 14467, DE", "agent2")
    past.press(Verb.REJECT, run, "finance", text="Ask Herr Schmidt first")
    return past.run(run.id)


def drifted(past: World) -> Run:
    run = past.ask("refund $50 on order 1063, late", "agent2")
    with sqlite3.connect(past.desk) as desk:
        desk.execute("UPDATE payments SET refunded_minor = 3100, version = 2 WHERE id = 'pay_7751'")
    return past.approve(run, "lead")


def edited(past: World) -> Run:
    run = past.ask("refund $60 on order 1067, wrong item")
    past.edit(run, "lead2", amount="$55")
    return past.approve(run, "lead")


def refused(past: World) -> Run:
    return past.ask("raise the salary of Mrs Kowalski by $400")


def expired(past: World) -> Run:
    run = past.ask("cancel order 1066, sold out", "agent2")
    past.clock.offset += timedelta(hours=5)
    past.assent.sweep()
    return past.run(run.id)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    folder = tmp_path_factory.mktemp("past")
    lived = World(folder / "state", RulesPlanner(), {})
    stories: tuple[Callable[[World], Run], ...] = (
        refund, rejected_address, drifted, edited, refused, expired,
    )  # fmt: skip
    happened = {story.__name__: story(lived) for story in stories}
    lived.assent.close()
    suite = folder / "r"
    suite.mkdir()
    (suite / "suite.yml").write_text(OTHER_PEOPLE)
    (suite / "cases.yml").write_text(STAND_IN)
    return Past(folder / "state", suite, happened)


STAND_IN = """\
cases:
- case: stand-in
  why: A suite has a case.
  slices: [refunds]
  request: hello there
  expect: {outcome: denied}
"""


def test_a_run_happens_again_as_a_case(past: Past) -> None:
    folder = past.suite.parent / "again" / "r"
    folder.mkdir(parents=True)
    (folder / "suite.yml").write_text(OTHER_PEOPLE)
    for name in past.runs:
        (folder / f"{name.replace('_', '-')}.yml").write_text(past.case(name))
    assert [str(r) for r in lint(folder) if r.severity == "problem"] == []
    loaded = suites.load(folder)
    outcomes = {case.expect.outcome for case in loaded.cases}
    assert {Status.APPLIED, Status.REJECTED, Status.DENIED, Status.EXPIRED} <= outcomes
    with world(loaded.file, BUNDLE_SHIPPED, RulesPlanner()) as made:
        for case in loaded.cases:
            made.begin()
            result = grade(case, observe(Story(made, loaded.file, case), 0))
            wrong = {each.grader: each.why for each in result.grades if not each.passed}
            assert wrong == {}, case


TROUBLED = """\
- case: nobody-answers-and-then-somebody-does
  request: refund $40 on order 1043, arrived damaged
  then:
  - {approve: lead}
  - {decide: lead, verdict: ask again}
  world:
    faults: [{kind: time_out_before_write, operation: payments.refund, count: 7}]
- case: the-answer-is-lost
  request: refund $40 on order 1043, arrived damaged
  then:
  - {approve: lead}
  world:
    faults: [{kind: time_out_after_write, operation: payments.refund}]
- case: the-last-step-is-refused
  request: refund $40 on order 1043, arrived damaged
  then:
  - {question: lead, text: Did Mr Kowalski send a photo?}
  - {reply: agent, text: "yes, to help@firma.example"}
  - {approve: lead}
  world:
    faults: [{kind: refuse, operation: tickets.update}]
- case: taking-back-is-refused-too
  request: refund $40 on order 1043, arrived damaged
  then:
  - {approve: lead}
  world:
    faults:
    - {kind: refuse, operation: tickets.update}
    - {kind: refuse, operation: payments.refund, call: compensate}
- case: an-approval-is-taken-back
  request: refund $400 on order 1067, arrived damaged
  then:
  - {approve: finance}
  - {cancel: agent, refused: true}
- case: taken-back-before-the-second
  request: refund $1500 on order 1067, arrived damaged
  then:
  - {approve: finance}
  - {withdraw: finance}
  - {approve: finance2}
"""
TROUBLED_SUITE = (
    OTHER_PEOPLE.replace("kim:", "agent:").replace("lee:", "lead:").replace("ann:", "finance:")
    .replace("requester: kim", "requester: agent")
    .replace("slices:\n", "  finance2: {name: Raj Mehta, roles: [finance-leads]}\nslices:\n")
)  # fmt: skip


def test_trouble_happens_again_too(tmp_path: Path) -> None:
    """Played in the story's time, because patience with a silent system takes minutes."""
    why = "  why: It is hard.\n  slices: [refunds]\n  expect: {outcome: applied}\n"
    cases = TROUBLED.replace("  request:", f"{why}  request:")
    loaded = suites.load(write(tmp_path / "first", cases, TROUBLED_SUITE))
    words = vocabulary.read(BUNDLE_SHIPPED)
    seen = set()
    with world(loaded.file, BUNDLE_SHIPPED, RulesPlanner()) as made:
        for case in loaded.cases:
            made.begin()
            story = Story(made, loaded.file, case)
            observe(story, 0)
            with made.assent.db.read() as cx:
                run, entries = runs.get(cx, story.run_ids[0]), ledger.show(cx, story.run_ids[0])
            assert run is not None
            seen.add(run.status)
            told = draft(entries, run.status, loaded, words).removeprefix("cases:\n")
            again = suites.load(write(tmp_path / case.case, told, TROUBLED_SUITE))
            made.begin()
            result = grade(again.cases[0], observe(Story(made, again.file, again.cases[0]), 0))
            wrong = {each.grader: each.why for each in result.grades if not each.passed}
            assert wrong == {}, told
            assert "firma" not in told
            assert "Kowalski" not in told
    assert {Status.APPLIED, Status.COMPENSATED, Status.STUCK, Status.WAITING} <= seen


def test_nobody_is_in_a_case_who_was_there(past: Past) -> None:
    for name in past.runs:
        told = past.case(name).casefold().replace(past.runs[name].id.casefold(), "")
        assert [word for word in (*PRIVATE, *PRIVATE_IDS) if word in told] == [], name


def test_the_story_is_told_as_it_was_pressed(past: Past) -> None:
    told = past.case("refund")
    assert "{approve: kim, refused: true}" in told
    assert "asks: [amount, reason]" in told
    assert "{records: [{table: payments" in past.case("drifted")
    assert "{edit: " in past.case("edited")
    assert "{wait_minutes: " in past.case("expired")


def test_a_case_says_that_a_person_has_to_confirm_it(past: Past) -> None:
    for name in past.runs:
        assert "A person has to confirm it" in past.case(name)


def test_the_same_run_becomes_the_same_case(past: Past) -> None:
    assert past.case("refund") == past.case("refund")


def test_what_was_erased_stays_erased(past: Past) -> None:
    run_id = past.runs["refused"].id
    with existing_store(past.state) as (_, db), db.begin() as tx:
        entry = next(e for e in ledger.show(tx, run_id) if e.kind is Kind.REQUEST)
        at = entry.at
        ledger.redact(tx, entry.seq, "text", "asked to", "admin", at)
    told = past.case("refused")
    assert "salary" not in told
    assert "were erased" in told


def test_nothing_is_written_by_it(past: Past) -> None:
    before = {p: p.read_bytes() for p in past.state.rglob("*.db")}
    past.case("edited")
    assert {p: p.read_bytes() for p in past.state.rglob("*.db")} == before


def test_a_run_that_is_not_there_is_said(past: Past) -> None:
    with pytest.raises(FromRunError, match="there is no run R-9"):
        from_run("R-9", past.state, past.suite)
