"""Parts that contradict each other are shown to nobody, and what is left out is what was named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from bot.joint.conflicts import adds
from store.model.run import Status
from tests.bot.joint_worlds import BOTH, CANCEL, REFUND, divided_worlds

pytestmark = pytest.mark.slow  # real databases

EACH_ITS_OWN = "cancel-order: cancel order 1066, fraud / refund: refund $5 on order 1066, late"


@pytest.fixture
def make_divided(tmp_path: Path, made: Path) -> Iterator[Callable[..., Any]]:
    with divided_worlds(tmp_path, made) as make:
        yield make


@pytest.fixture
def world(make_divided: Callable[..., Any]) -> Any:
    return make_divided()


def test_a_part_that_sets_back_what_an_earlier_one_changes_contradicts_it(world: Any) -> None:
    (now,) = world.desk_rows(
        "SELECT street || ', ' || city || ', ' || postcode || ', ' || country FROM orders"
        " WHERE id = '1066'"
    )
    change = "change-address: change address of order 1066 to"
    run = world.ask(f"{change} 9 Elm St, Boston, 02108, US / {change} {now[0]}")
    assert run.status is Status.ASKING, run.status
    assert "change the street of order 1066" in run.question.text
    assert world.press(Verb.ANSWER, run, "agent", text="change-address~2", digest="part").text == ""
    world.plan()
    run = world.run(run.id)
    assert run.workflow == "change-address"
    assert run.proposal.seen[0].after["street"] == "9 Elm St"


@pytest.mark.parametrize(
    ("live", "alone", "after", "is_adding"),
    [
        ({"notes": 1}, {"notes": 2}, {"notes": 3}, True),
        ({"status": "open"}, {}, {"status": "open"}, False),  # back to what it is now
        ({"status": "open"}, None, {"status": "open"}, False),  # refused without the earlier part
        ({"status": "open"}, {"status": "held"}, {"status": "held"}, False),
        (
            {"paid": {"minor": 0, "currency": "USD"}},
            {"paid": {"minor": 5, "currency": "USD"}},
            {"paid": {"minor": 9, "currency": "USD"}},
            False,
        ),
    ],
)
def test_what_adds_is_what_builds_on_an_earlier_part(
    live: dict[str, Any], alone: dict[str, Any] | None, after: dict[str, Any], is_adding: bool
) -> None:
    assert adds(after, None if alone is None else live | alone) is is_adding


@pytest.mark.parametrize(
    "words",
    ["refund", "the refund", "Leave out the refund", "skip the refund, please", "refund $5"],
)
def test_a_typed_answer_that_names_a_part_leaves_that_one_out(world: Any, words: str) -> None:
    assert answered(world, words) == (Status.WAITING, "cancel-order")


@pytest.mark.parametrize(
    "words",
    [
        "refund stays",
        "refund order 1066 is the one to keep",
        "neither: refund and cancel",
        "refund 5 only",
        "leave the refund",
        "do not leave out the refund",
        "refund it",
        "without the refund and the cancelling",
    ],
)
def test_a_typed_answer_that_may_mean_the_other_part_is_asked_about_again(
    world: Any, words: str
) -> None:
    assert answered(world, words) == (Status.ASKING, "cancel-order+refund")


def answered(world: Any, words: str) -> tuple[Status, str]:
    run = world.ask(EACH_ITS_OWN)
    world.press(Verb.ANSWER, run, "agent", text=words, digest="part")
    world.plan()
    run = world.run(run.id)
    return run.status, run.workflow


def test_the_same_parts_in_another_order_are_the_same_request(world: Any) -> None:
    first = world.ask(BOTH)
    pointed = world.ask(f"{REFUND} / {CANCEL}", "agent2")
    assert pointed.status is Status.CANCELLED
    assert first.id in pointed.note
    world.press(Verb.REJECT, first, "lead", text="wrong amount")
    again = world.ask(f"{REFUND} / {CANCEL}")
    assert again.status is Status.ASKING
    assert again.question.slot == "new_reason"


def test_the_same_workflow_twice_in_another_order_is_the_same_request(world: Any) -> None:
    one, other = (
        "refund: refund $5 on order 1043, late",
        "refund: refund $7 on order 1063, goodwill",
    )
    first = world.ask(f"{one} / {other} / {CANCEL}")
    pointed = world.ask(f"{other} / {CANCEL} / {one}", "agent2")
    assert pointed.status is Status.CANCELLED
    assert first.id in pointed.note
