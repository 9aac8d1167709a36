"""Everything about a run, in pages: what the card had to leave out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.cards.authority import check_line, currencies
from bot.cards.changes import every_group, state_of
from bot.cards.fate import badge, ledger_range, notice
from bot.cards.model import Card, Group, Moment, Strong, Words
from bot.cards.needs import needs
from bot.cards.origins import from_whom
from bot.cards.phrases import cost, counted, joined, say, say_slot, spaced
from bot.cards.remarks import remark
from bot.cards.run_card import title
from bot.joint.names import worded, worded_step
from bot.view import RunView
from store.model.approval import Approval
from store.model.decision import RuleResult
from store.model.plan import Proposal, Slot
from store.model.run import SETTLED

FIELDS_PER_PAGE = 24
RULES_MAX = 40
NEEDS_MAX = 40
REMARKS_MAX = 20
REMARK_CHARACTERS_MAX = 1_000
LINES_PER_PAGE = 24
QUOTE_CHARACTERS_MAX = 2_200  # of at most 4,000 in a request; the rest follows as a line


_Part = TypeVar("_Part")


def details(view: RunView) -> tuple[Card, ...]:
    """The pages of a run's details, at least one: request, changes, rules, journal."""
    pages = [_request(view), *_changes(view), *_rules(view), *_journal(view)]
    total = len(pages)
    return tuple(
        replace(page, footer=((f"page {number} of {total} · run {view.run.id}",),))
        for number, page in enumerate(pages, 1)
    )


def _blank(view: RunView) -> Card:
    head = title(view)
    return Card(title=head, badge=badge(view), fallback=f"{head}: details", now=view.now)


def _asked_about(slot: str) -> str:
    return "what is new" if slot == "new_reason" else worded(slot)


def _said(slot: Slot) -> str:
    return f" (“{slot.said}”{from_whom(slot)})" if slot.said else ""


def _request(view: RunView) -> Card:
    run = view.run
    facts: list[Words] = [("Asked by ", run.requester_name, " ", Moment(run.created_at))]
    text, rest = run.request.text[:QUOTE_CHARACTERS_MAX], run.request.text[QUOTE_CHARACTERS_MAX:]
    facts += [(f"… {rest}",)] if rest else []
    facts += [(f"Answered about {_asked_about(a.slot)}: “{a.text}”",) for a in run.answers[:20]]
    facts += [(f"{worded(slot.name)}: {say_slot(slot)}{_said(slot)}",) for slot in run.slots[:20]]
    facts += [
        (
            f"{approval.person_name} ({_held(approval)}): "
            f"{approval.verdict}" + (f", {approval.reason}" if approval.reason else "") + " ",
            Moment(approval.given_at, "seconds"),
        )
        for approval in view.approvals[:20]
    ]
    facts += [remark(said, REMARK_CHARACTERS_MAX) for said in run.remarks[-REMARKS_MAX:]]
    if run.proposal is not None:
        facts += _signed(run.proposal)
    facts.append((f"Cost {cost(run.cost_micro_usd, run.estimate_micro_usd)}",))
    if ledger := ledger_range(view):
        facts.append((ledger,))
    asked = needs(view, NEEDS_MAX)[0] if run.status not in SETTLED else ()
    return replace(_blank(view), quote=text, notice=notice(view), needs=asked, facts=tuple(facts))


def _held(approval: Approval) -> str:
    """The roles that an approval was given with, and for whom those were used that are not own."""
    own = [spaced(role) for role in approval.roles]
    lent = [f"{spaced(lent.role)} for {lent.person_name}" for lent in approval.stands_in]
    return joined([*own, *lent])


def _signed(proposal: Proposal) -> list[Words]:
    return [
        (f"Plan digest {proposal.digest} (shown {counted(proposal.round, 'time')})",),
        (f"Bundle {proposal.bundle_version}, digest {proposal.bundle_digest}",),
        ("Systems read ", Moment(proposal.read_at, "seconds"), ", expires ",
         Moment(proposal.expires_at)),
    ]  # fmt: skip


def _changes(view: RunView) -> list[Card]:
    """Steps with all their fields, as many on a page as fit; a long step goes over several."""
    groups = every_group(view)
    parts = [
        replace(group, lines=group.lines[start : start + FIELDS_PER_PAGE])
        for group in groups
        for start in range(0, max(1, len(group.lines)), FIELDS_PER_PAGE)
    ]
    return [
        replace(
            _blank(view),
            groups_title="Changes",
            groups_about=counted(len(groups), "step"),
            groups=page,
            facts=tuple(fact for number in _begun(page) for fact in _context(view, number)),
        )
        for page in _paged(parts, lambda group: len(group.lines), FIELDS_PER_PAGE)
    ]


