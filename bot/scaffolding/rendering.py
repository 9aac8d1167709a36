"""Templates filled in. They are plain text with @name@ in the places of names, beside this file."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"

_PLACE = re.compile(r"@([a-z_]+|VARIABLE)@")
_IMPORT = re.compile(r"(?:from|import) ([\w.]+)")
_BLOCK = re.compile(r"(?:^(?:from|import) [^\n(]+\n|^\n)+", re.MULTILINE)


def rendered(template: str, names: Mapping[str, str], own: str = "") -> str:
    """A template's text with the names in their places. In Python the imports are sorted anew,
    because where ours stand depends on the name; `own` is the package that a project of its own
    sorts apart, "" where everything is one application. Raises KeyError for an unknown place."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    filled = _PLACE.sub(lambda found: names[found[1]], text)
    return _with_sorted_imports(filled, own) if ".py" in template else filled


def _with_sorted_imports(text: str, own: str) -> str:
    """The first run of one-line imports in the order that ruff wants."""
    found = _BLOCK.search(text, text.find("from __future__"))
    assert found, "a module of the scaffold begins with its imports"
    lines = [line for line in found[0].splitlines() if line]
    groups = ([], [], [], [])  # type: tuple[list[str], ...]
    for line in lines:
        groups[_group(_module(line), own)].append(line)
    blocks = ["\n".join(sorted(g, key=_rank)) for g in groups if g]
    after = found[0][len(found[0].rstrip("\n")) :]
    return text[: found.start()] + "\n\n".join(blocks) + after + text[found.end() :]


def _group(module: str, own: str) -> int:
    """__future__, the standard library, others, ours."""
    top = module.split(".", maxsplit=1)[0]
    if top == "__future__":
        return 0
    if top in sys.stdlib_module_names:
        return 1
    is_ours = top == own if own else top in {"bot", "connectors"}
    return 3 if is_ours else 2


def _module(line: str) -> str:
    found = _IMPORT.match(line)
    assert found
    return found[1]


def _rank(line: str) -> tuple[bool, str]:
    return line.startswith("from"), _module(line)
