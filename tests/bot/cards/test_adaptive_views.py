"""What a card in Teams offers: to everybody, to one person, on the wire."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cards import adaptive, adaptive_batch, press
from bot.cards.adaptive_elements import fitting
from bot.cards.adaptive_pages import TEAMS_URL, home
from bot.cards.model import Action, Badge, Button, Card, Moment, Tone
from bot.cards.run_card import run_card
from bot.surfaces.home import HomeView
from bot.view import Stance
from store.model.request import Place
from store.model.run import SETTLED, Status
from tests.bot.cards import teams_limits
from tests.bot.cards.one_refund import ASKED_AT
from tests.bot.cards.stories import STORIES

WAITING = [story for story in STORIES if STORIES[story].run.status is Status.WAITING]


def _offered(story: str, stance: Stance | None = None) -> list[str]:
    card = adaptive.render(run_card(STORIES[story], stance)).card
    return [action["title"] for action in teams_limits.actions(card)]


@pytest.mark.parametrize("stance", [None, *Stance])
@pytest.mark.parametrize("story", [s for s in STORIES if STORIES[s].run.status in SETTLED])
def test_settled_card_has_no_live_button_and_asks_for_no_refresh(story, stance):
    card = adaptive.render(run_card(STORIES[story], stance)).card
    assert [a["data"]["verb"] for a in teams_limits.actions(card)] == ["details"]
    assert "refresh" not in card


@pytest.mark.parametrize("story", WAITING)
def test_requester_is_offered_no_verdict_on_their_own_plan(story):
    actions = {button.action for button in run_card(STORIES[story], Stance.REQUESTER).buttons}
    assert not actions & {Action.APPROVE, Action.REJECT, Action.WITHDRAW, Action.ASK}
    assert {Action.DETAILS, Action.EDIT, Action.CANCEL} <= actions


@pytest.mark.parametrize("story", STORIES)
def test_onlooker_is_offered_details_alone(story):
    buttons = run_card(STORIES[story], Stance.ONLOOKER).buttons
    assert {button.action for button in buttons} <= {Action.DETAILS}


def test_each_person_is_offered_what_they_can_use():
    assert _offered("waiting_1_of_2", Stance.MAY_APPROVE) == [
        "Approve", "Reject…", "Edit…", "Details", "Ask Dana…",
    ]  # fmt: skip
    assert _offered("waiting_1_of_2", Stance.HAS_APPROVED) == [
        "Reject…", "Edit…", "Details", "Ask Dana…", "Take back my approval",
    ]  # fmt: skip
    assert _offered("question_open", Stance.REQUESTER) == [
        "Reply…", "Details", "Edit…", "Cancel the request",
    ]  # fmt: skip
    assert _offered("unknown", Stance.MAY_APPROVE) == [
        "It happened", "It did not", "Ask the system again", "Details",
    ]  # fmt: skip
    assert _offered("unknown", Stance.REQUESTER) == ["Details"]
    assert _offered("asking_with_choices", Stance.REQUESTER) == [
        "1043 (Nov 12, $129.00)", "1077 (Nov 19, $131.50)", "Something else…", "Cancel the request",
    ]  # fmt: skip


@pytest.mark.parametrize("stance", Stance)
@pytest.mark.parametrize("story", STORIES)
def test_a_view_for_one_person_offers_nothing_that_the_card_for_all_does_not(story, stance):
    everybodys = {(b.action, b.value) for b in run_card(STORIES[story]).buttons}
    mine = run_card(STORIES[story], stance).buttons
    assert {(b.action, b.value) for b in mine} <= everybodys
    assert not any(button.is_minor for button in mine)


def test_a_view_for_one_person_says_what_the_card_for_all_says():
    for story in STORIES:
        whole = teams_limits.texts(adaptive.render(run_card(STORIES[story])).card)
        mine = teams_limits.texts(adaptive.render(run_card(STORIES[story], Stance.ONLOOKER)).card)
        assert set(mine) <= set(whole)
        assert len(mine) >= len(whole) - 12


@pytest.mark.parametrize("story", STORIES)
def test_every_button_names_the_run_and_what_was_shown(story):
    buttons = {button.value for button in run_card(STORIES[story]).buttons}
    card = adaptive.render(run_card(STORIES[story])).card
    assert {action["data"]["press"] for action in teams_limits.actions(card)} == buttons


@pytest.mark.parametrize("story", WAITING)
def test_a_card_that_waits_asks_how_it_stands_for_its_reader(story):
    refresh = adaptive.render(run_card(STORIES[story])).card["refresh"]
    assert refresh["action"]["verb"] == "look"
    pressed = press.read(refresh["action"]["data"]["press"])
    assert pressed == press.Press(STORIES[story].run.id, "")


def test_many_choices_stand_in_rows_of_six():
    value = press.write(press.Press("R-1", "slot", "v"))
    buttons = tuple(Button(Action.ANSWER, f"choice {at}", value) for at in range(8))
    buttons += (Button(Action.CANCEL, "Cancel", value, is_minor=True),)
    card = adaptive.render(Card("", Badge("", Tone.QUIET), "x", ASKED_AT, buttons=buttons)).card
    rows = [e["actions"] for e in teams_limits.elements(card) if e["type"] == "ActionSet"]
    assert [len(row) for row in rows] == [6, 3]
    assert [action.get("mode") for action in rows[-1]] == [None, None, "secondary"]
    assert teams_limits.faults(card) == []


def test_what_one_person_is_told_stands_first_and_says_that_it_is_theirs():
    rendered = adaptive.render(run_card(STORIES["waiting_0_of_2"]), said="Not done.\nTry later.")
    first = rendered.card["body"][0]
    said = [run["text"] for line in first["items"] for run in line["inlines"]]
    assert said == ["Not done.", "Try later.", adaptive.ONLY_YOU]
    assert "Not done" not in rendered.text


def test_a_time_is_the_readers_and_details_add_the_second():
    card = Card(
        "t",
        Badge("", Tone.QUIET),
        "x",
        ASKED_AT,
        facts=(("read ", Moment(ASKED_AT, "seconds")), ("until ", Moment(ASKED_AT))),
    )
    brief = teams_limits.texts(adaptive.render(card).card)
    assert brief[1:] == [
        "read {{TIME(2026-11-21T12:41:03Z)}}",
        "until {{DATE(2026-11-21T12:41:03Z, SHORT)}} {{TIME(2026-11-21T12:41:03Z)}}",
    ]
    whole = teams_limits.texts(adaptive.render(card, is_full=True).card)
    assert whole[1] == "read {{TIME(2026-11-21T12:41:03Z)}} (12:41:03 UTC)"


def test_a_status_is_coloured_and_said():
    for story, color in (("waiting_0_of_2", "warning"), ("applied", "good"), ("stuck", "attention"),
                         ("running", "accent"), ("rejected", "default")):  # fmt: skip
        badge = run_card(STORIES[story]).badge.text
        card = adaptive.render(run_card(STORIES[story])).card
        runs = [r for e in teams_limits.elements(card) for r in e.get("inlines", [])]
        assert next(run["color"] for run in runs if run["text"] == badge) == color


def test_only_ticked_lines_of_a_batch_are_pressed():
    views = [STORIES[name] for name in ("waiting_0_of_2", "edited", "veto")]
    dialog = adaptive_batch.form(views, views[0].now)
    (submit,) = teams_limits.actions(dialog.card)
    toggles = [e for e in teams_limits.elements(dialog.card) if e["type"] == "Input.Toggle"]
    sent = {toggle["id"]: toggle["value"] for toggle in toggles}
    digests = [view.run.proposal.digest for view in views if view.run.proposal]
    found = adaptive_batch.ticked(submit["data"] | sent)
    assert [pressed.digest for pressed in found] == digests
    sent[toggles[1]["id"]] = toggles[1]["valueOff"]
    found = adaptive_batch.ticked(submit["data"] | sent)
    assert [pressed.digest for pressed in found] == [digests[0], digests[2]]
    assert adaptive_batch.ticked(submit["data"]) == ()


@pytest.mark.parametrize(
    "data",
    [{}, {"pairs": 7, "run_0": "yes"}, {"pairs": "R 1:a", "run_0": "yes"},
     {"pairs": "R-1:a", "run_0": True}, {"pairs": "R-1:a", "run_1": "yes"}],
)  # fmt: skip
def test_a_forged_batch_presses_nothing(data):
    assert adaptive_batch.ticked(data) == ()


def test_a_batch_presses_no_more_runs_than_it_may_show():
    pairs = ",".join(["R-1:a"] * 500)
    data = {"pairs": pairs, **{f"run_{at}": "yes" for at in range(500)}}
    assert len(adaptive_batch.ticked(data)) == 20


def test_the_most_generous_card_that_fits_is_shown():
    cards = [{"text": "x" * 900}, {"text": "é" * 100}, {"text": "x"}]
    assert fitting(iter(cards), 300) == cards[1]
    assert fitting(iter(cards), 2) == cards[2]


def _home_links(channel: str, thread: str, team: str = "", url: str = TEAMS_URL) -> list[str]:
    view = STORIES["waiting_0_of_2"]
    place = Place(surface="teams", team=team, channel=channel, thread=thread)
    request = view.run.request.model_copy(update={"place": place})
    view = replace(view, run=view.run.model_copy(update={"request": request}))
    card = home(HomeView((view,), ()), url=url).card
    assert teams_limits.faults(card) == []
    return [action["url"] for action in teams_limits.actions(card) if "url" in action]


def test_home_leads_to_the_thread_of_a_request_in_teams():
    team = "7d1f0a52-0000-4000-8000-00000000aa01"
    links = _home_links("19:supportops@thread.tacv2", "1763728863000", team)
    thread = "19%3Asupportops%40thread.tacv2/1763728863000"
    assert links == [f"https://teams.microsoft.com/l/message/{thread}?tenantId={team}"]


@pytest.mark.parametrize(
    ("channel", "thread", "url"),
    [
        ("C0SUPPORT", "1763728863.000100", TEAMS_URL),
        ("19:x@thread.v2", "", TEAMS_URL),
        ("19:x@thread.tacv2/../evil", "1", TEAMS_URL),
        ("19:x@thread.tacv2", "1/../../evil", TEAMS_URL),
        ("19:x@thread.tacv2", "", TEAMS_URL),
        ("19:x@thread.tacv2", "1", ""),
        ("19:x@thread.tacv2", "1", "javascript:alert(1)/"),
    ],
)
def test_home_leads_nowhere_else(channel, thread, url):
    assert _home_links(channel, thread, url=url) == []
