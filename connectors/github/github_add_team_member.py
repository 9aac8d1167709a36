"""`github.add_team_member`: put a person into a team, or give a member another role there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from connectors.github import memberships
from connectors.github.memberships import FACT_TYPES, NONE, READ_SCOPES, SCOPES, MemberParams
from connectors.github.session import SYSTEM, Session
from connectors.github.state import LAG_SECONDS, changes, state
from connectors.operation import Guard, Irreversible, Operation, Reversible, Snapshot, Value
from connectors.state_write import Fields


class AddParams(MemberParams):
    """Whom to put into which team, and as what."""

    role: Literal["member", "maintainer"]


def preview(params: AddParams, before: Snapshot) -> Mapping[str, Value]:
    """The role; for who is not in the organization, an invitation to it. An owner of the
    organization is a maintainer of each of its teams, whatever was asked."""
    role = "maintainer" if before.about["is_owner"] else params.role
    is_invited = not before.about["is_member"]
    return changes(before, {"role": role, "invitation": "pending" if is_invited else NONE})


def facts(params: AddParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return memberships.facts(before, params.role)


def undo(_params: AddParams, now: Snapshot) -> Reversible | Irreversible:
    """A membership can always be taken away again."""
    name = now.about["login"]
    return Reversible(f"{name} gets the earlier role back, or leaves the team again")


def apply(session: Session, params: AddParams, _live: Snapshot, after: Mapping[str, Value]) -> None:
    """The membership, in one call."""
    memberships.add(session, params, after["role"])


def take_back(session: Session, params: AddParams, _live: Snapshot, before: Fields) -> None:
    """The role of before, or none."""
    if before["role"] == NONE:
        memberships.remove(session, params)
    else:
        memberships.add(session, params, before["role"])


_state = state(
    READ_SCOPES, SCOPES, memberships.load, preview, apply,
    take_back=take_back, stands=memberships.stands,
)  # fmt: skip

OPERATION = Operation(
    name="github.add_team_member",
    title="Add a person to a team",
    system=SYSTEM,
    params=AddParams,
    scopes=SCOPES,
    fact_types=FACT_TYPES,
    read=_state.read,
    preview=preview,
    facts=facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=Guard("re-read", "the person's role in the team"),
    remembers="state",
    lag_seconds=LAG_SECONDS,
)
