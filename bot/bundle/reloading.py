"""Edits of the bundle's folder reach a running bot: seen within seconds, checked whole beside the
work, in force at once or not at all.

A folder is taken only when nobody is writing to it: two looks in a row must see the same, and what
was loaded must be what the folder still says afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from bot.bundle.in_force import InForce
from bot.bundle.release import RULES, read
from bot.catalogue import Catalogue
from policies import folder as folders
from policies.bundle import Bundle
from policies.findings import BundleError
from store.errors import StoreError

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0  # so that an edit is in force after some 4 s
WHOLE_LOOK_EVERY = 30  # looks, a minute: the content is read, whatever names and times say


class Reloader:
    """One process's watch over one folder.

    `load` loads and checks the folder and raises BundleError; `follow` is told after another bundle
    came into force. Looks are made one at a time, on a worker thread.
    """

    def __init__(
        self,
        folder: Path,
        in_force: InForce,
        load: Callable[[], Catalogue],
        follow: Callable[[], object],
    ) -> None:
        self._folder, self._in_force = folder, in_force
        self._load, self._follow = load, follow
        self._seen: folders.Glance | None = None  # by the last look
        self._judged: folders.Glance | None = None  # by the last look that came to a conclusion
        self._looks = 0
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Until stopped."""
        while not self._stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), LOOK_SECONDS)
            if not self._stopped.is_set():
                await asyncio.to_thread(self.look)

    def stop(self) -> None:
        """`run` ends once a look under way has ended. From the event loop's own thread."""
        self._stopped.set()

    def look(self) -> None:
        """Looks once. Whatever happens, the bundle in force stays or another whole one follows."""
        self._looks += 1
        glance = folders.glance(self._folder)
        is_calm, self._seen = glance == self._seen, glance
        if not is_calm or (glance == self._judged and self._looks % WHOLE_LOOK_EVERY):
            return
        try:
            if self._judge():
                self._judged = glance
        except StoreError as away:
            log.warning("the bundle cannot be put in force, I try again: %s", away)
        except Exception:  # a defect of one edit must not end the watch over the next ones
            log.exception("the edited bundle could not be judged; the earlier one stays in force")
            self._judged = glance

    def _judge(self) -> bool:
        """Whether this came to a conclusion; not while the folder is being written to."""
        digest = folders.digest(self._folder)
        if digest == self._in_force.catalogue().bundle.digest and not self._may_plan_otherwise():
            self._in_force.confirm()
            return True
        refused = self._in_force.refused()
        if refused is not None and refused.digest == digest:
            return True
        try:
            catalogue = self._load()
        except BundleError as error:
            if folders.digest(self._folder) != digest:
                return False
            self._in_force.refuse(digest, error.findings)
            return True
        if not catalogue.bundle.digest == digest == folders.digest(self._folder):
            return False
        self._take(catalogue)
        return True

    def _take(self, catalogue: Catalogue) -> None:
        if _same(catalogue.bundle, self._in_force.catalogue().bundle):
            self._in_force.confirm()
            return
        self._in_force.put(catalogue)
        self._follow()

    def _may_plan_otherwise(self) -> bool:
        """Whether the same bytes may be there as another release, proven for another planner."""
        told = read(self._folder.resolve())
        if told is None:
            return False
        asks_a_model = self._in_force.catalogue().bundle.settings.planner is not None
        return asks_a_model == (told.planner == RULES)


def _same(one: Bundle, other: Bundle) -> bool:
    return (one.digest, one.settings.planner) == (other.digest, other.settings.planner)
