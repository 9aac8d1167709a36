"""docs/architecture.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from store.model.run import Event, IllegalEventError, Status, next_status
from store.tables import metadata
from tests.docs import architecture, generate

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"


def test_state_machine_on_the_page_is_next_status():
    """Read back from the page, so that the generator is judged too."""
    part = generate.part(PAGE.read_text(), "state machine")
    said = {
        (status, event): after
        for status, moves in re.findall(r"^\| `([\w ]+)`[^|]*\| (.*) \|$", part, re.MULTILINE)
        for event, after in re.findall(r"(\w[\w ]*) → \*\*([\w ]+)\*\*", moves)
    }
    true = {}
    for status in Status:
        for event in Event:
            try:
                true[status.value, event.value] = next_status(status, event).value
            except IllegalEventError:
                continue
    assert said == true, "run `make docs`"


@pytest.mark.parametrize(
    ("name", "made"),
    [("state machine", architecture.state_machine), ("limits", architecture.limits)],
)
def test_generated_part_is_up_to_date(name, made):
    assert generate.part(PAGE.read_text(), name) == made(), "run `make docs`"


def test_every_limit_has_a_unit_and_stands_once():
    where = [(module, name) for _, module, name, _ in architecture.LIMITS]
    assert len(where) == len(set(where))
    assert all(what and unit for what, _, _, unit in architecture.LIMITS)


def test_every_table_is_on_the_page():
    section = PAGE.read_text().partition("## Where state lives")[2].partition("\n## ")[0]
    rows = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\|(.*?)\|", section, re.MULTILINE))))
    assert rows - {"store_version"} == set(metadata.tables)


def test_every_path_to_touch_exists():
    section = PAGE.read_text().partition("## To add something")[2].partition("\n## ")[0]
    paths = set(re.findall(r"`([\w./-]+/[\w./-]*)`", section))
    assert len(paths) > 20
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []
