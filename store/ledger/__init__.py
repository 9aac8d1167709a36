"""The record: an append-only Merkle log of what happened.

Appending and looking things up, as the flow needs them; verify, checkpoint and export are imported
from their own modules by those who audit.
"""

from store.ledger.append import append, append_many
from store.ledger.redact import redact
from store.ledger.search import Head, LedgerEntry, head, range_of, show

__all__ = ["Head", "LedgerEntry", "append", "append_many", "head", "range_of", "redact", "show"]
