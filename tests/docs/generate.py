"""`make docs`: writes the generated pages and the generated parts of the written ones.

A part stands between `<!-- begin: NAME -->` and `<!-- end: NAME -->`.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def part(page: str, name: str) -> str:
    """What stands between the marks of a part."""
    found = _pattern(name).search(page)
    assert found, f"the page has no part {name}"
    return found[2].strip("\n")


def with_part(page: str, name: str, content: str) -> str:
    """The page with a part replaced."""
    assert _pattern(name).search(page), f"the page has no part {name}"
    return _pattern(name).sub(lambda found: f"{found[1]}\n{content}\n{found[3]}", page)


def fenced(said: str) -> str:
    return f"```text\n{said}\n```"


def _pattern(name: str) -> re.Pattern[str]:
    begin, end = re.escape(f"<!-- begin: {name} -->"), re.escape(f"<!-- end: {name} -->")
    return re.compile(f"({begin})(.*?)({end})", re.DOTALL)


def main() -> None:
    from tests.docs import architecture, eval_results, picture, reference, seam

    for path, written in reference.pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written())
    page = ROOT / "docs" / "architecture.md"
    made = with_part(page.read_text(), "state machine", architecture.state_machine())
    page.write_text(with_part(made, "limits", architecture.limits()))
    page = ROOT / "docs" / "how-to" / "agents-sdk.md"
    page.write_text(with_part(page.read_text(), "seam", seam.table()))
    with tempfile.TemporaryDirectory() as folder:
        drawn = fenced(picture.card(Path(folder)))
    readme = (ROOT / "README.md").read_text()
    readme = with_part(readme, "evals", eval_results.table(part(readme, "evals")))
    (ROOT / "README.md").write_text(readme)
    if picture.steady(drawn) != picture.steady(part(readme, "card")):
        (ROOT / "README.md").write_text(with_part(readme, "card", drawn))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
