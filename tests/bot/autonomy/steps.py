"""What the tests of the ladder do to a world, and see of it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from bot.bundle.loading import connected
from bot.catalogue import Catalogue, loaded
from bot.settings import BUNDLE_SHIPPED
from store import deliveries
from store.ledger.search import find
from store.model.entry import Kind

SMALL = "refund $40 on order 1043, arrived damaged"
OTHER = "refund $10 on order 1063, goodwill"
EASY = "{approved_unchanged: 1, runs_looked_at: 1, days: 0}"


def write(bundle: Path, level: str, more: str = "", cap: str = "L4") -> None:
    workflow, settings = bundle / "workflows" / "refund.yml", bundle / "bundle.yml"
    shipped = (BUNDLE_SHIPPED / "workflows" / "refund.yml").read_text()
    assert "autonomy: L2" in shipped
    workflow.write_text(shipped.replace("autonomy: L2", f"autonomy: {level}\n{more}"))
    capped = (BUNDLE_SHIPPED / "bundle.yml").read_text()
    assert "sandbox: {autonomy: L3}" in capped
    settings.write_text(capped.replace("sandbox: {autonomy: L3}", f"sandbox: {{autonomy: {cap}}}"))


def promote(world: Any, to: int) -> None:
    world.assent.autonomy.promote("refund", to, "Kim", "it did well")


def review(world: Any, run: Any, user: str, *, is_right: bool = True, why: str = "") -> Any:
    return world.assent.reviewing.review(world.account(user), run.id, is_right, why)


def level(world: Any) -> int:
    return int(world.assent.autonomy.standing("refund").level)


def changes(world: Any) -> list[tuple[int, int]]:
    """What the ledger holds of levels, oldest first."""
    with world.assent.db.read() as cx:
        entries = find(cx, kind=Kind.AUTONOMY)
    return [(e.data["from"], e.data["to"]) for e in reversed(entries)]


def notices(world: Any) -> list[str]:
    """What the digest's channel hears beside the reports."""
    with world.assent.db.read() as cx:
        return [d.body["text"] for d in deliveries.for_run(cx, "") if d.kind == "notice"]


def said(world: Any, run: Any) -> list[str]:
    """The lines in a run's thread."""
    with world.assent.db.read() as cx:
        return [d.body["line"] for d in deliveries.for_run(cx, run.id) if "line" in d.body]


def hold(world: Any) -> threading.Event:
    """Executions wait before their first look until the event is set."""
    free, perform = threading.Event(), world.assent.executor.perform

    def held(*given: Any) -> Any:
        assert free.wait(20)
        return perform(*given)

    world.assent.executor.perform = held
    return free


def catalogue_now(world: Any) -> Catalogue:
    bundle = loaded(world.assent.settings.bundle)
    return connected(world.assent.settings, bundle)
