"""What a surface hands to the flow, and what the flow says back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from store.model.person import Account, Person, Surface
from store.model.request import Place

# What stands before a command where it is told to people of a surface: "/assent back".
SAID_AS: Mapping[Surface, str] = {"slack": "/assent ", "teams": "@Assent "}


@dataclass(frozen=True)
class Message:
    """A person's text to Assent: a request, or a reply in the thread of one.

    `event_keys` are what the surface may deliver again (event id, client message id, channel and
    timestamp); any key seen before makes the message a duplicate. `text` is raw and untrusted, the
    mention of the bot already cut off; `message` is the surface's id of the message.
    """

    account: Account
    place: Place
    message: str
    text: str
    event_keys: tuple[str, ...]
    received_at: datetime


class Verb(StrEnum):
    """What a person can do to a run by a button."""

    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    ANSWER = "answer"
    HAPPENED = "it happened"
    DID_NOT = "it did not"
    ASK_AGAIN = "ask again"
    WITHDRAW = "withdraw"  # an approver takes the approval back
    EDIT = "edit"  # other values, steps left out: `values` and `skip` of the click
    ASK = "ask"  # a question to the requester: `text`
    REPLY = "reply"  # the requester's reply to it: `text`


@dataclass(frozen=True)
class Click:
    """A person's press of a button. It names a run and a digest and nothing else that is believed.

    `person` is resolved by the surface's directory at the moment of the click, roles included;
    None when the directory did not answer, which refuses. `text` is the reason or the answer;
    `message` is the card's message, so that a card unknown to the store is adopted and settled too.
    `values` are an edit's slots with what was typed into the form, `skip` the steps to leave out.
    """

    verb: Verb
    run_id: str
    digest: str
    account: Account
    person: Person | None
    place: Place
    message: str
    text: str
    clicked_at: datetime
    values: tuple[tuple[str, str], ...] = ()
    skip: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What to tell the person at once, privately. Empty text: nothing, the card says it."""

    text: str
    is_refusal: bool = False


def storable(text: str) -> str:
    """The text with halves of surrogate pairs replaced: JSON can carry them, no database can."""
    return text.encode("utf-8", "replace").decode()
