"""A world over a bundle folder of its own, edits of it, and the watch over it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.bundle.loading import load_checked
from bot.bundle.reloading import Reloader
from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from store.ledger.search import find
from store.ledger.verify import verify
from store.model.entry import Kind

SMALL = "refund $40 on order 1043, arrived damaged"


BROKEN = {
    "a typo in a rule": ("policies/refunds.yml", "refund.amount_minor <= 0", "refund.amuont <= 0"),
    "a typo in an effect": ("policies/refunds.yml", "effect: deny", "effect: dney"),
    "half a file": ("policies/refunds.yml", None, "policy: refunds\nrules: [{id: x, eff"),
    "an empty file": ("policies/refunds.yml", None, ""),
    "no role that rules name": ("bundle.yml", "  support-leads: {group: ", "  leads: {group: "),
    "no environment that runs": ("bundle.yml", "  sandbox: {autonomy: L3}\n", ""),
    "an account that the desk has not": ("bundle.yml", "account: desk-reader", "account: root"),
}


class Edited:
    """A world over a folder of its own, with the watch over it."""

    def __init__(self, make_world: Callable[..., Any], folder: Path) -> None:
        shutil.copytree(BUNDLE_SHIPPED, folder)
        self.folder = folder
        self.world = make_world(ASSENT_BUNDLE=str(folder))
        self.followed = 0
        assent = self.world.assent
        self.reloader = Reloader(
            folder,
            assent.in_force,
            lambda: load_checked(assent.settings, assent.db, assent.clock()),
            self._follow,
        )

    def _follow(self) -> None:
        self.followed += 1

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def write(self, file: str, text: str) -> None:
        (self.folder / file).write_text(text)

    def tighten(self, cents: int = 3_000) -> None:
        """The amount up to which a support lead approves, in dollars' cents."""
        self.edit("policies/refunds.yml", "USD: 10000, EUR", f"USD: {cents}, EUR")

    def look(self) -> None:
        """As often as it takes for a folder that nobody writes to."""
        self.reloader.look()
        self.reloader.look()

    @property
    def digest(self) -> str:
        return str(self.world.assent.catalogue().bundle.digest)

    def entries(self) -> list[dict[str, Any]]:
        """What the ledger says of bundles since this world's start, oldest first."""
        with self.world.assent.db.read() as cx:
            assert verify(cx).is_whole
            return [dict(e.data) for e in reversed(find(cx, kind=Kind.BUNDLE))][1:]

    def who(self, text: str = SMALL) -> list[str]:
        """The roles that a request needs."""
        run = self.world.ask(text)
        self.world.press(Verb.CANCEL, run, "agent")  # else the same words only point to this run
        return [role for r in run.proposal.decision.requirements for role in r.roles]
