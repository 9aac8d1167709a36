"""`google_workspace.restore`: let a suspended account of Google Workspace sign in again."""

from __future__ import annotations

from connectors.google_workspace import accounts
from connectors.google_workspace.accounts import PersonParams
from connectors.google_workspace.session import SYSTEM
from connectors.operation import Irreversible, Operation, Reversible, Snapshot
from connectors.state_write import StateWrite


def undo(_params: PersonParams, _now: Snapshot) -> Reversible | Irreversible:
    """Suspended again, while nobody else changes it."""
    return Reversible("the account suspended again")


_state = StateWrite(
    read_scopes=accounts.READ_SCOPES,
    scopes=accounts.SCOPES,
    guarded=accounts.GUARDED,
    load=accounts.load,
    preview=accounts.restored,
    write=accounts.patch,
    check_back=accounts.suspended,
    take_back=accounts.patch,
    reference=accounts.reference,
)

OPERATION = Operation(
    name="google_workspace.restore",
    title="Restore a Google account",
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
