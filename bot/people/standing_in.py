"""Who decides for an absent person, resolved whenever somebody is asked who they are.

The delegate's own roles stay their own; what they hold for others stands beside them and is used
for verdicts alone. A delegation reaches no further than the absent person does at that moment: only
roles that they still hold themselves, none that somebody lent to them, and nothing where they asked
for the plan or changed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from bot.joint.names import workflows_of
from bot.people.humans import Humans
from bot.ports import Clock, Directory, DirectoryUnavailableError
from store import declared_people, delegations
from store.database import Database
from store.model.approval import Approval, StandIn
from store.model.decision import StepDecision
from store.model.person import Account, Delegation, Person
from store.model.plan import Proposal
from store.model.run import Run
from store.model.values import CURRENCY_EXPONENTS, Json, is_money


class StandingIn:
    """The directory, with what absent people let somebody decide: implements bot.ports.Directory.

    Called from worker threads, never inside a unit of work: it asks the directory about the absent.
    """

    def __init__(self, db: Database, directory: Directory, clock: Clock) -> None:
        self._db, self._humans, self._clock = db, Humans(db, directory), clock

    def person(self, account: Account) -> Person:
        """The human behind an account with every role they hold, `delegated` filled; raises
        DirectoryUnavailableError."""
        return self._with_delegated(self._humans.person(account))

    def knows(self, surface: str) -> bool:
        """Whether accounts of this surface can be asked about."""
        return self._humans.knows(surface)

    def members(self, surface: str, team: str, role: str) -> tuple[str, ...] | None:
        """Those who hold a role themselves."""
        return self._humans.members(surface, team, role)

    def vacancies(self) -> Mapping[str, str] | None:
        """Why nobody holds a role, by role; None when the directory does not answer."""
        return self._humans.vacancies()

    def substitutes(
        self, run: Run, proposal: Proposal, approvals: Iterable[Approval]
    ) -> Mapping[str, tuple[str, ...]]:
        """Who could still approve a plan for an absent person, by role, as "Mira Sol for Lee Park".
        For cards: nobody where the directory does not answer."""
        now = self._clock()
        out = {run.request.person_id, *proposal.barred}
        for approval in approvals:
            out |= {approval.person_id, *(s.person_id for s in approval.stands_in)}
        with self._db.read() as cx:
            given = delegations.open_at(cx, now)
            team = run.request.place.team
            reached = [
                one
                for one in given
                if not {one.from_id, one.to_id} & out and covers(one, run, proposal, now)
            ]
            absent = {d.from_id: declared_people.accounts_of(cx, d.from_id, team) for d in reached}
        try:
            held = {who: self._humans.held(who, theirs) for who, theirs in absent.items()}
        except DirectoryUnavailableError:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for one in (_within(delegation, held[delegation.from_id]) for delegation in reached):
            for role in one.roles:
                said = f"{one.to_name} for {one.from_name}"
                found[role] = tuple(dict.fromkeys((*found.get(role, ()), said)))
        return found

    def filled(self, person: Person) -> Person:
        """A person as the surface resolved them, with the roles of their other accounts and the
        delegations that hold at this moment.

        Raises DirectoryUnavailableError when it is not known what they or an absent person hold.
        """
        return self._with_delegated(self._humans.whole(person))

    def _with_delegated(self, person: Person) -> Person:
        if person.account.refusal is not None:
            return person.model_copy(update={"delegated": ()})
        with self._db.read() as cx:
            live = delegations.live_for(cx, person.id, self._clock())
            team = person.account.team
            absent = {d.from_id: declared_people.accounts_of(cx, d.from_id, team) for d in live}
        held = {who: self._humans.held(who, theirs) for who, theirs in absent.items()}
        delegated = tuple(_within(one, held[one.from_id]) for one in live)
        return person.model_copy(update={"delegated": tuple(d for d in delegated if d.roles)})


def able(holders: Iterable[str], substitutes: Iterable[str]) -> tuple[str, ...]:
    """Who can use a role, for people to read. Whoever holds it needs nobody else's: not both
    "Mira Sol" and "Mira Sol for Lee Park"."""
    own = tuple(holders)
    return (*own, *(one for one in substitutes if one.partition(" for ")[0] not in own))


def stand_ins(person: Person, run: Run, proposal: Proposal, now: datetime) -> tuple[StandIn, ...]:
    """The roles that this plan asks for and that the person may use for others on it."""
    asked = {role for r in proposal.decision.requirements for role in (*r.roles, *r.escalates_to)}
    found = {
        (role, one.from_id): StandIn(role=role, person_id=one.from_id, person_name=one.from_name)
        for one in person.delegated
        if covers(one, run, proposal, now)
        for role in one.roles
        if role in asked and role not in person.roles
    }
    return tuple(found.values())


def covers(delegation: Delegation, run: Run, proposal: Proposal, now: datetime) -> bool:
    """Whether a delegation reaches this plan at this moment.

    One that is limited to amounts reaches only plans that show an amount, each currency's sum
    within its limit: what shows none may move any. One that is limited to workflows reaches a joint
    plan where it reaches each part.
    """
    if not delegation.starts_at <= now < delegation.ends_at:
        return False
    if delegation.from_id in {run.request.person_id, *proposal.barred}:
        return False
    taken = workflows_of(proposal.plan.workflow)
    if delegation.workflows and not set(taken) <= set(delegation.workflows):
        return False
    if not delegation.amounts_minor:
        return True
    amounts = amounts_minor(proposal)
    limits = delegation.amounts_minor
    return bool(amounts) and all(
        currency in limits and minor <= limits[currency] for currency, minor in amounts.items()
    )


def amounts_minor(proposal: Proposal) -> dict[str, int]:
    """What a plan moves in each currency, in minor units: the sum over its steps of the largest
    amount that each one shows, in its parameters or in the facts that it was decided on."""
    decided = {step.step: step for step in proposal.decision.steps}
    total: dict[str, int] = {}
    for step in proposal.plan.steps:
        shown: dict[str, int] = {}
        for currency, minor in (*_money(step.params), *_in_facts(decided.get(step.id))):
            shown[currency] = max(shown.get(currency, 0), abs(minor))
        for currency, minor in shown.items():
            total[currency] = total.get(currency, 0) + minor
    return total


def _within(delegation: Delegation, held: tuple[str, ...]) -> Delegation:
    """The delegation with those of its roles that the absent person still holds."""
    lent = delegation.roles or held
    return delegation.model_copy(update={"roles": tuple(role for role in lent if role in held)})


def _money(value: Json) -> Iterator[tuple[str, int]]:
    if is_money(value):
        yield value["currency"], value["minor"]
    elif isinstance(value, dict):
        for item in value.values():
            yield from _money(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _money(item)


def _in_facts(decided: StepDecision | None) -> Iterator[tuple[str, int]]:
    """ "refund.amount_minor" is money in "refund.currency"."""
    facts = decided.facts if decided is not None else {}
    for name, value in facts.items():
        subject, _, last = name.rpartition(".")
        currency = facts.get(f"{subject}.currency")
        if last == "amount_minor" and type(value) is int and currency in CURRENCY_EXPONENTS:
            yield str(currency), value
