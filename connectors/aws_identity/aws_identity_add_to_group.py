"""`aws_identity.add_to_group`: put a person into a group of AWS IAM Identity Center."""

from __future__ import annotations

from connectors.aws_identity import directory, memberships
from connectors.aws_identity.memberships import MembershipParams
from connectors.aws_identity.session import SYSTEM
from connectors.operation import Irreversible, Operation, Reversible, Snapshot
from connectors.state_write import StateWrite


def undo(_params: MembershipParams, _now: Snapshot) -> Reversible | Irreversible:
    """Out again, while the person is in the group and not its last administrator."""
    return Reversible("out of the group again")


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
    params=MembershipParams,
    scopes=memberships.SCOPES,
    fact_types=directory.FACT_TYPES,
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
