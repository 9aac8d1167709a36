"""What roles and people of bundle.yml say about each other: every human once, every name known."""

from __future__ import annotations

from collections.abc import Mapping

from policies.document import Document
from policies.findings import Finding
from policies.roles import account_of
from policies.settings_file import BundleFile, Role


def check(settings: BundleFile, source: Document, findings: list[Finding]) -> None:
    """Roles that nobody could hold, unknown names, circles, and an account of two people."""
    _people(settings, source, findings)
    for name, role in settings.roles.items():
        _role(settings, name, role, source, findings)
    _circles(settings.roles, source, findings)


def _people(settings: BundleFile, source: Document, findings: list[Finding]) -> None:
    owners: dict[tuple[str, str], str] = {}
    for name, human in settings.people.items():
        for index, written in enumerate(human.accounts):
            owner = owners.setdefault(account_of(written), name)
            first = human.accounts.index(written)
            if owner == name and first == index:
                continue
            message = (
                f"{written} stands here twice; remove one"
                if owner == name
                else f"{written} is also an account of {owner}; one account is one human's"
            )
            findings.append(source.finding(("people", name, "accounts", index), message))


def _role(
    settings: BundleFile, name: str, role: Role, source: Document, findings: list[Finding]
) -> None:
    has_members = role.group is not None or role.teams_roster is not None
    if not (has_members or role.accounts or role.people or role.includes):
        message = (
            f"the role {name} has neither a group nor accounts, people, a teams_roster or"
            " included roles"
        )
        findings.append(source.finding(("roles", name), message))
    for index, person in enumerate(role.people):
        if person not in settings.people:
            known = f"; there is {', '.join(settings.people)}" if settings.people else ""
            path = ("roles", name, "people", index)
            findings.append(source.finding(path, f"no person {person} in people{known}"))
    for index, other in enumerate(role.includes):
        if other not in settings.roles:
            path = ("roles", name, "includes", index)
            known = ", ".join(settings.roles)
            findings.append(source.finding(path, f"no role {other}; there is {known}"))


def _circles(roles: Mapping[str, Role], source: Document, findings: list[Finding]) -> None:
    """One finding for each circle, at the inclusion that closes it."""
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        for index, other in enumerate(roles[name].includes):
            if other in (*way, name):
                circle = (*(*way, name)[(*way, name).index(other) :], other)
                message = f"roles include each other in a circle: {' > '.join(circle)}"
                findings.append(source.finding(("roles", name, "includes", index), message))
            elif other in roles and other not in done:
                visit(other, (*way, name))
        done.add(name)

    for name in roles:
        if name not in done:
            visit(name, ())
