"""The ways out of an issue's status, as its workflow and the account's permissions allow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors import wire
from connectors.errors import Rejected
from connectors.jira import issues
from connectors.jira.issues import name_of, part, text
from connectors.jira.session import Session, segment
from connectors.operation import Value
from connectors.saying import safe
from connectors.wire import Call

RESOLUTION = "resolution"
NAMES_SHOWN = 12  # of statuses in one message


@dataclass(frozen=True)
class Transition:
    """One way. `category` is that of the status it leads to ("done"); `needs` are the names of the
    fields without which Jira refuses it; `resolutions` the values of its screen, None where it has
    no such field."""

    id: str
    to: str
    category: str
    is_global: bool
    needs: tuple[str, ...]
    needs_resolution: bool
    resolutions: tuple[str, ...] | None

    def as_value(self) -> Mapping[str, Value]:
        """As a snapshot holds it."""
        return {
            "id": self.id,
            "to": self.to,
            "category": self.category,
            "is_global": self.is_global,
            "needs": list(self.needs),
            "needs_resolution": self.needs_resolution,
            "resolutions": None if self.resolutions is None else list(self.resolutions),
        }


def load(session: Session, key: str) -> tuple[Transition, ...]:
    """The transitions that are allowed now."""
    call = Call(f"issue {key}", is_write=False, scope="issues:read")
    path = f"issue/{segment(key)}/transitions"
    body = session.get(path, call, {"expand": "transitions.fields"})
    found = body.get("transitions") if isinstance(body, Mapping) else None
    if not isinstance(found, list):
        raise wire.unreadable(session.peer, call, "no transitions")
    return tuple(_parsed(t) for t in issues.objects(found) if t.get("isAvailable", True))


def of_values(values: Iterable[Mapping[str, Value]]) -> tuple[Transition, ...]:
    """As they were kept in a snapshot."""
    return tuple(
        Transition(
            id=str(v["id"]),
            to=str(v["to"]),
            category=str(v["category"]),
            is_global=bool(v["is_global"]),
            needs=tuple(v["needs"]),
            needs_resolution=bool(v["needs_resolution"]),
            resolutions=None if v["resolutions"] is None else tuple(v["resolutions"]),
        )
        for v in values
    )


def to_status(transitions: tuple[Transition, ...], status: str, resolution: str) -> Transition:
    """The transition to the status of that name. Rejected where there is none, where there are
    several, or where it wants what is not given."""
    ways = [t for t in transitions if t.to.casefold() == status.casefold()]
    ways = [t for t in ways if not missing(t, resolution)] or ways
    if not ways:
        names = sorted({t.to for t in transitions})[:NAMES_SHOWN]
        raise Rejected(
            f"The workflow allows no transition to {safe(status)} from here.",
            next_step=f"It allows: {safe(', '.join(names)) or 'none'}.",
        )
    way = ways[0]
    if lacks := missing(way, resolution):
        raise Rejected(
            f"The transition to {safe(way.to)} wants more: {safe(', '.join(lacks))}.",
            next_step="Give the resolution, or let somebody fill in the others in Jira.",
        )
    if resolution and resolution not in (way.resolutions or ()):
        raise Rejected(
            f"The transition to {safe(way.to)} takes no resolution {safe(resolution)}.",
            next_step=f"It takes: {safe(', '.join(way.resolutions or ())) or 'none'}.",
        )
    return way


def missing(transition: Transition, resolution: str) -> tuple[str, ...]:
    """The required fields that would not be given."""
    own = ("Resolution",) if transition.needs_resolution and not resolution else ()
    return (*own, *transition.needs)


def leads_to(transitions: tuple[Transition, ...], status: str) -> bool:
    """Whether the status can be reached without anything more to say."""
    return any(t.to == status and not missing(t, "") for t in transitions)


def _parsed(body: Mapping[str, Any]) -> Transition:
    fields = {n: f for n, f in part(body, "fields").items() if isinstance(f, Mapping)}
    required = {
        name: field
        for name, field in fields.items()
        if field.get("required") and not field.get("hasDefaultValue")
    }
    resolution = fields.get(RESOLUTION)
    return Transition(
        id=text(body.get("id")),
        to=name_of(body.get("to")),
        category=text(part(part(body, "to"), "statusCategory").get("key")),
        is_global=bool(body.get("isGlobal")),
        needs=tuple(text(f.get("name")) or n for n, f in required.items() if n != RESOLUTION),
        needs_resolution=RESOLUTION in required,
        resolutions=None
        if resolution is None
        else tuple(name_of(v) for v in issues.objects(resolution.get("allowedValues"))),
    )
