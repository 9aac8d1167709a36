"""`okta.remove_from_group`: take a person out of a group of Okta."""

from __future__ import annotations

from connectors.okta import memberships
from connectors.okta.memberships import MembershipParams
from connectors.okta.session import SYSTEM
from connectors.operation import Irreversible, Operation, Reversible, Snapshot
from connectors.state_write import StateWrite


def undo(_params: MembershipParams, _now: Snapshot) -> Reversible | Irreversible:
    """Back in, while the person is not deactivated."""
    return Reversible("back into the group")


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
    name="okta.remove_from_group",
    title="Remove a person from an Okta group",
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
