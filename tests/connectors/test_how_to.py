"""The how-to's examples run, and it names every file that a newcomer copies."""

from __future__ import annotations

import re
from pathlib import Path

import connectors.desk
from connectors import errors

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "connector.md"


def test_examples_run_in_order(tmp_path):
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(examples) >= 5
    names = {"address": str(tmp_path / "desk.db")}
    for number, example in enumerate(examples, start=1):
        exec(compile(example, f"connector.md, example {number}", "exec"), names)


def test_every_file_of_the_desk_is_named():
    folder = Path(next(iter(connectors.desk.__path__)))
    files = {f.name for f in folder.glob("*.py")} - {"__init__.py"}
    page = PAGE.read_text()
    assert {f for f in files if f"`{f}`" not in page} == set()
    named = set(re.findall(r"`([a-z_]+\.py)`", page.split("## One operation")[0]))
    assert named - files == set()


def test_every_error_is_explained():
    page = PAGE.read_text()
    for kind in errors.ConnectorError.__subclasses__():
        assert f"| `{kind.__name__}` |" in page
