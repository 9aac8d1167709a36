"""What the thread hears once when a run has settled: the outcome in one look. Pure."""

from __future__ import annotations

from bot.cards.changes import groups
from bot.cards.fate import badge, notice, settled_facts
from bot.cards.model import Card, Words
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


def _changed(view: RunView) -> tuple[Words, ...]:
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
