"""Labels as a repository has them: GitHub knows them in any case, and makes up what it lacks."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.github.issues import READ_SCOPE
from connectors.github.session import Session, part


def known(
    session: Session, repository: str, wanted: Iterable[str], on_it: Iterable[str] = ()
) -> tuple[list[str], list[str]]:
    """The wanted labels as the repository writes them, and those that it does not have. What is
    `on_it` already is not asked for."""
    has = {label.lower(): label for label in on_it}
    found: dict[str, str | None] = {label: has.get(label.lower()) for label in wanted}
    for label in (name for name, there in found.items() if there is None):
        subject = f"label {label} of {repository}"
        answer = session.find(f"/repos/{repository}/labels/{part(label)}", subject, READ_SCOPE)
        with session.understood(subject):
            found[label] = str(answer.body["name"]) if answer is not None else None
    there = {name for name in found.values() if name is not None}
    return sorted(there), sorted(label for label, name in found.items() if name is None)
