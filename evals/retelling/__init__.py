"""A run of the ledger told again as a case: with other people, other records and nobody's words of
themselves."""
