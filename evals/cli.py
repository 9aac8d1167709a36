"""`agent-eval`: the commands."""


def main() -> int:
    """The command."""
    return 2
