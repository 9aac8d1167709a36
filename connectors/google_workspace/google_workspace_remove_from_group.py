"""`google_workspace.remove_from_group`: take a person out of a group of Google Workspace."""

from __future__ import annotations

from connectors.google_workspace import memberships
from connectors.google_workspace.memberships import MembershipParams
from connectors.google_workspace.session import SYSTEM
from connectors.operation import Irreversible, Operation, Reversible, Snapshot
from connectors.state_write import StateWrite


def undo(_params: MembershipParams, _now: Snapshot) -> Reversible | Irreversible:
    """Back in, in the same role, while the person is not archived."""
    return Reversible("back into the group, in the same role")


_state = StateWrite(
    read_scopes=memberships.READ_SCOPES,
    scopes=memberships.SCOPES,
    guarded=memberships.GUARDED,
    load=memberships.load,
    preview=memberships.removed,
    write=memberships.remove,
    check_back=memberships.joined,
    take_back=memberships.add,
    reference=memberships.reference,
)

OPERATION = Operation(
    name="google_workspace.remove_from_group",
    title="Remove a person from a Google group",
    system=SYSTEM,
    params=MembershipParams,
    scopes=memberships.SCOPES,
    fact_types=memberships.FACT_TYPES,
    read=_state.read,
    preview=memberships.removed,
    facts=memberships.facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=memberships.RE_READ,
    remembers="state",
    lag_seconds=memberships.LAG_SECONDS,
)
