"""The page on the way to the SDK's successor has the figures that the code has."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

from tests.docs import generate, seam

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "agents-sdk.md"


def test_the_figures_are_up_to_date():
    assert generate.part(PAGE.read_text(), "seam") == seam.table(), "run `make docs`"


def test_the_exchange_fits_the_seam_as_it_is(tmp_path):
    """What the page counts is a change that can be made to this very file."""
    copy = tmp_path / seam.SEAM.relative_to(ROOT)
    copy.parent.mkdir(parents=True)
    copy.write_text(seam.SEAM.read_text())
    git = shutil.which("git")
    assert git, "git is there: a clone was made with it"
    apply = [git, "apply", str(seam.PATCH)]
    done = subprocess.run(apply, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"make the patch anew, see the page: {done.stderr}"
    ast.parse(copy.read_text())
    assert not seam.touching(copy)


def test_the_seam_alone_names_the_sdk():
    packages = [ROOT / name for name in ("bot", "connectors", "policies", "store", "evals")]
    files = [file for package in packages for file in package.rglob("*.py")]
    naming = [file for file in files if re.search("botbuilder|botframework", file.read_text())]
    assert [file for file in naming if seam.touching(file)] == [seam.SEAM]


def test_the_seam_is_small():
    """A tenth of the surface at most, or it is no seam."""
    surface = sum(map(seam.lines, (ROOT / "bot" / "surfaces").glob("teams*.py")))
    assert seam.lines(seam.SEAM) * 10 <= surface


def test_every_place_that_stays_is_there():
    assert [pattern for _, pattern in seam.STAYS if not list(ROOT.glob(pattern))] == []


def test_lines_that_use_a_name_of_the_sdk_are_counted(tmp_path):
    file = tmp_path / "one.py"
    file.write_text(
        "import json\n"
        "from botbuilder.schema import (\n    Activity,\n)\n"
        "from botframework.connector import x as y\n"
        "def f(a: Activity) -> str:\n    return json.dumps(y(a))\n"
    )
    assert seam.touching(file) == {2, 3, 4, 5, 6, 7}


def test_the_names_that_the_page_shows_are_in_the_seam():
    """What is shown of the seam's interface is its interface."""
    source = seam.SEAM.read_text()
    shown = PAGE.read_text().partition("```python")[2].partition("```")[0]
    signatures = [line.strip().rstrip(": .") for line in shown.splitlines() if "def " in line]
    assert len(signatures) >= 7
    flat = " ".join(source.split()).replace("( ", "(").replace(" )", ")")
    assert [each for each in signatures if each not in flat] == []
