"""Who must still consent: each requirement, whom it waits for, what comes after it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.cards.model import Moment, Need, Piece, Words
from bot.cards.phrases import holders, joined, spaced
from bot.view import RunView
from store.model.approval import Approval, Missing
from store.model.decision import Requirement

NEEDS_MAX = 6  # lines beside the buttons; Details holds all
_ORDER = ("approve", "people", "veto")


def needs(view: RunView, needs_max: int = NEEDS_MAX) -> tuple[tuple[Need, ...], int]:
    """The requirements in the order in which they are met, and how many are left to Details.

    Demands of one rule stand below each other, and their reason behind the first of them.
    """
    ordered = sorted(view.missing, key=lambda m: _place(m.requirement))
    shown: list[Need] = []
    said: set[str] = set()
    for item in ordered[:needs_max]:
        reason = item.requirement.because
        shown.append(_need(view, item, "" if reason in said else reason))
        said.add(reason)
    return tuple(shown), max(0, len(ordered) - needs_max)


def approved_count(view: RunView) -> tuple[int, int]:
    """Approvals given and approvals needed; whoever approves for a role is one of the people."""
    needed = _in_all((m.requirement, m.requirement.count) for m in view.missing)
    lacking = _in_all((m.requirement, m.count) for m in view.missing)
    return max(0, needed - lacking), needed


def approvers(view: RunView) -> tuple[str, ...]:
    """Who approved the present plan, in the order of their approvals, each once; for whom, where
    what they met is not their own role's."""
    met = {
        name: item.requirement
        for item in view.missing
        if item.requirement.kind == "approve"
        for name in item.approved_by
    }
    named = (_named(approval, met.get(approval.person_name)) for approval in _given(view))
    return tuple(dict.fromkeys(named))


def because(view: RunView) -> tuple[str, ...]:
    """Why people are asked at all, each reason once; the rule's name where it gives none."""
    asked = [item.requirement for item in view.missing if item.requirement.count]
    return tuple(dict.fromkeys(r.because or spaced(r.rule) for r in asked))


def _place(requirement: Requirement) -> tuple[int, int]:
    return _ORDER.index(requirement.kind), requirement.stage


def _in_all(counts: Iterable[tuple[Requirement, int]]) -> int:
    of = {"approve": 0, "people": 0, "veto": 0}
    for requirement, count in counts:
        if requirement.kind == "approve":
            of["approve"] += count
        else:
            of[requirement.kind] = max(of[requirement.kind], count)
    return max(of["approve"], of["people"])


def _need(view: RunView, item: Missing, reason: str) -> Need:
    requirement = item.requirement
    said: list[Piece] = [_who(view, item), *_approvals(view, item)]
    if item.count and not item.is_open:
        said.append(f", after {_before(view, requirement)}")
    elif item.count:
        said += _escalation(view, requirement)
    if reason:
        said.append(f" · because: {reason}")
    is_met = None if requirement.kind == "veto" else item.count == 0
    return Need(_head(view, requirement), tuple(said), is_met)


def _head(view: RunView, requirement: Requirement) -> str:
    if requirement.kind == "people":
        return "In all"
    if requirement.kind == "veto":
        return "May veto:"
    stages = [m.requirement.stage for m in view.missing if m.requirement.kind == "approve"]
    return "Then" if requirement.stage > min(stages) else "Needs"


def _who(view: RunView, item: Missing) -> str:
    """ "1 support lead (Lee or Mira)": the count, the role, and who can still meet it."""
    requirement = item.requirement
    if requirement.kind == "people":
        return f"{requirement.count} different people"
    if requirement.kind == "veto":
        return f"{joined([spaced(r) for r in requirement.roles], word='or')} ({_veto(view, item)})"
    who = holders(requirement.count, requirement.roles)
    is_begun = bool(item.approved_by)  # then the names stand behind what is still missing
    return who if is_begun or not item.count else f"{who} ({_able(view, item)})"


