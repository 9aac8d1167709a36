"""What cases say about things that are declared elsewhere: slices and people of the suite, channels
of the bundle, operations and tables of the systems."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from connectors.money import Money
from evals.cases.amounts import amount
from evals.cases.case import Act, Case, Changed, Fault, SuiteFile, Write
from evals.cases.systems import Reached, Tables
from policies.document import Document, Path
from policies.findings import Finding

ANY = "any"  # every operation of a fault, every write of `never`
PLACES_OF_NO_CHANNEL = ("direct", "unlisted")  # a message to the bot alone, a channel unknown to it

Problem = Callable[[Path, str], None]


@dataclass(frozen=True)
class Place:
    """Where one case stands in its file."""

    document: Document
    path: Path

    def finding(self, path: Path, message: str) -> Finding:
        """A finding at a path below the case."""
        return self.document.finding((*self.path, *path), message)


def check_suite(
    file: SuiteFile, source: Document, channels: Collection[str], findings: list[Finding]
) -> None:
    """The names in suite.yml itself."""

    def problem(path: Path, message: str) -> None:
        findings.append(source.finding(path, message))

    _known(file.requester, file.people, "person", ("requester",), problem)
    _known(file.channel, (*channels, *PLACES_OF_NO_CHANNEL), "channel", ("channel",), problem)
    for index, name in enumerate(file.must_pass):
        _known(name, file.slices, "slice", ("must_pass", index), problem)


def check_use(
    file: SuiteFile, source: Document, cases: Iterable[Case], findings: list[Finding]
) -> None:
    """Every slice has a case."""
    used = {name for case in cases for name in case.slices}
    findings += [
        source.key_finding(("slices", name), f"no case is in the slice {name}; remove it")
        for name in file.slices
        if name not in used
    ]


def check_case(
    case: Case,
    place: Place,
    file: SuiteFile,
    channels: Collection[str],
    reached: Reached,
    findings: list[Finding],
) -> None:
    """The names and values in one case."""

    def problem(path: Path, message: str) -> None:
        findings.append(place.finding(path, message))

    for index, name in enumerate(case.slices):
        _known(name, file.slices, "slice", ("slices", index), problem)
        if name in case.slices[:index]:
            problem(("slices", index), f"{name} stands here twice; remove one")
    if case.by:
        _known(case.by, file.people, "person", ("by",), problem)
    if case.channel:
        places = (*channels, *PLACES_OF_NO_CHANNEL)
        _known(case.channel, places, "channel", ("channel",), problem)
    _world(case, file, reached, problem)
    for index, act in enumerate(case.then):
        _act(act, file, ("then", index), reached, problem)
    _expected(case, file.people, reached, problem)


def _world(case: Case, file: SuiteFile, reached: Reached, problem: Problem) -> None:
    for index, earlier in enumerate(case.world.earlier):
        path: Path = ("world", "earlier", index)
        if earlier.by:
            _known(earlier.by, file.people, "person", (*path, "by"), problem)
        for at, who in enumerate(earlier.approved_by):
            _known(who, file.people, "person", (*path, "approved_by", at), problem)
    _changes(case.world.records, ("world", "records"), reached, problem)
    _faults(case.world.faults, ("world", "faults"), reached, problem)
    for key, named in (("roles", case.world.roles), ("names", case.world.names)):
        for who in named:
            _known(who, file.people, "person", ("world", key, who), problem)


def _act(act: Act, file: SuiteFile, path: Path, reached: Reached, problem: Problem) -> None:
    verb, said = act.verb, getattr(act, act.verb)
    match verb:
        case "answer":
            if act.by:
                _known(act.by, file.people, "person", (*path, "by"), problem)
        case "wait_minutes":
            pass
        case "records":
            _changes(said, (*path, verb), reached, problem)
        case "faults":
            _faults(said, (*path, verb), reached, problem)
        case "roles":
            for who in said:
                _known(who, file.people, "person", (*path, verb, who), problem)
        case _:
            _known(said, file.people, "person", (*path, verb), problem)


def _faults(faults: Iterable[Fault], path: Path, reached: Reached, problem: Problem) -> None:
    for index, fault in enumerate(faults):
        if fault.operation == ANY:
            continue
        known = reached.finders if fault.call == "find" else frozenset(reached.operations)
        what = "finder" if fault.call == "find" else "operation"
        _known(fault.operation, known, what, (*path, index, "operation"), problem)


def _changes(changes: Iterable[Changed], path: Path, reached: Reached, problem: Problem) -> None:
    for index, change in enumerate(changes):
        _columns(change.table, change.set, reached.tables, (*path, index), "set", problem)


def _columns(
    name: str,
    values: Mapping[str, object],
    tables: Tables,
    path: Path,
    key: str,
    problem: Problem,
) -> None:
    """A table of one of the systems and values that its columns can hold."""
    if not _known(name, tables, "table", (*path, "table"), problem):
        return
    for column, value in values.items():
        at = (*path, key, column)
        if _known(column, tables[name], f"column of {name}", at, problem):
            _column(f"{name}.{column}", tables[name][column], value, at, problem)


def _column(name: str, kind: type, value: object, path: Path, problem: Problem) -> None:
    if kind is int and type(value) is not int:
        unit = " of minor units, as 4000 for $40.00" if name.endswith("_minor") else ""
        problem(path, f"{name} is a whole number{unit}")
    if kind is bool and type(value) is not bool:
        problem(path, f"{name} is true or false")
    if kind is str and type(value) is not str:
        problem(path, f"{name} is text; quote it")


def _expected(case: Case, people: Collection[str], reached: Reached, problem: Problem) -> None:
    expect = case.expect
    for index, who in enumerate(expect.approved_by or ()):
        _known(who, people, "person", ("expect", "approved_by", index), problem)
    operations = reached.operations
    for key in ("plan", "undone"):
        for index, name in enumerate(getattr(expect, key) or ()):
            _known(name, operations, "operation", ("expect", key, index), problem)
    for key in ("writes", "never"):
        for index, write in enumerate(getattr(expect, key)):
            _write(write, ("expect", key, index), key == "never", reached, problem)
    for index, state in enumerate(expect.state):
        _columns(state.table, state.is_, reached.tables, ("expect", "state", index), "is", problem)


def _write(write: Write, path: Path, is_never: bool, reached: Reached, problem: Problem) -> None:
    if len(write) != 1:
        problem(path, f"one write is one operation with its values, not {len(write)}")
    for name, values in write.items():
        if name == ANY and is_never:
            if values:
                problem((*path, name), "'any' means every write; remove the values")
            continue
        if not _known(name, reached.operations, "operation", (*path, name), problem):
            continue
        fields = reached.operations[name].params.model_fields
        for field, value in values.items():
            at = (*path, name, field)
            if not _known(field, fields, f"parameter of {name}", at, problem):
                continue
            is_money = Money in (fields[field].annotation, *get_args(fields[field].annotation))
            if is_money and not (isinstance(value, str) and amount(value)):
                problem(at, f"money is written with its decimals and currency, not {value!r}")


def _known(name: str, names: Iterable[str], what: str, path: Path, problem: Problem) -> bool:
    """Whether the name is one of these; else a finding that says which was probably meant."""
    known = list(names)
    if name in known:
        return True
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(sorted(known)[:12])}"
    problem(path, f"no {what} {name}; {hint}")
    return False


def check_ids(cases: Iterable[tuple[Case, Place]], findings: list[Finding]) -> None:
    """Every case has an id of its own in the whole suite."""
    seen: dict[str, Place] = {}
    counted: Counter[str] = Counter()
    for case, place in cases:
        counted[case.case] += 1
        if counted[case.case] > 1:
            first = seen[case.case].finding(("case",), "")
            message = f"{case.case} is also the case at {first.file}:{first.line}"
            findings.append(place.finding(("case",), message))
        seen.setdefault(case.case, place)
