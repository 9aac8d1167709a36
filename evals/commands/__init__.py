"""The commands of `agent-eval`, one file each; each answers its text and its exit code."""
