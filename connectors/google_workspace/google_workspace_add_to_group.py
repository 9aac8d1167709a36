"""`google_workspace.add_to_group`: put a person into a group of Google Workspace."""

from __future__ import annotations

from connectors.google_workspace import memberships
from connectors.google_workspace.memberships import MembershipParams
from connectors.google_workspace.session import SYSTEM
from connectors.operation import Irreversible, Operation, Reversible, Snapshot
from connectors.state_write import StateWrite


def undo(_params: MembershipParams, _now: Snapshot) -> Reversible | Irreversible:
    """Out again, while the person is in the group and not the last who keeps it."""
    return Reversible("out of the group again")


_state = StateWrite(
    read_scopes=memberships.READ_SCOPES,
    scopes=memberships.SCOPES,
    guarded=memberships.GUARDED,
    load=memberships.load,
    preview=memberships.joined,
    write=memberships.add,
    check_back=memberships.left,
    take_back=memberships.remove,
    reference=memberships.reference,
)

OPERATION = Operation(
    name="google_workspace.add_to_group",
    title="Add a person to a Google group",
    system=SYSTEM,
    params=MembershipParams,
    scopes=memberships.SCOPES,
    fact_types=memberships.FACT_TYPES,
    read=_state.read,
    preview=memberships.joined,
    facts=memberships.facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=memberships.RE_READ,
    remembers="state",
    lag_seconds=memberships.LAG_SECONDS,
)
