"""What a Teams activity says, as the person typed it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surfaces.teams_origin import origin
from bot.surfaces.teams_words import Heard, heard, spoken

APP = "7d1f0a52-0000-4000-8000-0000000a55e7"
BOT = f"28:{APP}"
DANA = "7d1f0a52-0000-4000-8000-000000000d01"
MIRA = "7d1f0a52-0000-4000-8000-000000000d04"
TENANT = "7d1f0a52-0000-4000-8000-00000000aa01"


def mention(name: str = "Assent", address: str = BOT, **more: Any) -> dict[str, Any]:
    return {
        "type": "mention",
        "text": f"<at>{name}</at>",
        "mentioned": {"id": address, "name": name, **more},
    }


def message(text: str, *entities: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "id": "1700000000001",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "from": {"id": "29:dana", "name": "Dana Okafor", "aadObjectId": DANA},
        "recipient": {"id": BOT, "name": "Assent"},
        "conversation": {
            "id": "19:supportops@thread.tacv2;messageid=1700000000000",
            "conversationType": "channel",
            "tenantId": TENANT,
        },
        "text": text,
        "textFormat": "plain",
        "entities": list(entities),
        **more,
    }


def said(activity: dict[str, Any]) -> Heard:
    found = heard(activity, BOT)
    assert found is not None
    return found


PERSONAL = {"id": "a:dana", "conversationType": "personal", "tenantId": TENANT}
GROUP = {"id": "19:returns@thread.v2", "conversationType": "groupChat", "tenantId": TENANT}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<at>Assent</at> refund $40", "refund $40"),
        ("<at>Assent</at>&nbsp;refund $40", "refund $40"),
        ("<at>Assent</at>: refund $40\r\n", "refund $40"),
        ("<at>Assent</at>\xa0refund\r\norder 1043", "refund\norder 1043"),
        ("hey <at>Assent</at>, refund", "hey , refund"),
        ("<at>Assent</at> tell <at>Mira Shah</at>", "tell @Mira\xa0Shah"),
        ("<at>Assent</at> 1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("<at>Assent</at> a <b>bold</b> <script>", "a <b>bold</b> <script>"),
        ("<at>Assent</at> &lt;at&gt;Lee&lt;/at&gt;", "<at>Lee</at>"),
        ("<quoted messageId='1'/><at>Assent</at> refund", "refund"),
        ("<at>Assent</at>", ""),
        ("<at>Assent</at> open <at>and refund $40", "open and refund $40"),
    ],
)
def test_markup_becomes_words(text, words):
    assert said(message(text, mention(), mention("Mira Shah", "29:mira"))).text == words


def test_typed_tags_are_no_mention():
    """Only an entity of the channel service makes a mention: neither of us, nor of anybody."""
    assert heard(message("<at>Assent</at> refund $40"), BOT) is None
    found = said(message("<at>Assent</at> ask <at>Mira</at> <at>Assent</at>", mention()))
    assert found.text == "ask @Mira"
    assert found.mentions == ()


def test_a_mention_of_somebody_with_the_name_of_the_bot_is_not_for_us():
    assert heard(message("<at>Assent</at> refund", mention("Assent", "29:eve")), BOT) is None
    assert heard(message("<at>Аssent</at> refund", mention("Аssent", "28:other")), BOT) is None


def test_two_people_of_one_name_stay_two_accounts():
    text = "<at>Assent</at> away to <at>Mira</at> and <at>Mira</at>"
    found = said(message(text, mention(), mention("Mira", "29:a"), mention("Mira", "29:b")))
    assert found.text == "away to @Mira and @Mira"
    assert found.pointing({"29:a": MIRA, "29:b": DANA}) == f"away to teams:{MIRA} and teams:{DANA}"
    assert found.pointing({}) == "away to @Mira and @Mira"


def test_an_object_id_of_a_mention_is_its_account():
    found = said(
        message("<at>Assent</at> <at>M</at>", mention(), mention("M", "29:m", aadObjectId=MIRA))
    )
    assert found.pointing({}) == f"teams:{MIRA}"


@pytest.mark.parametrize("conversation", [PERSONAL, {**PERSONAL, "tenantId": None}])
def test_a_personal_chat_needs_no_mention_and_has_no_thread(conversation):
    found = said(message("refund $40", conversation=conversation))
    assert (found.text, found.origin.kind, found.origin.place.thread) == (
        "refund $40",
        "personal",
        "",
    )
    assert found.origin.conversation.user == DANA


def test_a_group_chat_needs_a_mention_and_has_no_thread():
    assert heard(message("refund $40", conversation=GROUP), BOT) is None
    found = said(message("<at>Assent</at> refund", mention(), conversation=GROUP))
    assert (found.origin.kind, found.origin.place.thread) == ("group", "")
    assert found.origin.place.channel == GROUP["id"]


def test_a_channel_keeps_its_thread_apart():
    place = said(message("<at>Assent</at> refund", mention())).origin.place
    assert (place.channel, place.thread) == ("19:supportops@thread.tacv2", "1700000000000")
    assert place.team == TENANT


def test_a_first_message_in_a_channel_begins_its_thread():
    talk = {"id": "19:supportops@thread.tacv2", "conversationType": "channel"}
    found = said(message("<at>Assent</at> hi", mention(), conversation=talk))
    assert found.origin.place.thread == found.origin.message == "1700000000001"


@pytest.mark.parametrize(
    "more",
    [
        {"type": "messageUpdate", "channelData": {"eventType": "editMessage"}},
        {"type": "messageDelete"},
        {"type": "messageReaction", "reactionsAdded": [{"type": "like"}]},
        {"type": "typing"},
        {"from": {"id": BOT, "name": "Assent"}},
        {"from": {"id": "28:another", "name": "Another bot"}},
        {"from": {"id": "29:x", "role": "bot"}},
        {"value": {"verb": "approve", "press": "R-1:d"}},
        {"conversation": {"id": "19:x@thread.tacv2", "conversationType": "meeting"}},
        {"conversation": {}},
        {"serviceUrl": None},
        {"id": "../../1"},
    ],
)  # fmt: skip
def test_what_nobody_says_to_us_is_ignored(more):
    assert heard(message("<at>Assent</at> refund", mention(), **more), BOT) is None


def test_a_quote_of_another_message_is_not_what_this_person_says():
    rich = (
        '<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="1">'
        "<strong>Eve</strong><p>refund $900 on order 1</p></blockquote><p><span itemtype="
        '"http://schema.skype.com/Mention" itemscope>Assent</span>&nbsp;yes &amp; thanks</p>'
    )
    html = {"contentType": "text/html", "content": rich}
    found = said(
        message("Eve\nrefund $900 on order 1\n<at>Assent</at> yes", mention(), attachments=[html])
    )
    assert found.text == "yes & thanks"


def test_a_message_of_html_alone_is_read():
    html = {
        "contentType": "text/html",
        "content": '<div><div><at id="0">Assent</at> refund<br>order <b>1043</b> '
        '<img alt="🙂" itemtype="http://schema.skype.com/Emoji"></div></div>',
    }
    assert said(message("", mention(), attachments=[html])).text == "refund\norder 1043 🙂"


def test_rich_text_loses_its_tags():
    activity = message("<at>Assent</at> <p>refund <i>$40</i></p>", mention(), textFormat="xml")
    assert said(activity).text == "refund $40"


def test_the_same_message_has_the_same_key():
    keys = said(message("<at>Assent</at> refund", mention())).event_keys
    assert keys == ("message:19:supportops@thread.tacv2:1700000000001",)


def test_who_has_no_object_id_is_nobody_known():
    found = said(message("<at>Assent</at> hi", mention(), **{"from": {"id": "29:x", "name": "X"}}))
    assert (found.origin.user, found.origin.address) == ("", "29:x")


def test_the_shortcuts_message_is_read_as_its_author_wrote_it():
    body = {"contentType": "html", "content": '<p><at id="0">Assent</at> refund &lt;$40&gt;</p>'}
    named = [{"id": 0, "mentionText": "Assent", "mentioned": {"application": {"id": APP}}}]
    assert spoken({"body": body, "mentions": named}, APP) == "refund <$40>"
    assert spoken({"body": body}, APP) == "@Assent refund <$40>"
    assert spoken({"body": {"contentType": "text", "content": "a <b>"}}, APP) == "a <b>"


def test_half_a_character_is_replaced():
    found = said(
        message("<at>Assent</at> \ud83d", mention(), **{"from": {"id": "29:x", "name": "\ud800"}})
    )
    assert (found.text, found.origin.name) == ("?", "?")


PARTS = [
    *("<at>", "</at>", "Assent", "<", ">", "&lt;", "&nbsp;", "</span>", "<br/>", "x", "\n"),
    "<blockquote http://schema.skype.com/Reply>",
    "</blockquote>",
    "<span http://schema.skype.com/Mention>",
]


@given(st.lists(st.sampled_from(PARTS), max_size=60), st.sampled_from(["plain", "xml", "markdown"]))
def test_any_text_is_read_without_an_error(parts, text_format):
    text = "".join(parts)
    html = {"contentType": "text/html", "content": text}
    found = said(message(text, mention(), textFormat=text_format, attachments=[html]))
    assert isinstance(found.text, str)


def test_a_flood_of_tags_is_read_at_once():
    text = "<at>Assent</at>" * 20_000 + "<a " * 20_000 + "<at>" * 20_000
    assert len(said(message(text, mention())).text) <= 40_000


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = tuple(message(""))


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ANYTHING)))
def test_an_activity_of_any_shape_is_heard_or_ignored(parts):
    heard({**message("<at>Assent</at> x", mention()), **parts}, BOT)
    origin({**message("x"), **parts})


@given(ANYTHING)
def test_a_shortcut_of_any_shape_is_read(payload):
    assert isinstance(spoken(payload, APP), str)
