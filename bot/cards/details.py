"""Everything about a run, in pages: what the card had to leave out. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.cards.authority import check_line, currencies
from bot.cards.changes import every_group, state_of
from bot.cards.fate import badge, ledger_range, notice
from bot.cards.model import Card, CheckLine, Moment, Words
from bot.cards.phrases import counted, dollars, joined, say, spaced
from bot.cards.run_card import title
from bot.view import RunView
from store.model.decision import RuleResult
from store.model.plan import Proposal

FIELDS_PER_PAGE = 24
RULES_MAX = 40
LINES_PER_PAGE = 24
QUOTE_CHARACTERS_MAX = 2_200  # of at most 4,000 in a request; the rest follows as a line


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


def _request(view: RunView) -> Card:
    run = view.run
    facts: list[Words] = [("Asked by ", run.requester_name, " ", Moment(run.created_at))]
    text, rest = run.request.text[:QUOTE_CHARACTERS_MAX], run.request.text[QUOTE_CHARACTERS_MAX:]
    facts += [(f"… {rest}",)] if rest else []
    facts += [(f"Answered about {spaced(a.slot)}: “{a.text}”",) for a in run.answers[:20]]
    facts += [
        (f"{spaced(slot.name)}: {say(slot.value)}" + (f" (“{slot.said}”)" if slot.said else ""),)
        for slot in run.slots[:20]
    ]
    facts += [
        (
            f"{approval.person_name} ({joined([spaced(role) for role in approval.roles])}): "
            f"{approval.verdict}" + (f", {approval.reason}" if approval.reason else "") + " ",
            Moment(approval.given_at, "seconds"),
        )
        for approval in view.approvals[:20]
    ]
    if run.proposal is not None:
        facts += _signed(run.proposal)
    facts.append((f"Cost {dollars(run.cost_micro_usd)}",))
    if ledger := ledger_range(view):
        facts.append((ledger,))
    return replace(_blank(view), quote=text, notice=notice(view), facts=tuple(facts))


def _signed(proposal: Proposal) -> list[Words]:
    return [
        (f"Plan digest {proposal.digest} (showing {proposal.round})",),
        (f"Bundle {proposal.bundle_version}, digest {proposal.bundle_digest}",),
        ("Systems read ", Moment(proposal.read_at, "seconds"), ", expires ",
         Moment(proposal.expires_at)),
    ]  # fmt: skip


def _changes(view: RunView) -> list[Card]:
    """Groups with all their fields; a group beyond FIELDS_PER_PAGE goes over several pages."""
    pages: list[Card] = []
    groups = every_group(view)
    about = counted(len(groups), "step")
    for group in groups:
        for start in range(0, max(1, len(group.lines)), FIELDS_PER_PAGE):
            part = group.lines[start : start + FIELDS_PER_PAGE]
            shown = type(group)(group.number, group.system, group.resource, group.state, part)
            pages.append(
                replace(
                    _blank(view),
                    groups_title="Changes",
                    groups_about=about,
                    groups=(shown,),
                    facts=_context(view, group.number - 1) if not start else (),
                )
            )
    return pages


def _context(view: RunView, index: int) -> tuple[Words, ...]:
    """What was read beside the changed fields, and whether the step can be taken back."""
    proposal = view.run.proposal
    if proposal is None:
        return ()
    seen = proposal.seen[index]
    lines: list[Words] = [
        (f"{spaced(name)}: {say(value)}",) for name, value in list(seen.about.items())[:20]
    ]
    undo = "Undo: yes" if seen.is_reversible else "Cannot be taken back"
    lines.append((f"{undo}{f', {seen.undo}' if seen.undo else ''} · version {seen.version}",))
    return tuple(lines)


def _rules(view: RunView) -> list[Card]:
    proposal = view.run.proposal
    if proposal is None:
        return []
    rules: dict[tuple[str, str], tuple[str, RuleResult]] = {}
    for step in proposal.decision.steps:
        for rule in step.rules:
            rules.setdefault((step.step, rule.rule), (step.step, rule))
    known = currencies(proposal.decision)
    return [_rule(view, known, step, rule) for step, rule in list(rules.values())[:RULES_MAX]]


def _rule(view: RunView, known: dict[str, str], step: str, rule: RuleResult) -> Card:
    matched = {True: "applies", False: "does not apply", None: "could not be judged"}
    head = f"{rule.rule} ({rule.effect}, {rule.source}) {matched[rule.is_matched]} to step {step}"
    checks: tuple[CheckLine, ...] = tuple(check_line(check, known) for check in rule.checks)
    because: tuple[Words, ...] = ((f"because: {rule.because}",),) if rule.because else ()
    return replace(_blank(view), authority=(head,), checks=checks[:LINES_PER_PAGE], facts=because)


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
