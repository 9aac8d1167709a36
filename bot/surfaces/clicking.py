"""What a person pressed goes to the flow and what they look at comes from it, in threads; a failure
becomes words. Shared by buttons, forms, batches and reviews of every surface."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.cards.batch import Outcome
from bot.cards.forms import Form, FormKind, form
from bot.cards.model import Action
from bot.cards.press import Press
from bot.cards.run_card import record, title
from bot.incoming import Click, Reply, Verb
from bot.surfaces import words
from bot.surfaces.port import Port
from bot.view import RunView
from store.model.person import Account, Person
from store.model.request import Place

LOGGER = logging.getLogger(__name__)
Values = tuple[tuple[str, str], ...]
# What a button does to a run, and the form that it opens, by the button's name on the wire.
VERBS: Mapping[str, Verb] = {
    Action.APPROVE: Verb.APPROVE,
    Action.CANCEL: Verb.CANCEL,
    Action.ANSWER: Verb.ANSWER,
    Action.HAPPENED: Verb.HAPPENED,
    Action.DID_NOT: Verb.DID_NOT,
    Action.ASK_AGAIN: Verb.ASK_AGAIN,
    Action.WITHDRAW: Verb.WITHDRAW,
}
FORMS: Mapping[str, FormKind] = {
    Action.REJECT: FormKind.REJECT,
    Action.EDIT: FormKind.EDIT,
    Action.ASK: FormKind.ASK,
    Action.REPLY: FormKind.REPLY,
    Action.ANSWER_FORM: FormKind.ANSWER,
    FormKind.REVIEW: FormKind.REVIEW,  # "It was wrong…" stands on home pages, not on cards
}


@dataclass(frozen=True)
class Pressed:
    """A press as a surface understood it: who it is at this moment (`person` None: not known, which
    refuses), what was pressed, and on which message it stood."""

    account: Account
    person: Person | None
    verb: Verb
    press: Press
    place: Place
    message: str
    text: str = ""
    values: Values = ()
    skip: tuple[str, ...] = ()


class Clicking:
    """Gives presses and reviews to the flow and reads views for people. Nothing here raises, except
    `view`."""

    def __init__(self, port: Port) -> None:
        self._port = port

    async def press(self, pressed: Pressed) -> Reply:
        """The flow's reply; where the store is away, that nothing was recorded."""
        click = Click(
            verb=pressed.verb,
            run_id=pressed.press.run_id,
            digest=pressed.press.digest,
            account=pressed.account,
            person=pressed.person,
            place=pressed.place,
            message=pressed.message,
            text=pressed.text,
            clicked_at=datetime.now(UTC),
            values=pressed.values,
            skip=pressed.skip,
        )
        try:
            return await asyncio.to_thread(self._port.press, click)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            _log(f"a press of {click.run_id} was not recorded", error)
            return Reply(words.STORE_AWAY, is_refusal=True)

    async def view(self, run_id: str) -> RunView | None:
        """A run as it stands now. Raises what the store raises."""
        return await asyncio.to_thread(self._port.view, run_id)

    async def look(self, account: Account, run_id: str) -> RunView | str:
        """A run for somebody to look at, or why they do not see it."""
        if account.refusal:
            return words.not_for_you(account.refusal)
        try:
            shown = await self.view(run_id)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            _log(f"{run_id} could not be read", error)
            return words.NOT_READ
        return words.no_run(run_id) if shown is None else shown

    async def form(self, account: Account, kind: FormKind, pressed: Press) -> Form | str:
        """The form that a button opens, or why there is none for this person now."""
        shown = await self.look(account, pressed.run_id)
        return shown if isinstance(shown, str) else form(kind, shown, pressed.digest)

    async def batch(self, account: Account) -> tuple[RunView, ...] | str:
        """The runs that somebody may look at together, or why they do not see them."""
        if account.refusal:
            return words.not_for_you(account.refusal)
        try:
            return await asyncio.to_thread(self._port.batch, account)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            _log("a batch could not be read", error)
            return words.NOT_READ

    async def approve(
        self, account: Account, person: Person | None, place: Place, pairs: Sequence[Press]
    ) -> tuple[Outcome, ...]:
        """Presses each pair of run and digest for itself, in order; what became of each."""
        approval = Pressed(account, person, Verb.APPROVE, Press("", ""), place, message="")
        outcomes = []
        for pair in pairs:
            reply = await self.press(replace(approval, press=pair))
            after = await self._after(pair.run_id)
            outcomes.append(Outcome(pair.run_id, _name(pair.run_id, after), reply, after))
        return tuple(outcomes)

    async def review(self, account: Account, run_id: str, is_right: bool, reason: str) -> Reply:
        """A verdict on a run that ran by itself; where the store is away, that it is not kept."""
        try:
            return await asyncio.to_thread(self._port.review, account, run_id, is_right, reason)
        except Exception as error:  # noqa: BLE001 - whatever failed, the person must hear of it
            _log(f"a review of {run_id} was not recorded", error)
            return Reply(words.STORE_AWAY, is_refusal=True)

    async def _after(self, run_id: str) -> RunView | None:
        """The run after its press; what was recorded stays so where it cannot be read."""
        try:
            return await self.view(run_id)
        except Exception as error:  # noqa: BLE001 - the other pairs are pressed all the same
            _log(f"{run_id} could not be read", error)
            return None


def _name(run_id: str, view: RunView | None) -> str:
    return f"{record(view) or title(view)} ({run_id})" if view is not None else run_id


def _log(what: str, error: Exception) -> None:
    """By its kind alone: an error's own text may quote what a person wrote."""
    LOGGER.error("%s: %s", what, type(error).__name__)
