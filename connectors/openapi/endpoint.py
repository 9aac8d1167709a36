"""One declared operation over HTTP: read by a GET, written by one call, found by its state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from connectors import wire
from connectors.declared.parameters import FACTS_OF_RECORD, facts, named
from connectors.errors import Conflict, ConnectorError, OutcomeUnknown, Rejected
from connectors.openapi import document, reading, schemas
from connectors.openapi.declaration import Filling, OperationDeclared
from connectors.openapi.reading import Read
from connectors.openapi.session import Answer, Session
from connectors.operation import FactType, Params, Result, Snapshot, Value
from connectors.wire import Call

KEY_CHARACTERS_MAX = 200
ETAG = "etag"


@dataclass(frozen=True)
class Endpoint:
    """One declared operation, made ready. `reads` are its fields and what is compared besides."""

    name: str
    system: str
    declared: OperationDeclared
    read_call: document.Call
    write_call: document.Call
    undo_call: document.Call | None
    reads: Mapping[str, Read]
    read_scopes: frozenset[str]
    scopes: frozenset[str]

    def read(self, session: Session, params: Params) -> Snapshot:
        """The record as it stands."""
        session.require(self.read_scopes)
        call = Call(self._resource(params), is_write=False)
        answer = session.ask("GET", self._path(self.read_call, params), call)
        values = {
            name: reading.value(session, call, each, answer.tree)
            for name, each in self.reads.items()
        }
        shown = self.declared.fields
        return Snapshot(
            system=self.system,
            resource=self._resource(params),
            version=self._version(session, call, values, answer),
            fields={name: values[name] for name in shown},
            about={name: value for name, value in values.items() if name not in shown},
        )

    def preview(self, params: Params, before: Snapshot) -> Mapping[str, Value]:
        """The fields that change. Rejected where none does."""
        after = self._after(params)
        changes = {name: value for name, value in after.items() if before.fields[name] != value}
        if not changes:
            raise Rejected(f"The {before.resource} is so already.", next_step="Nothing to do.")
        return changes

    def facts(self, params: Params, before: Snapshot) -> Mapping[str, Value]:
        """What policy judges: the parameters, and the record as it stands."""
        values = {**before.about, **before.fields}
        known = self.fact_types()
        of_record = {f"{FACTS_OF_RECORD}.{name}": value for name, value in values.items()}
        return {
            **facts(params),
            **{
                n: "" if v is None else _exact(v, known[n])
                for n, v in of_record.items()
                if n in known
            },
        }

    def fact_types(self) -> dict[str, FactType]:
        """Fields that may be null are facts where the empty text can say so."""
        every = {
            f"{FACTS_OF_RECORD}.{name}": schemas.fact_type(each.kind, is_nullable=each.is_nullable)
            for name, each in self.reads.items()
        }
        return {name: kind for name, kind in every.items() if kind is not None}

    def lookup(self, session: Session, params: Params, key: str) -> Result | None:
        """Whether the record is as the write would leave it."""
        _check_key(key)
        live = self.read(session, params)
        return self._result(live, is_replay=True) if self._is_done(live, params) else None

    def execute(self, session: Session, params: Params, before: Snapshot, key: str) -> Result:
        """Writes once: a record that is so already is left alone. Conflict where it is not as
        `before`."""
        _check_key(key)
        session.require(self.scopes)
        live = self.read(session, params)
        if self._is_done(live, params):
            return self._result(live, is_replay=True)
        _check_unchanged(live, before)
        try:
            self._send(session, self.write_call, params, self._body(params), live, key)
        except Conflict:
            if found := self.lookup(session, params, key):
                return found  # the same call at the same moment was quicker
            raise
        return self._result(self._seen(session, params))

    def compensate(
        self, session: Session, params: Params, before: Snapshot, result: Result, key: str
    ) -> Result:
        """Restores `before`. Rejected where the record is neither so nor as the write left it."""
        _check_key(key)
        session.require(self.scopes)
        live = self.read(session, params)
        if self.undo_call is None:
            why = self.declared.irreversible
            raise Rejected(
                f"{live.resource} cannot be taken back: {why}.",
                next_step="Nothing was changed; put it right by hand.",
            )
        if live.fields == before.fields:
            return self._result(live, is_replay=True)
        if not self._is_done(live, params) or (
            self.declared.version is not None and live.version != result.version
        ):
            raise Rejected(
                f"{live.resource} can no longer be taken back: it was changed since.",
                next_step="Nothing was changed; put it right by hand.",
            )
        body = self._undo_body(params, before)
        try:
            self._send(session, self.undo_call, params, body, live, key)
        except Conflict:
            now = self.read(session, params)
            if now.fields == before.fields:
                return self._result(now, is_replay=True)
            raise
        return self._result(self._seen(session, params))

    def _send(
        self,
        session: Session,
        call: document.Call,
        params: Params,
        body: Mapping[str, Value],
        live: Snapshot,
        key: str,
    ) -> None:
        headers = {"If-Match": live.version} if self.declared.version == ETAG else {}
        if self.declared.idempotency_header:
            headers[self.declared.idempotency_header] = hashlib.sha256(key.encode()).hexdigest()
        said = Call(live.resource, is_write=True)
        session.ask(call.method, self._path(call, params), said, body or None, headers)

    def _seen(self, session: Session, params: Params) -> Snapshot:
        """The record after a write that was answered. What fails now does not undo it."""
        try:
            return self.read(session, params)
        except ConnectorError:
            raise OutcomeUnknown(
                f"{self.system} took the write and could not be read afterwards.",
                next_step=f"Look at {self._resource(params)} before doing anything else.",
            ) from None

    def _path(self, call: document.Call, params: Params) -> str:
        values = {name: self._filled(self.declared.path[name], params) for name in call.parts}
        path = call.path
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        return path.lstrip("/")

    def _body(self, params: Params) -> dict[str, Value]:
        return {name: self._filled(each, params) for name, each in self.declared.body.items()}

    def _undo_body(self, params: Params, before: Snapshot) -> dict[str, Value]:
        assert self.declared.undo is not None
        return {
            name: before.fields[restored]
            if (restored := restored_by(each)) is not None
            else self._filled(each, params)
            for name, each in self.declared.undo.body.items()
        }

    def _after(self, params: Params) -> dict[str, Value]:
        fields = self.declared.fields
        return {name: self._filled(each.becomes, params) for name, each in fields.items()}

    def _filled(self, filling: Filling, params: Params) -> Value:
        name = parameter_of(filling)
        return filling if name is None else params.model_dump(mode="json")[name]

    def _is_done(self, live: Snapshot, params: Params) -> bool:
        return dict(live.fields) == self._after(params)

    def _result(self, live: Snapshot, *, is_replay: bool = False) -> Result:
        shown = json.dumps([self.name, live.resource, dict(live.fields)], sort_keys=True)
        reference = f"w_{hashlib.sha256(shown.encode()).hexdigest()[:24]}"
        return Result(reference, live.version, is_replay=is_replay)

    def _version(
        self, session: Session, call: Call, values: Mapping[str, Value], answer: Answer
    ) -> str:
        declared = self.declared.version
        if declared == ETAG:
            tag = answer.headers.get(ETAG, "")
            if not tag or tag.startswith("W/"):
                raise wire.unreadable(
                    session.peer, call, "without the strong ETag that is declared"
                )
            return tag
        if declared is not None:
            return str(reading.at(answer.tree, declared))
        shown = json.dumps(values, sort_keys=True)
        return hashlib.sha256(shown.encode()).hexdigest()[:16]

    def _resource(self, params: Params) -> str:
        return named(self.declared.resource, params)


def parameter_of(filling: Filling) -> str | None:
    """The parameter that a filling stands for, None where it stands for itself."""
    is_one = isinstance(filling, str) and filling.startswith("{") and filling.endswith("}")
    return str(filling)[1:-1] if is_one else None


def restored_by(filling: Filling) -> str | None:
    """The field whose earlier value a filling stands for."""
    name = parameter_of(filling)
    return name.removeprefix("before.") if name and name.startswith("before.") else None


def _exact(value: Value, kind: FactType) -> Value:
    return str(value) if kind == "string" else value


def _check_key(key: str) -> None:
    if not key or len(key) > KEY_CHARACTERS_MAX:
        raise Rejected(f"An idempotency key has 1 to {KEY_CHARACTERS_MAX} characters.")


def _check_unchanged(live: Snapshot, before: Snapshot) -> None:
    if live.version != before.version or dict(live.fields) != dict(before.fields):
        raise Conflict(
            f"{live.resource} was changed since it was read.",
            next_step="Nothing was written; read it again and look at the new difference.",
        )