def _begun(page: tuple[Group, ...]) -> tuple[int, ...]:
    """The numbers of a page's steps, each once."""
    return tuple(dict.fromkeys(group.number for group in page))


def _context(view: RunView, number: int) -> tuple[Words, ...]:
    """What was read beside the changed fields, whether the step can be taken back, and how the
    write is guarded where the system itself does not."""
    proposal = view.run.proposal
    if proposal is None:
        return ()
    seen = proposal.seen[number - 1]
    read = ", ".join(f"{spaced(name)} {say(value)}" for name, value in [*seen.about.items()][:20])
    undo = "can be taken back" if seen.is_reversible else "cannot be taken back"
    known = f"{read} · " if read else ""
    reason = f", {seen.undo}" if seen.undo else ""
    guard = _guard(view, number, seen.system)
    about = f"{known}{undo}{reason} · version {seen.version}{guard}"
    return ((Strong(f"Step {number}: "), about),)


def _guard(view: RunView, number: int, system: str) -> str:
    """What stands between the read and the write where the system itself compares nothing."""
    proposal = view.run.proposal
    steps = proposal.plan.steps[number - 1 : number] if proposal is not None else ()
    compared = view.reread.get(steps[0].operation) if steps else None
    if compared is None:
        return ""
    return (
        f" · {system} does not compare: {compared} is read again immediately before the write,"
        " and a change in that instant is not seen"
    )


def _rules(view: RunView) -> list[Card]:
    """Every rule that was judged, once where steps agree: first those that apply."""
    proposal = view.run.proposal
    if proposal is None:
        return []
    judged: dict[str, tuple[RuleResult, list[str]]] = {}
    for step in proposal.decision.steps:
        for rule in step.rules:
            judged.setdefault(repr(rule), (rule, []))[1].append(step.step)
    rules = sorted(judged.values(), key=lambda each: each[0].is_matched is False)[:RULES_MAX]
    known = currencies(proposal.decision)
    pages = _paged([_rule(known, steps, rule) for rule, steps in rules], len, LINES_PER_PAGE)
    return [
        replace(_blank(view), facts=((Strong("Rules"),), *(line for rule in page for line in rule)))
        for page in pages
    ]


def _rule(known: dict[str, str], steps: Sequence[str], rule: RuleResult) -> tuple[Words, ...]:
    matched = {True: "applies", False: "does not apply", None: "could not be judged"}
    named = [*dict.fromkeys(map(worded_step, steps))]
    where = f"step{'s' if len(steps) > 1 else ''} {joined(named)}"
    because = f". Because: {rule.because}" if rule.because and rule.is_matched else ""
    head = f" ({rule.effect}, {rule.source}) {matched[rule.is_matched]} to {where}{because}"
    checks = [check_line(check, known) for check in rule.checks[: LINES_PER_PAGE - 1]]
    said = [
        (f"{_SAID[check.is_met]}: {check.label}" + (f" ({check.value})" if check.value else ""),)
        for check in checks
    ]
    return ((Strong(rule.rule), head), *said)


_SAID = {True: "yes", False: "no", None: "unknown"}


def _paged(
    parts: Sequence[_Part], lines: Callable[[_Part], int], lines_max: int
) -> list[tuple[_Part, ...]]:
    """The parts in order, on pages of at most `lines_max` lines; a part is never torn."""
    pages: list[tuple[_Part, ...]] = []
    room = 0
    for part in parts:
        if not pages or lines(part) > room:
            pages.append(())
            room = lines_max
        pages[-1] += (part,)
        room -= lines(part)
    return pages


def _journal(view: RunView) -> list[Card]:
    proposal = view.run.proposal
    if proposal is None or not view.steps:
        return []
    facts: list[Words] = []
    for index, step in enumerate(proposal.plan.steps[:LINES_PER_PAGE]):
        state = state_of(view, index)
        if state is None:
            continue
        name = view.titles.get(step.operation, step.operation)
        problem = f": {state.problem}" if state.problem else ""
        facts.append(
            (
                f"{index + 1} {name} · {state.status}{problem} · "
                f"{counted(state.attempts, 'attempt')} · key {state.key} · ",
                Moment(state.changed_at, "seconds"),
            )
        )
    return [replace(_blank(view), facts=tuple(facts))]
