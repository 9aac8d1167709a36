"""Suites of cases, and the gate that lets nothing ship without proof; `agent-eval` is in cli.py."""