def _able(view: RunView, item: Missing) -> str:
    """Who can still meet a requirement: "Lee or Mira"."""
    names = _names(view, item.requirement.roles)
    if names is None:
        return "who: the directory did not answer"
    free = _free(view, names)
    if not free:
        return f"{'nobody else' if names else 'nobody'} holds this role now"
    if len(free) < item.count:
        return f"only {joined(free)} can now"
    return _choosable(free, item.count)


def _veto(view: RunView, item: Missing) -> str:
    names = _names(view, item.requirement.roles)
    if names is None:
        return "who: the directory did not answer"
    return joined(names, word="or") if names else "nobody holds this role now"


def _names(view: RunView, roles: Sequence[str]) -> tuple[str, ...] | None:
    """Who holds one of the roles, each once; None where the directory did not answer for one."""
    found = [view.eligible.get(role) for role in roles]
    if None in found:
        return None
    return tuple(dict.fromkeys(name for names in found for name in names or ()))


def _free(view: RunView, names: Sequence[str]) -> tuple[str, ...]:
    """Those of them whose approval does not count yet and who have not edited the plan."""
    proposal = view.run.proposal
    asked = [item for item in view.missing if item.requirement.kind == "approve"]
    spent = {name for item in asked for name in item.approved_by}
    spent |= {*proposal.edited_by} if proposal else set()
    return tuple(name for name in names if name not in spent)


def _choosable(names: Sequence[str], count: int) -> str:
    """ "Lee or Mira" where one of them is enough, "Ann and Raj" where both are needed."""
    return joined(names, word="and" if len(names) <= count else "or")


def _approvals(view: RunView, item: Missing) -> list[Piece]:
    """ ": approved by Lee 12:41, Mira for Ann 12:44, waiting for 1 more (Raj)"."""
    by_name = {approval.person_name: approval for approval in _given(view)}
    said: list[Piece] = []
    for name in item.approved_by:
        said.append(", " if said else ": approved by ")
        approval = by_name.get(name)
        if approval is None:
            said.append(name)
        else:
            said += [f"{_named(approval, item.requirement)} ", Moment(approval.given_at, "time")]
    if item.count and said:
        able = f" ({_able(view, item)})" if item.requirement.roles else ""
        said.append(f", waiting for {item.count} more{able}")
    return said


def _named(approval: Approval, requirement: Requirement | None = None) -> str:
    """ "Mira for Lee" where Mira used a role of Lee's, for this requirement where one is given."""
    wanted = None
    if requirement is not None:
        wanted = {*requirement.roles, *requirement.escalates_to}
        if wanted & {*approval.roles}:
            return approval.person_name
    absent = [s.person_name for s in approval.stands_in if wanted is None or s.role in wanted]
    if not absent:
        return approval.person_name
    return f"{approval.person_name} for {joined(list(dict.fromkeys(absent)))}"


def _before(view: RunView, requirement: Requirement) -> str:
    """ "1 support lead": what the stages before this one still wait for."""
    earlier = [
        holders(m.count, m.requirement.roles)
        for m in view.missing
        if m.requirement.kind == "approve" and m.count and m.requirement.stage < requirement.stage
    ]
    return joined(earlier) if earlier else "the step before"


def _escalation(view: RunView, requirement: Requirement) -> Words:
    """ ", from 14:41 finance leads too", "since" once that time has come."""
    proposal = view.run.proposal
    if proposal is None or not requirement.escalates_to:
        return ()
    at = proposal.read_at + timedelta(minutes=requirement.escalates_after_minutes)
    is_escalated = view.now >= at
    too = joined([spaced(role) for role in requirement.escalates_to], word="or")
    names = _names(view, requirement.escalates_to) if is_escalated else None
    known = f" ({joined(_free(view, names), word='or')})" if names else ""
    return (f", {'since' if is_escalated else 'from'} ", Moment(at, "time"), f" {too} too{known}")


def _given(view: RunView) -> list[Approval]:
    given = [approval for approval in view.approvals if approval.verdict == "approve"]
    return sorted(given, key=lambda approval: approval.given_at)
