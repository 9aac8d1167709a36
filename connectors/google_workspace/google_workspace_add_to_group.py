"""`google_workspace.add_to_group`: put a person into a group, for a time or for good."""

from __future__ import annotations

from connectors.google_workspace import memberships
from connectors.google_workspace.memberships import GrantParams
from connectors.google_workspace.session import SYSTEM
from connectors.operation import Operation
from connectors.state_write import StateWrite

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
    params=GrantParams,
    scopes=memberships.SCOPES,
    fact_types=memberships.GRANT_FACT_TYPES,
    read=_state.read,
    preview=memberships.joined,
    facts=memberships.grant_facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=memberships.grant_undo,
    compensate=_state.compensate,
    guard=memberships.RE_READ,
    remembers="state",
    lag_seconds=memberships.LAG_SECONDS,
    ends_at=memberships.ends_at,
)
