"""What a story's systems suffer is what the desk suffers when it is told to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from connectors.desk import conformance, faults
from connectors.desk.connector import CONNECTOR
from connectors.errors import ConnectorError, Unavailable
from connectors.operation import Connector, Operation
from evals.cases.case import Fault
from evals.worlds.faults import Faults

SAMPLE = conformance.WORLD.samples["orders.add_note"].params
FIND = conformance.WORLD.searches["orders.find"].words
KEY = "R-1:note"
pytestmark = pytest.mark.slow  # thirty desks


def operation(of: Connector, name: str) -> Operation[Any]:
    return next(each for each in of.operations if each.name == name)


def called(of: Connector, address: str, call: str) -> str:
    """The error that a call ends in, and whether something was written."""
    note = operation(of, "orders.add_note")
    params = note.params.model_validate(SAMPLE)
    before = conformance.fingerprint(address)
    told = ""
    with of.open(conformance.writer(address, note.name)) as session:
        try:
            if call == "find":
                next(f for f in of.finders if f.name == "orders.find").find(session, FIND)
            elif call == "lookup":
                note.lookup(session, params, KEY)
            elif call == "read":
                note.read(session, params)
            else:
                note.execute(session, params, note.read(session, params), KEY)
        except ConnectorError as error:
            asks_to_wait = isinstance(error, Unavailable) and error.retry_after_seconds is not None
            told = f"{type(error).__name__} {asks_to_wait}"
    return f"{told} written: {before != conformance.fingerprint(address)}"


@pytest.mark.parametrize("call", ["read", "execute", "lookup", "find"])
@pytest.mark.parametrize("kind", get_args(faults.Kind))
def test_a_story_fails_as_the_desk_does(tmp_path: Path, kind: faults.Kind, call: Any) -> None:
    theirs, ours = (tmp_path / each for each in ("theirs", "ours"))
    theirs.mkdir()
    ours.mkdir()
    desk, address = conformance.fresh(theirs), conformance.fresh(ours)
    faults.set_fault(desk, kind, operation="any", call=call, seconds=0)
    story = Faults(lambda _seconds: None)
    story.arm(Fault(kind=kind, call=call, seconds=0))

    assert called(story.over(CONNECTOR), address, call) == called(CONNECTOR, desk, call)
    assert called(story.over(CONNECTOR), address, call) == called(CONNECTOR, desk, call)  # over


def test_it_strikes_from_the_nth_call_on_as_often_as_it_is_told(tmp_path: Path) -> None:
    address = conformance.fresh(tmp_path)
    story = Faults(lambda _seconds: None)
    story.arm(Fault(kind="refuse", operation="orders.add_note", call="read", nth=2, count=2))
    over = story.over(CONNECTOR)
    told = [called(over, address, "read") for _ in range(4)]
    assert ["Rejected" in each for each in told] == [False, True, True, False]
    story.arm(Fault(kind="refuse", operation="orders.cancel", call="read"))
    assert "Rejected" not in called(over, address, "read")
    story.arm(Fault(kind="refuse", call="read"))
    story.begin()
    assert "Rejected" not in called(over, address, "read")


def test_a_slow_call_is_slow_on_the_clock_of_the_story(tmp_path: Path) -> None:
    waited: list[float] = []
    story = Faults(waited.append)
    story.arm(Fault(kind="slow", call="read", seconds=30))
    called(story.over(CONNECTOR), conformance.fresh(tmp_path), "read")
    assert waited == [30]
