"""How much of Assent touches the Bot Framework SDK: the figures of docs/how-to/agents-sdk.md."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).parents[2]
SEAM = ROOT / "bot" / "surfaces" / "teams.py"
PATCH = ROOT / "docs" / "how-to" / "agents-sdk.patch"
SDK = ("botbuilder", "botframework", "msrest")
# What else of Teams there is, and stays: the rest of the surface, its cards, its local workspace.
STAYS = (
    ("the rest of the surface", "bot/surfaces/teams_*.py"),
    ("the cards", "bot/cards/adaptive*.py"),
    ("the local workspace's Teams side", "bot/workspace/teams/*.py"),
)


def table() -> str:
    """One row for what changes, and one for each thing that stays."""
    named, (gone, new) = len(touching(SEAM)), exchanged()
    seam = f"the seam, `{SEAM.relative_to(ROOT)}`, {lines(SEAM)} lines"
    rows = [
        "| where | lines that name the SDK | lines that change |",
        "|---|---|---|",
        f"| {seam} | {named} | {gone} go, {new} come |",
    ]
    for what, pattern in STAYS:
        files = [file for file in sorted(ROOT.glob(pattern)) if file != SEAM]
        named = sum(len(touching(file)) for file in files)
        rows.append(f"| {what}, {pattern} | {named} | 0 |")
    return "\n".join(rows)


def exchanged() -> tuple[int, int]:
    """Lines that the patch takes out of the seam, and lines that it puts in."""
    body = [line for line in PATCH.read_text().splitlines()[2:] if line[1:].strip()]
    return sum(line[0] == "-" for line in body), sum(line[0] == "+" for line in body)


def lines(file: Path) -> int:
    """Lines that say something."""
    return sum(bool(line.strip()) for line in file.read_text().splitlines())


def touching(file: Path) -> set[int]:
    """Numbers of the lines that import the SDK or use a name imported from it."""
    tree = ast.parse(file.read_text())
    imports = [node for node in ast.walk(tree) if _is_of_the_sdk(node)]
    names = {alias.asname or alias.name.split(".")[0] for node in imports for alias in node.names}
    found = {line for node in imports for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    used = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names)
    return found | {node.lineno for node in used}


def _is_of_the_sdk(node: ast.AST) -> TypeGuard[ast.Import | ast.ImportFrom]:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] in SDK
    return isinstance(node, ast.Import) and any(a.name.split(".")[0] in SDK for a in node.names)
