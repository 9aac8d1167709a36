"""`okta.suspend`: let an account of Okta sign in nowhere, and keep all that it has."""

from __future__ import annotations

from connectors.okta import accounts
from connectors.okta.accounts import PersonParams
from connectors.okta.session import SYSTEM
from connectors.operation import Irreversible, Operation, Reversible, Snapshot
from connectors.state_write import StateWrite


def undo(_params: PersonParams, _now: Snapshot) -> Reversible | Irreversible:
    """Restored, while nobody else changes the status."""
    return Reversible("the account restored, with all it had")


_state = StateWrite(
    read_scopes=accounts.READ_SCOPES,
    scopes=accounts.SCOPES,
    guarded=accounts.GUARDED,
    load=accounts.load,
    preview=accounts.suspended,
    write=accounts.suspend,
    check_back=accounts.restored,
    take_back=accounts.restore,
    reference=accounts.reference,
)

OPERATION = Operation(
    name="okta.suspend",
    title="Suspend an Okta account",
    system=SYSTEM,
    params=PersonParams,
    scopes=accounts.SCOPES,
    fact_types=accounts.FACT_TYPES,
    read=_state.read,
    preview=accounts.suspended,
    facts=accounts.facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=accounts.RE_READ,
    remembers="state",
    lag_seconds=accounts.LAG_SECONDS,
)
