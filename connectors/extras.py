"""The optional dependencies of connectors: what lacks, and how to get it."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, requires

from connectors.errors import Rejected

_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+).*;.*\bextra\s*==\s*[\"']([A-Za-z0-9_-]+)[\"']")


def not_installed(system: str, extra: str) -> Rejected:
    """The refusal of a session whose SDK is not there; `system` as people call it."""
    return Rejected(
        f"What Assent needs to talk to {system} is not installed.",
        next_step=f"Run: pip install 'assent[{extra}]', and start again.",
    )


def lacking(extra: str) -> tuple[str, ...]:
    """The distributions of an extra that are not installed; empty for "" and unknown extras."""
    return tuple(name for name in _of_extra(extra) if not _is_installed(name))


@cache
def _of_extra(extra: str) -> tuple[str, ...]:
    try:
        declared = requires("assent") or []
    except PackageNotFoundError:  # run from a checkout: nothing is declared, the import will tell
        return ()
    found = (match for each in declared if (match := _REQUIREMENT.match(each)))
    return tuple(match[1] for match in found if extra and match[2] == extra)


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
