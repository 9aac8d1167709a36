"""What the thread hears when a run has settled, or when its plan has changed. Pure."""

from __future__ import annotations

from bot.cards.changes import groups, outcomes
from bot.cards.fate import badge, notice, settled_facts
from bot.cards.model import Badge, Card, Strong, Tone, Words
from bot.cards.run_card import title
from bot.view import RunView
from store.model.run import Status

CHANGES_MAX = 6  # changed fields said in the thread; the card above holds the rest


def summary(view: RunView) -> Card:
    """The thread's summary of a settled run: what changed, who, how long, how much."""
    status = badge(view)
    return Card(
        title=title(view),
        badge=status,
        fallback=f"{title(view)}: {status.text.lower()} ({view.run.id})",
        now=view.now,
        notice=notice(view),
        facts=(*_changed(view), settled_facts(view)),
        footer=((f"run {view.run.id}",),),
    )


def drift_notice(view: RunView, why: str) -> Card:
    """What the thread hears when the approved plan no longer fits: the card changes in place, and
    whoever has just approved would miss it."""
    return Card(
        title=title(view),
        badge=Badge("CHANGED", Tone.WAITING),
        fallback=f"{title(view)}: changed since you looked ({view.run.id})",
        now=view.now,
        notice=(
            Strong("CHANGED SINCE YOU LOOKED: "),
            f"{why} The card above shows the new diff; earlier approvals no longer count.",
        ),
        footer=((f"run {view.run.id}",),),
    )


def line_notice(view: RunView, line: str) -> Card:
    """What the thread hears without any change to the plan: a question, a reply, a reminder."""
    return Card(
        title="",
        badge=Badge("", Tone.QUIET),
        fallback=f"{line} ({view.run.id})",
        now=view.now,
        notice=(line,),
        footer=((f"{title(view)} · run {view.run.id}",),),
    )


def _changed(view: RunView) -> tuple[Words, ...]:
    if view.run.status is Status.PARTLY_APPLIED:
        return outcomes(view)
    if view.run.status is not Status.APPLIED:
        return ()
    shown, hidden = groups(view, CHANGES_MAX)
    lines: list[Words] = []
    for group in shown:
        said = [
            f"{line.field} {line.before} → {line.after}" + (f" ({line.note})" if line.note else "")
            for line in group.lines
        ]
        if said:
            lines.append((f"{group.resource}: {'; '.join(said)}",))
    return (*lines, *(((f"and {hidden} more",),) if hidden else ()))
