"""Commands in words: what each means, what is none, and what is answered to whom."""

from __future__ import annotations

import pytest

from bot.cards.model import Action, Card
from bot.incoming import Reply
from bot.surfaces import words
from bot.surfaces.asked import Command, Commands, What, command, help_lines
from bot.surfaces.clicking import Clicking
from store.model.person import Account
from store.model.request import Place
from tests.bot.cards.stories import STORIES
from tests.bot.surfaces.conftest import Memory

LEE = Account(surface="teams", team="T", user="lee", display_name="Lee Park")
GUEST = LEE.model_copy(update={"is_guest": True})
PLACE = Place(surface="teams", team="T", channel="19:x@thread.tacv2", thread="1")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("", Command(What.HELP)),
        ("  \n", Command(What.HELP)),
        ("Help", Command(What.HELP)),
        (" STATUS ", Command(What.STATUS)),
        ("digest", Command(What.DIGEST)),
        ("batch", Command(What.BATCH)),
        ("home", Command(What.HOME)),
        ("back", Command(What.BACK)),
        ("run r-1001", Command(What.RUN, run_id="R-1001")),
        ("run   R-1001", Command(What.RUN, run_id="R-1001")),
        ("review R-1 right", Command(What.REVIEW, "", "R-1", is_right=True)),
        ("review r-1 Wrong: the\nwrong order", Command(What.REVIEW, "the\nwrong order", "R-1")),
        ("review R-1 wrong", Command(What.REVIEW, "", "R-1")),
        ("review R-1 rightly", Command(What.REVIEW)),
        ("review", Command(What.REVIEW)),
        ("review the order", Command(What.REVIEW)),
        ("away", Command(What.AWAY)),
        (
            "AWAY until 2026-12-01 to teams:x because <3",
            Command(What.AWAY, "until 2026-12-01 to teams:x because <3"),
        ),
    ],
)
def test_commands_are_understood(said, meant):
    assert command(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "refund $40 on order 1043",
        "helpless customer, refund order 1043",
        "status of order 1043",
        "back to order 1043",
        "backorder 1043",
        "awaywards",
        "run order 1043",
        "run R-1001 again",
        "run R-" + "9" * 61,
        "reviewed order 1043",
        "homes",
        "help\u200b",
        "ｈｅｌｐ",
        "/help",
        "\x00help",
        "x" * 40_000,
    ],
)
def test_everything_else_is_a_request_word_for_word(said):
    assert command(f" {said}\n") == Command(What.REQUEST, said)


def test_help_says_every_command_as_the_surface_wants_it_said():
    for prefix in ("/assent ", ""):
        lines = help_lines(prefix)
        said = {line.removeprefix(prefix).split()[0].rstrip(":") for line in lines[1:]}
        assert said == {what for what in What if what not in (What.HELP, What.REQUEST)}
        assert all(line.startswith(prefix) for line in lines[1:])


def commands(memory: Memory, prefix: str = "") -> Commands:
    return Commands(memory, Clicking(memory), prefix)


async def test_each_command_is_answered_by_the_flow():
    memory = Memory(shown={"R-20391": STORIES["waiting_1_of_2"]})
    answer = commands(memory).answer
    assert "refund a payment" in await answer(Command(What.HELP), LEE, PLACE)
    assert "ledger" in await answer(Command(What.STATUS), LEE, PLACE)
    assert isinstance(await answer(Command(What.DIGEST), LEE, PLACE), Card)
    assert await answer(Command(What.BACK), LEE, PLACE) == "Welcome back."
    said = await answer(command("away until Friday"), LEE, PLACE)
    assert said == "Lee Park is away."
    assert memory.absences == [("lee", "back"), ("lee", "until Friday")]
    assert "in the record" in await answer(command("review R-1 wrong: all"), LEE, PLACE)
    assert memory.reviews == [("lee", "R-1", False, "all")]


async def test_a_run_is_shown_to_one_reader_without_anything_to_decide():
    memory = Memory(shown={"R-20391": STORIES["waiting_1_of_2"]})
    shown = await commands(memory).answer(command("run R-20391"), LEE, PLACE)
    assert isinstance(shown, Card)
    assert [button.action for button in shown.buttons] == [Action.DETAILS]
    assert await commands(memory).answer(command("run R-9"), LEE, PLACE) == "I know no run R-9."


async def test_what_each_surface_does_in_its_own_way_is_left_to_it():
    for what in (What.BATCH, What.HOME, What.REQUEST):
        assert await commands(Memory()).answer(Command(what), GUEST, PLACE) is None


@pytest.mark.parametrize(
    "said", ["status", "digest", "run R-20391", "review R-1 right", "away", "back"]
)
async def test_a_guest_is_answered_nothing_but_help(said):
    memory = Memory(shown={"R-20391": STORIES["waiting_1_of_2"]})
    refused = await commands(memory).answer(command(said), GUEST, PLACE)
    assert refused == words.not_from_you("guest accounts cannot ask or approve")
    assert (memory.reviews, memory.absences) == ([], [])
    assert "refund a payment" in await commands(memory).answer(command("help"), GUEST, PLACE)


async def test_a_review_that_is_not_understood_says_how_it_is_said():
    memory = Memory()
    said = await commands(memory, "/assent ").answer(command("review it"), LEE, PLACE)
    assert said.startswith("Say it as /assent review R-1001 right")
    assert memory.reviews == []


async def test_a_review_that_is_refused_or_not_kept_says_so():
    memory = Memory(reply=Reply("It has been reviewed already.", is_refusal=True))
    right = command("review R-1 right")
    assert await commands(memory).answer(right, LEE, PLACE) == "It has been reviewed already."

    def review(account, run_id, is_right, reason):
        raise RuntimeError("the store is away")

    memory.review = review
    assert await commands(memory).answer(right, LEE, PLACE) == words.STORE_AWAY
