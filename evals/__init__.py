"""Evaluation suites: none yet; the package holds the name."""
