"""One declared operation over two tools: one that reads its record, one that writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors import wire
from connectors.declared.parameters import FACTS_OF_RECORD, facts, named
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from connectors.mcp.declaration import CallDeclared, Filling, OperationDeclared
from connectors.mcp.session import Session, ToolFailedError
from connectors.money import MINOR_MAX
from connectors.operation import FactType, Params, Snapshot, Value
from connectors.wire import Call

FIELD_CHARACTERS_MAX = 4_000  # of one value that is read; policy takes no longer text either
_TYPES: Mapping[str, type] = {"text": str, "int": int, "bool": bool}
_FACTS: Mapping[str, FactType] = {"text": "string", "int": "int", "bool": "bool"}


@dataclass(frozen=True)
class ToolWrite:
    """What connectors/state_write.py needs of one operation."""

    name: str
    system: str
    declared: OperationDeclared

    def load(self, session: Session, params: Params) -> Snapshot:
        """The record as the reading tool answers it."""
        resource = named(self.declared.resource, params)
        said = Call(resource, is_write=False)
        arguments = _arguments(self.declared.read, params, {})
        answer = session.call(self.declared.read.tool, arguments, said)
        fields = {}
        for name, field in self.declared.fields.items():
            value = _at(answer, field.at)
            is_odd = isinstance(value, bool) != (field.type == "bool")
            if not isinstance(value, _TYPES[field.type]) or is_odd:
                why = f"{field.at} is not {field.type}, as the bundle says"
                raise wire.unreadable(session.peer, said, why)
            if isinstance(value, str) and len(value) > FIELD_CHARACTERS_MAX:
                raise wire.unreadable(session.peer, said, f"{field.at} is too long to be shown")
            if isinstance(value, int) and abs(value) > MINOR_MAX:
                raise wire.unreadable(session.peer, said, f"{field.at} is beyond 2**53 - 1")
            fields[name] = value
        return Snapshot(self.system, resource, "", fields)

    def preview(self, params: Params, before: Snapshot) -> Mapping[str, Value]:
        """The fields that change; none where it is so already."""
        values = params.model_dump(mode="json")
        after = {n: _filled(f.becomes, values, {}) for n, f in self.declared.fields.items()}
        return {name: value for name, value in after.items() if before.fields[name] != value}

    def facts(self, params: Params, before: Snapshot) -> Mapping[str, Value]:
        """What policy judges: the parameters, and the record as it stands."""
        of_record = {f"{FACTS_OF_RECORD}.{name}": v for name, v in before.fields.items()}
        return {**facts(params), **of_record}

    def fact_types(self) -> dict[str, FactType]:
        """Of the record."""
        fields = self.declared.fields
        return {f"{FACTS_OF_RECORD}.{name}": _FACTS[each.type] for name, each in fields.items()}

    def write(self, session: Session, params: Params, live: Snapshot, _wanted: object) -> bool:
        """The one call that writes."""
        self._send(session, self.declared.write, params, live, {})
        return True

    def check_back(self, _params: Params, live: Snapshot) -> None:
        """Raises Rejected where nothing takes it back."""
        if self.declared.undo is None:
            raise Rejected(
                f"{live.resource} cannot be taken back: {self.declared.irreversible}.",
                next_step="Nothing was changed; put it right by hand.",
            )

    def take_back(
        self, session: Session, params: Params, live: Snapshot, wanted: Mapping[str, Value]
    ) -> bool:
        """The one call that restores `wanted`."""
        assert self.declared.undo is not None
        self._send(session, self.declared.undo, params, live, wanted)
        return True

    def reference(self, params: Params) -> str:
        """The record by its name."""
        return f"{self.name} {named(self.declared.resource, params)}"

    def _send(
        self,
        session: Session,
        call: CallDeclared,
        params: Params,
        live: Snapshot,
        before: Mapping[str, Value],
    ) -> None:
        said = Call(live.resource, is_write=True)
        try:
            session.call(call.tool, _arguments(call, params, before), said)
        except ToolFailedError:
            if self._is_untouched(session, params, live):
                raise
            raise OutcomeUnknown(
                f"A tool of {self.system} says that it failed, and {live.resource} is not as it"
                " was.",
                next_step="Look at the record before doing anything else.",
            ) from None

    def _is_untouched(self, session: Session, params: Params, live: Snapshot) -> bool:
        try:
            return dict(self.load(session, params).fields) == dict(live.fields)
        except ConnectorError:
            return False


def parameter_of(filling: Filling) -> str | None:
    """The parameter that a filling stands for, None where it stands for itself."""
    is_one = isinstance(filling, str) and filling.startswith("{") and filling.endswith("}")
    return str(filling)[1:-1] if is_one else None


def _arguments(call: CallDeclared, params: Params, before: Mapping[str, Value]) -> dict[str, Value]:
    values = params.model_dump(mode="json")
    return {name: _filled(each, values, before) for name, each in call.arguments.items()}


def _filled(filling: Filling, values: Mapping[str, Value], before: Mapping[str, Value]) -> Value:
    name = parameter_of(filling)
    if name is None:
        return filling
    return before[name.removeprefix("before.")] if name.startswith("before.") else values[name]


def _at(answer: Mapping[str, Any], place: str) -> Value:
    if place == "text":
        return answer["text"]
    found: Any = answer["structured"]
    for part in place.strip("/").split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
