"""A case as it is played, what is seen of it, and what its ledger gives away."""
