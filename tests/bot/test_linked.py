"""A channel of both platforms: a card in each, what follows below it, what goes wrong on one."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.bundle.loading import connected
from bot.cards import adaptive, adaptive_pages, mrkdwn
from bot.cards.model import Card
from bot.incoming import Verb
from bot.people.directories import Directories
from bot.planner.rules import RulesPlanner
from bot.ports import Directory
from bot.publisher import Publisher, Screen
from bot.surfaces import slack_modals
from bot.surfaces.errors import Busy, Gone
from store import deliveries
from store.database import Database
from store.model.request import Place
from store.model.run import Run, Status
from tests.bot.conftest import CHANNEL as SLACKS
from tests.bot.two_sided import CHANNEL as TEAMS
from tests.bot.two_sided import DANA, TwoSided

SMALL = "refund $40 on order 1043, arrived damaged"


@dataclass
class Wall:
    """A surface that keeps what is posted on it."""

    name: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    posted: dict[str, tuple[Place, Card]] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    failing: Exception | None = None
    deaf: Exception | None = None

    async def post(self, place: Place, card: Card) -> str:
        if self.failing:
            raise self.failing
        number = next(self.numbers)
        is_slack = self.name == "slack"
        message = f"1690000000.{number:06d}" if is_slack else str(1_690_000_000_000 + number)
        self.posted[message] = (place, card)
        return message

    async def update(self, place: Place, message: str, card: Card) -> None:
        if self.failing:
            raise self.failing
        if message in self.posted:  # else a card that a click named and nobody posted here
            self.posted[message] = (self.posted[message][0], card)

    async def tell(self, user: str, text: str) -> None:
        if self.deaf:
            raise self.deaf
        self.told.append((user, text))

    @property
    def screen(self) -> Screen[Card]:
        return Screen(lambda card: card, self.post, self.update, self.tell)

    def card(self, run: Run) -> tuple[str, Place, Card]:
        """The one message that shows a run with its buttons or its details."""
        ((message, (place, card)),) = [
            (m, (p, c)) for m, (p, c) in self.posted.items() if c.quote == run.request.text
        ]
        return message, place, card

    def below(self, message: str) -> list[str]:
        return [card.badge.text for place, card in self.posted.values() if place.thread == message]


class Linked(TwoSided):
    """Both sides with a wall each; `show` is the publisher until nothing is due."""

    def walls(self, *, is_teams_on: bool = True) -> None:
        self.slack, self.there = Wall("slack"), Wall("teams")
        screens = {"slack": self.slack.screen, "teams": self.there.screen}
        if not is_teams_on:
            del screens["teams"]
        assent = self.assent
        self.publisher = Publisher(
            assent.db, assent.reading.view, assent.digests, screens, "me", self.clock
        )

    def link(self, ids: tuple[str, ...] = (SLACKS, TEAMS), *, is_linked: bool = True) -> None:
        present = self.assent.catalogue().bundle
        channels = dict(present.settings.channels)
        changed = {"ids": ids, "linked": is_linked}
        channels["support-ops"] = channels["support-ops"].model_copy(update=changed)
        settings = present.settings.model_copy(update={"channels": channels})
        bundle = replace(present, settings=settings, revision=f"{present.revision}+")
        self.assent.in_force.put(connected(self.assent.settings, bundle))

    def show(self) -> None:
        async def until_nothing_is_due() -> None:
            while due := self.publisher._claim(20):
                for one in due:
                    await self.publisher._send(one)

        asyncio.run(until_nothing_is_due())

    def keys(self, run: Run) -> list[str]:
        with self.assent.db.read() as cx:
            return [one.key for one in deliveries.for_run(cx, run.id)]


@pytest.fixture
def linked(tmp_path: Path, made: Path) -> Iterator[Linked]:
    folder = tmp_path / "state"
    shutil.copytree(made, folder)
    world = Linked(folder, RulesPlanner(), {})
    world.declare()
    world.link()
    world.walls()
    yield world
    world.assent.close()


def test_a_request_has_its_card_in_each_linked_place(linked: Linked) -> None:
    run = linked.ask(SMALL)
    linked.show()
    _, own, _ = linked.slack.card(run)
    _, other, card = linked.there.card(run)
    assert "support-ops in Slack" in json.dumps(adaptive.render(card).card)
    assert own == run.request.place
    assert other == Place(surface="teams", team="", channel=TEAMS, thread="")
    assert card.badge.text.startswith("WAITING")


@pytest.mark.slow
def test_home_opens_a_request_of_the_other_surface_where_its_card_is(linked: Linked) -> None:
    run = linked.ask(SMALL)
    _, other = linked.ask_in_teams("refund $20 on order 1063, arrived damaged")
    assert other is not None
    before = linked.assent.reading.home(linked.account("lead"))
    assert json.dumps(adaptive_pages.home(before).card).count("Action.OpenUrl") == 1
    linked.show()
    home = linked.assent.reading.home(linked.account("lead"))
    teams = json.dumps(adaptive_pages.home(home).card)
    below = f"{linked.there.card(run)[0]}"
    assert f"l/message/{quote(TEAMS, safe='')}/{below}" in teams
    assert teams.count("Action.OpenUrl") == 2
    slack = json.dumps(slack_modals.home(home, "https://ours.slack.com/"))
    below = linked.slack.card(other)[0].replace(".", "")
    assert f"https://ours.slack.com/archives/{SLACKS}/p{below}" in slack
    own = run.request.place
    assert f"archives/{own.channel}/p{own.thread.replace('.', '')}" in slack, "where it was asked"


def test_a_request_in_teams_has_its_card_in_slack_too(linked: Linked) -> None:
    _, run = linked.ask_in_teams(SMALL)
    assert run is not None
    linked.show()
    assert linked.there.card(run)[1] == run.request.place
    assert linked.slack.card(run)[1].channel == SLACKS
    assert linked.slack.card(run)[1].thread == ""
    asked = mrkdwn.words(linked.slack.card(run)[2].asked, 300)
    assert asked == "Dana Okafor asked in support-ops in Teams"


def test_both_cards_settle_and_each_has_its_summary_below_it(linked: Linked) -> None:
    run = linked.ask(SMALL)
    linked.show()
    assert linked.approved_in_teams(run, "lead").status is Status.APPLIED
    linked.show()
    root, _, there = linked.there.card(run)
    _, place, here = linked.slack.card(run)
    assert here.badge.text == there.badge.text
    assert "DONE" in here.badge.text
    assert [b.label for b in there.buttons] == ["Details"]
    assert len(linked.there.below(root)) == 1
    assert len(linked.slack.below(place.thread)) == 2  # the card and the summary


def test_what_follows_waits_until_its_card_is_posted(linked: Linked) -> None:
    run = linked.ask(SMALL)
    linked.there.failing = Busy("Teams is away", "busy", 1.0)
    linked.question(run, "lead", "Which box?")
    linked.show()
    assert linked.there.posted == {}
    linked.there.failing = None
    for _ in range(3):
        linked.clock.offset += timedelta(seconds=30)
        linked.show()
    root, _, _ = linked.there.card(run)
    assert len(linked.there.below(root)) == 1
    assert next(iter(linked.there.posted)) == root


def test_a_reply_below_the_linked_card_is_the_reply(linked: Linked) -> None:
    run = linked.ask(SMALL)
    linked.question(run, "lead", "Which box?")
    linked.show()
    root, _, _ = linked.there.card(run)
    reply, other = linked.ask_in_teams("the large one", thread=root)
    assert other is None
    assert "your reply to Lee Park" in reply.text
    assert [remark.text for remark in linked.run(run.id).remarks] == ["Which box?", "the large one"]


def test_an_answer_below_the_linked_card_is_the_answer(linked: Linked) -> None:
    run = linked.ask("refund order 1043, arrived damaged")
    assert run.status is Status.ASKING
    linked.show()
    root, _, _ = linked.there.card(run)
    refused, _ = linked.ask_in_teams("$40", "lead", thread=root)
    assert refused.is_refusal, "it is Dana's question"
    linked.ask_in_teams("$40", thread=root)
    assert [answer.text for answer in linked.run(run.id).answers] == ["$40"]


@pytest.mark.slow
def test_somebody_elses_request_below_the_linked_card_asks_and_hears_its_own_answer(
    linked: Linked,
) -> None:
    run = linked.ask("refund order 1043, arrived damaged")
    linked.show()
    root, _, _ = linked.there.card(run)
    _, other = linked.ask_in_teams("refund order 1066, arrived damaged", "lead", thread=root)
    assert other is not None
    assert other.status is Status.ASKING
    _, third = linked.ask_in_teams("$20", "lead", thread=root)
    assert third is None
    assert [answer.text for answer in linked.run(other.id).answers] == ["$20"]
    assert linked.run(run.id).answers == ()
    linked.ask_in_teams("$40", thread=root)
    assert [answer.text for answer in linked.run(run.id).answers] == ["$40"]


def test_a_click_on_a_linked_card_does_not_make_it_another_card(linked: Linked) -> None:
    run = linked.ask(SMALL)
    linked.show()
    root, place, _ = linked.there.card(run)
    clicked = place.model_copy(update={"team": "tenant", "thread": root})
    with linked.assent.db.begin() as tx:
        assert not deliveries.adopt(tx, run.id, clicked, root, linked.clock())


def test_nothing_is_shown_elsewhere_where_channels_are_not_linked(linked: Linked) -> None:
    linked.link(is_linked=False)
    run = linked.ask(SMALL)
    linked.show()
    assert linked.there.posted == {}
    assert linked.keys(run) == [f"card:{run.id}"]


def test_what_is_asked_in_private_is_shown_nowhere_else(linked: Linked) -> None:
    linked.ask(SMALL, channel="D0DANA")
    linked.show()
    assert linked.there.posted == {}


def test_a_chat_without_threads_has_what_follows_after_its_card(linked: Linked) -> None:
    chat = "19:returns@thread.v2"
    linked.link((SLACKS, chat))
    run = linked.ask(SMALL)
    linked.question(run, "lead", "Which box?")
    linked.show()
    assert {place.thread for place, _ in linked.there.posted.values()} == {""}
    assert len(linked.there.posted) == 2


def test_a_surface_that_is_switched_off_gets_no_delivery_and_makes_no_noise(
    tmp_path: Path, made: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Alone(Linked):
        def everybody(self, db: Database) -> Directory:
            super().everybody(db)
            return Directories({"slack": self.directory})

    folder = tmp_path / "alone"
    shutil.copytree(made, folder)
    world = Alone(folder, RulesPlanner(), {})
    try:
        world.declare()
        world.link()
        world.walls(is_teams_on=False)
        run = world.ask(SMALL)
        with caplog.at_level(logging.INFO):
            world.show()
        assert world.keys(run) == [f"card:{run.id}"]
        assert [r for r in caplog.records if r.name == "bot.publisher"] == []
        assert world.assent.digests.post(world.clock())
    finally:
        world.assent.close()


def test_what_was_asked_for_while_a_surface_was_on_ends_quietly_when_it_is_off(
    linked: Linked, caplog: pytest.LogCaptureFixture
) -> None:
    run = linked.ask(SMALL)
    linked.walls(is_teams_on=False)
    with caplog.at_level(logging.INFO):
        linked.show()
    assert linked.slack.card(run)
    assert [r for r in caplog.records if r.name == "bot.publisher"] == []


def test_a_linked_place_that_is_gone_ends_quietly_and_the_other_card_stands(
    linked: Linked, caplog: pytest.LogCaptureFixture
) -> None:
    run = linked.ask(SMALL)
    linked.there.failing = Gone("the bot was removed", "BotNotInConversationRoster")
    with caplog.at_level(logging.INFO):
        linked.show()
    linked.approve(run, "lead")
    linked.show()
    assert "DONE" in linked.slack.card(run)[2].badge.text
    assert linked.there.told == linked.slack.told == [], "their own card stands"
    assert [r for r in caplog.records if r.name == "bot.publisher"] == []


def test_where_the_card_was_asked_for_is_gone_its_owner_hears_of_it_and_of_its_end(
    linked: Linked,
) -> None:
    linked.link(is_linked=False)
    _, run = linked.ask_in_teams(SMALL)
    assert run is not None
    linked.there.failing = Gone("the bot was removed", "BotNotInConversationRoster")
    linked.show()
    ((user, text),) = linked.there.told
    assert user == DANA
    assert f"run {run.id}" in text
    assert "/assent" not in text
    linked.approved_in_teams(run, "lead")
    linked.show()
    said = [text.partition(" It is ")[2].partition(";")[0] for _, text in linked.there.told]
    assert said == ["waiting", "applied"], "not at each change"


def test_whoever_cannot_be_told_there_is_told_where_they_have_another_account(
    linked: Linked,
) -> None:
    linked.link(is_linked=False)
    _, run = linked.ask_in_teams(SMALL)
    assert run is not None
    linked.there.failing = linked.there.deaf = Gone("the bot was removed", "gone")
    linked.show()
    ((user, text),) = linked.slack.told
    assert user == "agent"
    assert f"/assent run {run.id}" in text


def test_the_report_is_posted_to_each_place_of_a_linked_channel_once_a_day(linked: Linked) -> None:
    present = linked.assent.catalogue().bundle
    channels = dict(present.settings.channels)
    changed = {"ids": ("C0OPSDIGEST", "19:opsdigest@thread.tacv2"), "linked": True}
    channels["ops-digest"] = channels["ops-digest"].model_copy(update=changed)
    settings = present.settings.model_copy(update={"channels": channels})
    linked.assent.in_force.put(
        connected(linked.assent.settings, replace(present, settings=settings, revision="linked"))
    )
    assert linked.assent.digests.post(linked.clock())
    assert not linked.assent.digests.post(linked.clock())
    linked.show()
    places = [place for wall in (linked.slack, linked.there) for place, _ in wall.posted.values()]
    assert [(place.surface, place.channel) for place in places] == [
        ("slack", "C0OPSDIGEST"),
        ("teams", "19:opsdigest@thread.tacv2"),
    ]


def test_a_click_names_its_card_on_either_side_of_the_link(linked: Linked) -> None:
    run = linked.ask(SMALL)
    linked.show()
    reply = linked.press_in_teams(Verb.REJECT, run, "lead")
    assert not reply.is_refusal, reply.text
    linked.show()
    assert linked.slack.card(run)[2].badge.text == linked.there.card(run)[2].badge.text
    assert linked.run(run.id).status is Status.REJECTED
