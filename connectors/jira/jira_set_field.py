"""`jira.set_field`: set one field of an issue, of a kind that is declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import StringConstraints

from connectors import wire
from connectors.errors import Rejected
from connectors.jira import issues, values
from connectors.jira.edit import GUARD, Edit, Properties
from connectors.jira.issues import Issue, IssueKey
from connectors.jira.session import SYSTEM, Session, segment
from connectors.jira.values import Kind
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot, Value
from connectors.saying import safe
from connectors.text import Text
from connectors.wire import Call

OPTIONS_MAX = 200  # of a field that are read
# What is kept of a field so that it can be set back; Jira's properties hold 32,768 characters.
KEPT_CHARACTERS_MAX = 10_000

FieldId = Annotated[
    str, StringConstraints(pattern=r"^(summary|description|environment|priority|labels|duedate"
                                   r"|customfield_[1-9][0-9]{0,9})$")
]  # fmt: skip


class FieldParams(Params):
    """Which issue, which field by its id, of which kind, and its new value as text."""

    issue: IssueKey
    field: FieldId
    kind: Kind
    value: Text


def show(session: Session, params: FieldParams, issue: Issue) -> Snapshot:
    """The field as it stands, with what may be written to it."""
    meta = _meta(session, params)
    schema = issues.part(meta, "schema")
    kind = values.kind_of(schema)
    value = values.shown(kind, schema, issue.fields.get(params.field)) if kind else ""
    options = tuple(
        issues.text(v.get("value") or v.get("name"))
        for v in issues.objects(meta.get("allowedValues"))[:OPTIONS_MAX]
    )
    return issue.snapshot(
        {params.field: value},
        {
            "field_name": issues.text(meta.get("name")),
            "field_kind": kind or "",
            "field_schema": {k: issues.text(schema.get(k)) for k in ("system", "custom")},
            "options": list(options),
        },
    )


def preview(params: FieldParams, before: Snapshot) -> Mapping[str, Value]:
    """The field's new value; Rejected where it is of another kind or cannot hold it."""
    about = before.about
    if about["field_kind"] != params.kind:
        what = about["field_kind"] or "none that can be set here"
        raise Rejected(
            f"The field {params.field} of {before.resource} is not of the kind {params.kind}: it "
            f"is {what}.",
            next_step="Declare its kind, or choose a field of the issue's edit screen.",
        )
    if len(before.fields[params.field]) > KEPT_CHARACTERS_MAX:
        raise Rejected(
            f"The field {safe(about['field_name'])} holds more than can be put back.",
            next_step="Change it in Jira.",
        )
    options = tuple(about["options"])
    value = values.checked(params.kind, about["field_schema"], options, params.value)
    return issues.changes(before, {params.field: value})


def facts(params: FieldParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {
        **issues.facts(before),
        "field.id": params.field,
        "field.kind": params.kind,
        "field.value": params.value,
    }


def undo(params: FieldParams, now: Snapshot) -> Reversible | Irreversible:
    """Plain values can be put back; a text with format cannot: its format is not kept."""
    if now.about["field_schema"] and values.is_document(now.about["field_schema"]):
        return Irreversible(f"the format of the earlier text of {params.field} is not kept")
    return Reversible("back to what it was, while nobody else changes it")


def write(
    session: Session,
    params: FieldParams,
    live: Snapshot,
    after: Mapping[str, Value],
    properties: Properties,
) -> None:
    """The new value, with the mark."""
    _send(session, params, live, after[params.field], properties)


def restore(
    session: Session,
    params: FieldParams,
    live: Snapshot,
    fields: Mapping[str, Value],
    properties: Properties,
) -> None:
    """The value that it had. Rejected for a text with format."""
    final = undo(params, live)
    if isinstance(final, Irreversible):
        raise Rejected(
            f"The {live.resource} cannot be taken back: {final.why}.",
            next_step="Nothing was changed; Jira's history shows the earlier text.",
        )
    _send(session, params, live, fields[params.field], properties)


def _send(
    session: Session, params: FieldParams, live: Snapshot, value: str, properties: Properties
) -> None:
    call = Call(f"issue {params.issue}", is_write=True, scope="issues:write")
    said = values.sent(params.kind, live.about["field_schema"], value)
    body = {"fields": {params.field: said}, "properties": properties}
    session.send("PUT", f"issue/{segment(params.issue)}", call, body)


def _meta(session: Session, params: FieldParams) -> Mapping[str, Any]:
    """What the edit screen says of the field; nothing where it has no such field."""
    call = Call(f"issue {params.issue}", is_write=False, scope="issues:read")
    body = session.get(f"issue/{segment(params.issue)}/editmeta", call)
    if not isinstance(body, Mapping):
        raise wire.unreadable(session.peer, call, "no fields")
    return issues.part(issues.part(body, "fields"), params.field)


_edit = Edit(
    "jira.set_field",
    issues.WRITE_SCOPES,
    key=lambda params: params.issue,
    more_fields=lambda params: (params.field,),
    show=show,
    preview=preview,
    write=write,
    restore=restore,
)

OPERATION = Operation(
    name="jira.set_field",
    title="Set a field of an issue",
    system=SYSTEM,
    params=FieldParams,
    scopes=issues.WRITE_SCOPES,
    fact_types={
        **issues.FACT_TYPES,
        "field.id": "string",
        "field.kind": "string",
        "field.value": "string",
    },
    read=_edit.read,
    preview=preview,
    facts=facts,
    execute=_edit.execute,
    lookup=_edit.lookup,
    undo=undo,
    compensate=_edit.compensate,
    guard=GUARD,
    remembers="mark",
)
