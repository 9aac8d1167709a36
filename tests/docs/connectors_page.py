"""docs/reference/connectors.md: what each connector can do, and what is proven of it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc

from connectors import registry
from connectors.conformance.properties import (
    FINDER_PROPERTIES,
    OPERATION_PROPERTIES,
    Standing,
    finder_standing,
    operation_standing,
)
from connectors.conformance.world import World, world
from connectors.declared.kinds import kinds
from connectors.operation import Connector

MARKS = {"proven": "✓", "by design not": "–", "unproven": "?"}
FOUND_BY = {
    "key": "its key, which the system keeps",
    "mark": "a mark that the write carries",
    "state": "the record as it stands",
}
INTRO = """\
Every operation and finder is held to the same promises, with faults on the wire, before each
release. ✓ is proven against the counterpart that is named, – is none by design, ? is unproven:
the counterpart cannot show it. The notes below a table say why. `make conformance` tries all of
it again and prints the table.

The parameters and facts of each are on [the page of operations](operations.md)."""

DECLARED = """\
Databases, HTTP interfaces and MCP servers have the operations that a bundle declares: see
[how to declare a system](../how-to/declared-systems.md). The promises are shown on examples."""


def page(made: str) -> str:
    """The whole page; `made` is the line that says where it comes from."""
    parts = ["# Connectors", "", made, INTRO, "", *_sections(), *_declared()]
    return "\n".join(parts).rstrip() + "\n"


def _sections() -> Iterator[str]:
    for name in registry.connector_names():
        connector, its_world = registry.connector(name), world(name)
        yield from (f"## `{name}`", "", _about(name), "")
        needs = f"`pip install 'assent[{connector.extra}]'`" if connector.extra else "nothing more"
        yield f"- Needs: {needs}"
        yield f"- Account: {_account(connector)}"
        yield from (f"- Proven against: {its_world.counterpart}", "")
        yield from _operations(connector)
        yield from _finders(connector)
        yield from table(connector, its_world)


def _declared() -> Iterator[str]:
    """What a bundle declares itself, by the examples that stand for each kind."""
    yield from ("## Declared systems", "", DECLARED, "")
    for kind in kinds():
        about = cleandoc(import_module(f"connectors.{kind}").__doc__ or "")
        yield from (f"### `{kind}`", "", about, "", f"- Needs: `pip install 'assent[{kind}]'`", "")
        worlds = import_module(f"connectors.{kind}.conformance").worlds()
        for connector, its_world in worlds.values():
            yield from (f"Proven against: {its_world.counterpart}", "")
            yield from table(connector, its_world)


def _account(connector: Connector) -> str:
    """What identify says it is, without what it raises."""
    said, _, _ = (connector.identify.__doc__ or "").partition("Raises ")
    return " ".join(said.split())


def _about(name: str) -> str:
    return cleandoc(import_module(f"{registry.package(name)}.connector").__doc__ or "")


def _operations(connector: Connector) -> Iterator[str]:
    yield "| operation | scopes | a stale write is kept off by | a lost answer is found by | undo |"
    yield "|---|---|---|---|---|"
    for each in connector.operations:
        lag = f"; reads lag up to {each.lag_seconds:g} s" if each.lag_seconds else ""
        held = {"compared": "the system, which compares", "re-read": "reading again just before:"}
        undo = (each.undo.__doc__ or "").splitlines()[0]
        yield (
            f"| `{each.name}` | {_codes(each.scopes)} | {held[each.guard.kind]} {each.guard.by}"
            f" | {FOUND_BY[each.remembers]}{lag} | {undo} |"
        )
    yield ""


def _finders(connector: Connector) -> Iterator[str]:
    if not connector.finders:
        return
    yield from ("| finder | scopes | at most |", "|---|---|---|")
    for each in connector.finders:
        yield f"| `{each.name}` | {_codes(each.scopes)} | {each.records_max} records |"
    yield ""


def table(connector: Connector, its_world: World) -> Iterator[str]:
    """Promise by operation, then promise by finder, each with its notes."""
    notes: dict[str, int] = {}
    if connector.operations:
        names = [each.name for each in connector.operations]
        yield from _head(names)
        yield from _against(names, its_world)
        for promise in OPERATION_PROPERTIES:
            row = [operation_standing(promise, each, its_world) for each in connector.operations]
            yield _row(promise.title, row, notes)
        yield ""
    if connector.finders:
        names = [each.name for each in connector.finders]
        yield from _head(names)
        yield from _against(names, its_world)
        for search in FINDER_PROPERTIES:
            found = [finder_standing(search, each.name, its_world) for each in connector.finders]
            yield _row(search.title, found, notes)
        yield ""
    for why, number in notes.items():
        yield f"{number}. {why}"
    yield ""


def _head(names: list[str]) -> Iterator[str]:
    yield f"| promise | {' | '.join(f'`{name}`' for name in names)} |"
    yield "|---" * (len(names) + 1) + "|"


def _against(names: list[str], its_world: World) -> Iterator[str]:
    """Where one of them runs against something else than the others."""
    if any(name in its_world.against for name in names):
        cells = (its_world.against.get(name, "as above") for name in names)
        yield f"| *against* | {' | '.join(cells)} |"


def _row(title: str, standings: list[Standing], notes: dict[str, int]) -> str:
    return f"| {title} | {' | '.join(_cell(each, notes) for each in standings)} |"


def _cell(standing: Standing, notes: dict[str, int]) -> str:
    if standing.verdict == "proven":
        return MARKS["proven"]
    said = standing.why[0].upper() + standing.why[1:].rstrip(".") + "."
    number = notes.setdefault(f"{standing.verdict.capitalize()}: {said}", len(notes) + 1)
    return f"{MARKS[standing.verdict]} {number}"


def _codes(names: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
