"""docs/how-to/policy.md says what is true."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from policies import examples
from policies.bundle import load
from policies.facts import COMMON, Catalogue
from policies.mentions import FUNCTIONS

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "policy.md"


def test_the_file_on_the_page_loads_and_its_examples_hold(
    tmp_path: Path, desk_folder: Path, catalogue: Catalogue
) -> None:
    block = re.search(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block
    folder = Path(shutil.copytree(desk_folder, tmp_path / "desk"))
    for path in (folder / "policies").iterdir():
        path.unlink()
    (folder / "policies" / "small-notes.yml").write_text(block[1])
    bundle = load(folder, catalogue)
    assert len(bundle.policies[0].file.examples) == 3
    assert [str(finding) for finding in examples.run(bundle, catalogue)] == []


def test_every_common_fact_and_its_type_are_on_the_page() -> None:
    rows = dict(re.findall(r"\| `([a-z._]+)` \| ([a-z&;<>]+) \|", PAGE.read_text()))
    assert {
        name: kind.replace("&lt;", "<").replace("&gt;", ">") for name, kind in rows.items()
    } == (dict(COMMON))


def test_every_function_is_on_the_page() -> None:
    section = PAGE.read_text().partition("The functions are")[2].partition("which take")[0]
    assert set(re.findall(r"`(\w+)`", section)) == FUNCTIONS
