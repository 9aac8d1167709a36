"""The systems of a bundle in one world, the desk apart: begun anew for each case, looked at before
and after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from connectors.operation import Connector, Value
from connectors.story import Rows
from evals.cases.amounts import written
from evals.cases.case import Changed
from evals.cases.systems import story
from evals.stories.trace import RowChange, Wrote
from evals.worlds.desk import Row, StoryError
from store.model.plan import Step
from store.model.values import Json


class Systems:
    """Made once for a world; `begin` and `request_is_made` are called for each case."""

    def __init__(self, names: Iterable[str]) -> None:
        """Raises EvalError for a system that no story can be told with."""
        self._systems = {name: story(name)() for name in names}
        self._before: dict[str, Rows] = {}

    def over(self, connector: Connector) -> Connector:
        """The connector, whose sessions open at the system of the story."""
        its = self._systems[connector.name]
        return replace(connector, open=partial(its.open, connector))

    def begin(self, now: datetime) -> None:
        """Every system as at the beginning of a case."""
        for each in self._systems.values():
            each.begin(now)
        self.request_is_made()

    def request_is_made(self) -> None:
        """From now on what happens counts."""
        self._before = {name: each.rows() for name, each in self._systems.items()}

    def close(self) -> None:
        for each in self._systems.values():
            each.close()

    def owns(self, table: str) -> bool:
        return any(table in each.columns for each in self._systems.values())

    def change(self, changed: Changed) -> None:
        """Somebody else changes a record; it is no doing of Assent's. Raises StoryError."""
        name, system = next((n, s) for n, s in self._systems.items() if changed.table in s.columns)
        try:
            system.change(changed.table, changed.id, changed.set)
        except LookupError as error:
            raise StoryError(f"{name} has no {changed.table} {changed.id} ({error})") from None
        was = self._before[name].setdefault(changed.table, {})
        was[changed.id] = {**was.get(changed.id, {}), **changed.set}

    def rows(self, wanted: Iterable[tuple[str, str]]) -> dict[str, Row]:
        """Rows by "table/id" as they stand, empty where there is none."""
        tables = {t: rows for each in self._systems.values() for t, rows in each.rows().items()}
        return {f"{table}/{id_}": tables.get(table, {}).get(id_, {}) for table, id_ in wanted}

    def changes(self) -> tuple[RowChange, ...]:
        """Every field of every record that is not as it was when the request was made."""
        return tuple(
            RowChange(table=table, id=id_, field=field, before=was.get(field), after=now.get(field))
            for name, system in self._systems.items()
            for table, id_, was, now in _differing(self._before[name], system.rows())
            for field in sorted(was | now)
            if was.get(field) != now.get(field)
        )

    def writes(self, taken_back: Sequence[Step]) -> tuple[Wrote, ...]:
        """What stands of what was written since then, as the systems' records tell of it, behind
        what was taken back and so has left no trace in them."""
        gone = [
            Wrote(operation=step.operation, values=_plain(step.params), is_undone=True)
            for step in taken_back
        ]
        stand = [
            Wrote(operation=write.operation, values=_plain(write.values), is_undone=False)
            for name, system in self._systems.items()
            for write in system.writes(self._before[name], system.rows())
        ]
        return (*gone, *stand)


def _differing(before: Rows, after: Rows) -> list[tuple[str, str, Row, Row]]:
    found = []
    for table in sorted(before.keys() | after.keys()):
        was, now = before.get(table, {}), after.get(table, {})
        found += [
            (table, id_, dict(was.get(id_, {})), dict(now.get(id_, {})))
            for id_ in sorted(was.keys() | now.keys())
            if was.get(id_) != now.get(id_)
        ]
    return found


def _plain(values: Mapping[str, Value]) -> dict[str, Json]:
    return {
        name: written(int(value["minor"]), str(value["currency"]))
        if isinstance(value, dict) and value.keys() == {"minor", "currency"}
        else value
        for name, value in values.items()
    }
