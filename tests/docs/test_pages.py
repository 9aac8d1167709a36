"""Links lead somewhere, named tests and paths exist, commands are ones that there are."""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path

import click
import pytest

from bot.cli import cli
from bot.settings import READY
from evals.cli import cli as agent_eval
from tests.docs import reference

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FLOORS = ("bot", "connectors", "policies", "store", "evals", "tests", "docs")


@pytest.fixture(params=PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def page(request):
    return request.param


def _links(page: Path) -> list[tuple[str, str]]:
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    return re.findall(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)", prose)


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in headings}


def test_links_resolve(page):
    broken = []
    for _, target in _links(page):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in _anchors(found)):
            broken.append(target)
    assert broken == []


def test_linked_tests_exist(page):
    missing = [
        name
        for name, target in _links(page)
        if name.strip("`").startswith("test_")
        and not re.search(rf"def {name.strip('`')}\(", (page.parent / target).read_text())
    ]
    assert missing == []


def test_named_paths_exist(page):
    spans = re.findall(r"`([\w./-]+)`", page.read_text())
    paths = {span for span in spans if "/" in span and span.split("/")[0] in FLOORS}
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    blocks = re.findall(r"```\n?(?:sh|bash|text)?\n(.*?)```", page.read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    named = {line.split()[1] for line in lines if re.match(r"make [a-z]", line)}
    named |= set(re.findall(r"`make ([a-z-]+)`", page.read_text()))
    assert sorted(named - targets) == []


def test_assent_commands_exist(page):
    """Each `assent ...` in a line or a span of code parses as the command that it names."""
    commands = {path.removeprefix("assent").strip() for path, _ in reference.helps()}
    pattern = r"(?:^|`)(?:\.venv/bin/)?(assent [a-z][^`\n]*)"
    for line in re.findall(pattern, page.read_text(), re.MULTILINE):
        words = shlex.split(line, comments=True)[1:]
        if line.strip() == READY or words[0].endswith(":"):
            continue
        name = next((n for n in (" ".join(words[:2]), words[0]) if n in commands), None)
        assert name is not None, f"there is no `{line}`"
        _parse(cli, [_existing(word) for word in words])


def test_agent_eval_commands_exist(page):
    """The same of `agent-eval ...`; a line may end in a backslash and go on in the next."""
    text = page.read_text().replace("\\\n", " ")
    pattern = r"(?:^|`)(?:[A-Z_]+=\S+ )?(?:\.venv/bin/)?agent-eval ([a-z][^`\n]*)"
    for line in re.findall(pattern, text, re.MULTILINE):
        _parse(agent_eval, [_existing(word) for word in shlex.split(line, comments=True)])


def _existing(word: str) -> str:
    """A record's place in an example, or what `assent new` makes there, stands for one that is
    there."""
    is_made = word.startswith("state/") or word in {"policies/bundles/acme", "./bundle"}
    return "." if is_made else word


def _parse(of: click.Group, words: list[str]) -> None:
    """Raises a UsageError for an option or an argument too many; a command may be named alone."""
    command, context, rest = of, of.make_context("it", list(words)), list(words)
    while isinstance(command, click.Group) and rest:
        _, command, rest = command.resolve_command(context, rest)
    with contextlib.suppress(click.MissingParameter, click.exceptions.NoArgsIsHelpError):
        command.make_context("assent", rest)


def test_every_how_to_and_decision_is_linked():
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for _, target in _links(page)
        if not re.match(r"https?:|#", target)
    }
    assert [str(p.relative_to(ROOT)) for p in PAGES if p.resolve() not in linked | _starts()] == []


def _starts() -> set[Path]:
    """Pages that people find by their name."""
    return {ROOT / name for name in ("README.md",)}
