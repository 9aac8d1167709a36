"""`okta.restore`: let a suspended account of Okta sign in again."""

from __future__ import annotations

from connectors.okta import accounts
from connectors.okta.accounts import PersonParams
from connectors.okta.session import SYSTEM
from connectors.operation import Irreversible, Operation, Reversible, Snapshot
from connectors.state_write import StateWrite


def undo(_params: PersonParams, _now: Snapshot) -> Reversible | Irreversible:
    """Suspended again, while nobody else changes the status."""
    return Reversible("the account suspended again")


_state = StateWrite(
    read_scopes=accounts.READ_SCOPES,
    scopes=accounts.SCOPES,
    guarded=accounts.GUARDED,
    load=accounts.load,
    preview=accounts.restored,
    write=accounts.restore,
    check_back=accounts.suspended,
    take_back=accounts.suspend,
    reference=accounts.reference,
)

OPERATION = Operation(
    name="okta.restore",
    title="Restore an Okta account",
    system=SYSTEM,
    params=PersonParams,
    scopes=accounts.SCOPES,
    fact_types=accounts.FACT_TYPES,
    read=_state.read,
    preview=accounts.restored,
    facts=accounts.facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=accounts.RE_READ,
    remembers="state",
    lag_seconds=accounts.LAG_SECONDS,
)
