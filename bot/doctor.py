"""What an operator reads in the terminal about the connections of the bundle in force."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.bootstrap import catalogue_of
from bot.bundle.checkup import Checkup, checkups
from bot.catalogue import Catalogue
from bot.settings import from_environment
from connectors.saying import safe
from connectors.secrets.hiding import hidden

HEAD = ("connection", "system", "reachable", "account", "environment", "scopes granted / needed")


def diagnose(state: Path) -> tuple[bool, str]:
    """Whether nothing keeps a connection from working, and the report. Raises BundleError."""
    settings = from_environment({**os.environ, "ASSENT_STATE": str(state)})
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    catalogue = catalogue_of(settings, datetime.now(UTC))
    found = checkups(catalogue)
    is_well = not any(checkup.errors for checkup in found)
    return is_well, hidden("\n".join(report(catalogue, found)))


def report(catalogue: Catalogue, found: Sequence[Checkup]) -> Iterator[str]:
    """The table, what is wrong under it, and the count."""
    rows = [HEAD, *map(_row, found), *_others(catalogue)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for checkup in found:
        yield from (f"error    {checkup.name}: {said}" for said in checkup.errors)
        yield from (f"warning  {checkup.name}: {said}" for said in checkup.warnings)
    errors = sum(len(checkup.errors) for checkup in found)
    warnings = sum(len(checkup.warnings) for checkup in found)
    yield f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}"


def _row(checkup: Checkup) -> tuple[str, ...]:
    identity, declared = checkup.identity, checkup.connection
    said = safe(identity.account) if identity else f"{declared.account} (not checked)"
    environment = identity.environment if identity else None
    granted = checkup.granted
    return (
        checkup.name,
        declared.connector,
        "yes" if checkup.is_reachable else "no",
        said,
        environment or f"{declared.environment} (as the bundle says)",
        f"{'not said' if granted is None else len(granted)} / {len(checkup.needed)}",
    )


def _others(catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    """The connections of other environments: this process must not use their secrets."""
    for name, each in catalogue.bundle.settings.connections.items():
        if each.environment != catalogue.environment:
            yield (name, each.connector, "not asked", each.account, each.environment, "")


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
