"""Promises about finders: read-only, bounded, typed, and never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from connectors.conformance.case import raises
from connectors.conformance.failing import READING_ERRORS
from connectors.conformance.world import Search, World, expect
from connectors.errors import Rejected, Unavailable
from connectors.opening import opened
from connectors.operation import Connector, Finder, Record, Value

WORDS_HOSTILE = (
    "",
    " ",
    "%",
    "_",
    "' OR 1=1 --",
    "\x00",
    "\u202e3401",
    "x" * 40_000,
    "9" * 40_000,
    "#" * 5_000,
    "order " * 5_000,
    "<!channel> <https://evil.example|1043>",
    "😀" * 1_000,
)


@dataclass(frozen=True)
class FinderCase:
    """One finder against one fresh system."""

    connector: Connector
    finder: Finder
    world: World
    address: str

    @property
    def search(self) -> Search:
        name = self.finder.name
        expect(name in self.world.searches, f"WORLD has no search for {name}")
        return self.world.searches[name]

    def find(self, words: str) -> tuple[Record, ...]:
        with opened(self.connector, self.world.reader(self.address)) as session:
            return self.finder.find(session, words)


def check_finds(case: FinderCase) -> None:
    """The sample's words find its record; other words find nothing, rather than something else."""
    found = case.find(case.search.words)
    expect([r.id for r in found] == [case.search.finds], f"found {[r.id for r in found]}")
    expect(case.find(case.search.finds_nothing) == (), "words that match nothing find something")


def check_records_are_typed(case: FinderCase) -> None:
    """A record has exactly the declared fields with the declared types, and a label."""
    for record in case.find(case.search.words):
        expect(bool(record.kind and record.id and record.label), "a record is incomplete")
        declared = case.finder.field_types
        expect(record.fields.keys() == declared.keys(), "fields are not those declared")
        for name, kind in declared.items():
            value = record.fields[name]
            expect(_is(kind, value), f"field {name} is not {kind}: {value!r}")


def check_search_is_pure_and_bounded(case: FinderCase) -> None:
    """No words, however hostile, write, fail, or find more than the bound."""
    before = case.world.fingerprint(case.address)
    for words in WORDS_HOSTILE:
        found = case.find(words)
        expect(len(found) <= case.finder.records_max, f"{len(found)} records are too many")
    expect(case.world.fingerprint(case.address) == before, "searching changed the system")


def check_search_scopes(case: FinderCase) -> None:
    """Without any one of its scopes a finder is refused, and the scope is named."""
    reader = case.world.reader(case.address)
    for scope in sorted(case.finder.scopes):
        narrowed = replace(reader, scopes=reader.scopes - {scope})
        with (
            raises(Rejected, f"without {scope}") as caught,
            opened(case.connector, narrowed) as session,
        ):
            case.finder.find(session, case.search.words)
        expect(scope in str(caught[0]), f"the refusal does not name {scope}")


def check_search_faults(case: FinderCase) -> None:
    """Whatever goes wrong while searching is of the tree."""
    for kind, expected in READING_ERRORS.items():
        case.world.arm(case.address, case.finder.name, kind, "find")
        with raises(expected, f"{kind} on find"):
            case.find(case.search.words)
    case.world.unplug(case.address)
    with raises(Unavailable, "searching without the system"):
        case.find(case.search.words)


def _is(kind: str, value: Value) -> bool:
    if kind == "money":
        return (
            isinstance(value, Mapping)
            and value.keys() == {"minor", "currency"}
            and type(value["minor"]) is int
            and type(value["currency"]) is str
        )
    return type(value) is {"string": str, "int": int, "bool": bool}[kind]
