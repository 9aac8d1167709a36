"""Requirements that nobody could ever meet, because too few accounts hold the roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.bundle import Bundle
from policies.findings import Finding
from policies.requirements import asked
from policies.roles import RoleBook, account_of
from store.model.decision import Requirement


def findings(bundle: Bundle) -> Iterator[Finding]:
    """Rules that ask for more people than their roles have. Roles with a user group or a roster
    of Teams are never counted: who is in it is not known here."""
    holders = _holders(bundle)
    for policy in bundle.policies:
        for index, rule in enumerate(policy.file.rules):
            wanted = [r for ask in rule.require for r in asked(ask, "", "")]
            if sentence := _lacking(wanted, holders):
                path = ("rules", index, "require")
                yield policy.document.finding(path, f"{rule.id} can never be met: {sentence}")


def _holders(bundle: Bundle) -> Mapping[str, frozenset[str]]:
    """Role -> its people, for roles whose people are all listed."""
    roles, people = bundle.settings.roles, bundle.settings.people
    owners = {account_of(a): name for name, human in people.items() for a in human.accounts}
    found = {}
    for role in roles:
        inside = _included(bundle, role, frozenset())
        if any(roles[name].group or roles[name].teams_roster for name in inside):
            continue
        book = RoleBook({name: roles[name] for name in inside}, people)
        accounts = [(s, u) for s in ("slack", "teams") for u in book.users(role, s, {})]
        found[role] = frozenset(owners.get(one, ":".join(one)) for one in accounts)
    return found


def _included(bundle: Bundle, role: str, seen: frozenset[str]) -> frozenset[str]:
    if role in seen or role not in bundle.settings.roles:
        return seen
    seen |= {role}
    for other in bundle.settings.roles[role].includes:
        seen |= _included(bundle, other, seen)
    return seen


def _lacking(wanted: Sequence[Requirement], holders: Mapping[str, frozenset[str]]) -> str:
    """Why the requirements cannot all be met, one person meeting one; nothing where they can."""
    seats: list[frozenset[str]] = []
    for one in wanted:
        roles = (*one.roles, *one.escalates_to)
        if one.kind != "approve" or not all(role in holders for role in roles):
            continue
        people = frozenset[str]().union(*(holders[role] for role in roles))
        if len(people) < one.count:
            return (
                f"it asks for {one.count} of {one.who}, and bundle.yml lists {len(people)};"
                " ask for fewer, or list more"
            )
        seats += [people] * one.count
    if _seated(seats) < len(seats):
        return f"it asks for {len(seats)} different people, and bundle.yml lists too few for it"
    return ""


def _seated(seats: Sequence[frozenset[str]]) -> int:
    """The most seats that can be filled at once with one person each."""
    sitting: dict[str, int] = {}

    def seat(index: int, tried: set[str]) -> bool:
        for person in sorted(seats[index] - tried):
            tried.add(person)
            if person not in sitting or seat(sitting[person], tried):
                sitting[person] = index
                return True
        return False

    return sum(seat(index, set()) for index in range(len(seats)))
