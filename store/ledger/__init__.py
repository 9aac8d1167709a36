"""The record: an append-only Merkle log of what happened."""
