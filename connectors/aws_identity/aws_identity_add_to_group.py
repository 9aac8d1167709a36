"""`aws_identity.add_to_group`: put a person into a group, for a time or for good."""

from __future__ import annotations

from connectors.aws_identity import directory, memberships
from connectors.aws_identity.memberships import GrantParams
from connectors.aws_identity.session import SYSTEM
from connectors.operation import Operation
from connectors.state_write import StateWrite

_state = StateWrite(
    read_scopes=directory.READ_SCOPES,
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
    name="aws_identity.add_to_group",
    title="Add a person to an AWS group",
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
