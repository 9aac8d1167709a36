"""Two arms against bounds and against each other."""
