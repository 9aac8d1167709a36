"""One declared finder over HTTP: the list is asked for, and its records are compared here again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from connectors import wire
from connectors.declared import found
from connectors.declared.kinds import Problem, UndeclarableError
from connectors.errors import Rejected
from connectors.openapi import document, reading, schemas
from connectors.openapi.declaration import FinderOf, OpenapiDeclaration
from connectors.openapi.document import Document, DocumentError
from connectors.openapi.reading import Read
from connectors.openapi.session import Session
from connectors.operation import Finder, Record, Value
from connectors.wire import Call

ITEMS_MAX = 500  # of one answer that are compared with what a person said
WORDS = "{words}"  # in a query: what is looked for

_TYPES: Mapping[str, found.FieldType] = {
    "string": "string", "number": "string", "integer": "int", "boolean": "bool",
}  # fmt: skip


def finder_of(
    declaration: OpenapiDeclaration, verb: str, declared: FinderOf, described: Document
) -> Finder:
    """The finder that a declaration means. Raises UndeclarableError with every problem."""
    problems: list[Problem] = []
    try:
        call = described.call(declared.read)
    except DocumentError as error:
        raise UndeclarableError([Problem(("read",), str(error))]) from None
    if call.method != "GET" or call.parts:
        message = f"{declared.read} must be a GET whose path has no parameters"
        problems.append(Problem(("read",), message))
    reads = dict(_reads(declared, call, described, problems))
    problems += _of_query(declared, call)
    for index, by in enumerate(declared.found_by):
        if by.field in declared.fields and reads.get(by.field, _TEXT).kind == "string":
            continue
        message = f"{by.field} is no field that is a text; a record is found by its texts"
        problems.append(Problem(("found_by", index, "field"), message))
    types = {name: _TYPES[read.kind] for name, read in reads.items()}
    if not problems:
        problems += found.problems(declared, types)
    if problems:
        raise UndeclarableError(problems)
    area = declared.scope or declaration.system
    listing = _Listing(
        declared, declaration.title, call.path.lstrip("/"), reads, frozenset({f"{area}:read"})
    )
    return Finder(
        name=f"{declaration.system}.{verb}",
        title=declared.title,
        system=declaration.title,
        scopes=listing.scopes,
        field_types=types,
        find=listing.find,
        records_max=declared.records_max,
    )


@dataclass(frozen=True)
class _Listing:
    """One finder, made ready."""

    declared: FinderOf
    system: str
    path: str
    reads: Mapping[str, Read]
    scopes: frozenset[str]

    def find(self, session: Session, said: str) -> tuple[Record, ...]:
        """The records of the numbers that were said, where one was, else those that the words
        describe: of these, one that is called exactly so before those that hold more words."""
        session.require(self.scopes)
        shapes = [(by.field, by.looks_like) for by in self.declared.found_by if by.looks_like]
        for index, (field, shape) in enumerate(shapes):
            if numbers := found.numbers(said, shape, is_first=index == 0):
                wanted = {number.casefold() for number in numbers}
                every = [row for number in numbers for row in self._rows(session, number)]
                return self._records(r for r in every if str(r[field]).casefold() in wanted)
        named = [by.field for by in self.declared.found_by if not by.looks_like]
        wanted_words = found.words(said)
        if not wanted_words or not named:
            return ()
        rows = list(self._rows(session, " ".join(wanted_words)))
        texts = {n: tuple(str(row[field] or "") for field in named) for n, row in enumerate(rows)}
        return self._records(rows[n] for n in found.meant(wanted_words, texts))

    def _rows(self, session: Session, words: str) -> Iterator[Mapping[str, Value]]:
        """Every record that the system answers. Rejected where they are more than are compared."""
        query = {
            name: words if filling == WORDS else _as_query(filling)
            for name, filling in self.declared.query.items()
        }
        call = Call(f"a list of every {self.declared.noun}", is_write=False)
        path = f"{self.path}?{urlencode(query)}" if query else self.path
        tree = session.ask("GET", path, call).tree
        items = tree if self.declared.items is None else reading.at(tree, self.declared.items)
        if not isinstance(items, list):
            raise wire.unreadable(session.peer, call, "no list stands where it should")
        if len(items) > ITEMS_MAX:
            raise Rejected(
                f"{self.system} answers more than {ITEMS_MAX} for one search.",
                next_step='Give the finder\'s `query` a parameter that narrows it, as "{words}".',
            )
        for item in items:
            values = {n: reading.value(session, call, r, item) for n, r in self.reads.items()}
            yield {name: "" if value is None else value for name, value in values.items()}

    def _records(self, rows: Iterator[Mapping[str, Value]]) -> tuple[Record, ...]:
        records: dict[str, Record] = {}
        for row in rows:
            record = found.record(self.declared, row)
            if record.id and record.label:
                records.setdefault(record.id, record)
        return tuple(records.values())[: self.declared.records_max]


_TEXT = Read("", "string", is_nullable=False)


def _reads(
    declared: FinderOf, call: document.Call, described: Document, problems: list[Problem]
) -> Iterator[tuple[str, Read]]:
    try:
        item = described.items(call.answer, declared.items)
    except DocumentError as error:
        problems.append(Problem(("items",), str(error)))
        return
    for name, at in declared.fields.items():
        try:
            kind, is_nullable = schemas.field(described.at(item, at))
        except DocumentError as error:
            problems.append(Problem(("fields", name), str(error)))
            continue
        if is_nullable and _TYPES[kind] != "string":
            message = f"{at} may be null, and nothing but a text can say so; leave it out"
            problems.append(Problem(("fields", name), message))
            continue
        yield name, Read(at, kind, is_nullable)


def _of_query(declared: FinderOf, call: document.Call) -> Iterator[Problem]:
    for name, filling in declared.query.items():
        if name not in call.queries:
            yield Problem(("query", name), f"{call.id} has no query {name}")
        is_one = isinstance(filling, str) and filling.startswith("{")
        if is_one and filling != WORDS:
            yield Problem(("query", name), f"{filling} stands for nothing; there is {WORDS}")
    for name in sorted(call.required - declared.query.keys()):
        yield Problem(("query",), f"{call.id} needs {name}")


def _as_query(filling: str | int | bool) -> str:
    return str(filling).lower() if isinstance(filling, bool) else str(filling)
