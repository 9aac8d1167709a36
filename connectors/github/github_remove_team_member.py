"""`github.remove_team_member`: take a person out of a team; in the organization they stay."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.github import memberships
from connectors.github.memberships import FACT_TYPES, NONE, READ_SCOPES, SCOPES, MemberParams
from connectors.github.session import SYSTEM, Session
from connectors.github.state import LAG_SECONDS, changes, state
from connectors.operation import Guard, Irreversible, Operation, Reversible, Snapshot, Value
from connectors.state_write import Fields


class RemoveParams(MemberParams):
    """Whom to take out of which team."""


def preview(_params: RemoveParams, before: Snapshot) -> Mapping[str, Value]:
    """No role, and no invitation."""
    return changes(before, {"role": NONE, "invitation": NONE})


def facts(_params: RemoveParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on; `role.is_admin` is the role that goes."""
    return memberships.facts(before, str(before.fields["role"]))


def undo(_params: RemoveParams, now: Snapshot) -> Reversible | Irreversible:
    """Who is in the organization comes back at once, anybody else by a new invitation."""
    name = now.about["login"]
    if now.about["is_member"]:
        return Reversible(f"{name} is put back into the team with the same role")
    return Reversible(f"{name} is invited to the team again, and must accept")


def apply(
    session: Session, params: RemoveParams, _live: Snapshot, _after: Mapping[str, Value]
) -> None:
    """The membership goes, in one call."""
    memberships.remove(session, params)


def take_back(session: Session, params: RemoveParams, _live: Snapshot, before: Fields) -> None:
    """The membership of before."""
    memberships.add(session, params, before["role"])


_state = state(
    READ_SCOPES, SCOPES, memberships.load, preview, apply,
    take_back=take_back, stands=memberships.stands,
)  # fmt: skip

OPERATION = Operation(
    name="github.remove_team_member",
    title="Remove a person from a team",
    system=SYSTEM,
    params=RemoveParams,
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
