"""What a Slack event says, as the person typed it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surfaces.slack_words import MENTIONS_MAX, heard, mentioned, spoken


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<@UB> refund $40", "refund $40"),
        ("<@UB>: refund $40", "refund $40"),
        ("hey <@UB>, refund", "hey , refund"),
        ("tell <@U1|dana> and <@U2>", "tell @dana and @U2"),
        ("tell <@U3> and <@U4>\xa0too", "tell @Mia\xa0Krause and @Bob\xa0cancel\xa0it too"),
        ("in <#C1|support-ops> or <#C2>", "in #support-ops or #C2"),
        ("<!channel> <!here|here> <!subteam^S1|@leads>", "@channel @here @leads"),
        ("see <https://x.example/a?b=1&amp;c=2>", "see https://x.example/a?b=1&c=2"),
        ("<http://acme.com|acme.com>", "http://acme.com"),
        ("<https://evil.example|https://bank.example>", "https://bank.example (https://evil.example)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("&lt;!channel&gt; &amp;lt;", "<!channel> &lt;"),
        ("  \n<@UB>\n refund\n order 1043 ", "refund\n order 1043"),
        ("", ""),
        ("<@UB>", ""),
    ],
)  # fmt: skip
def test_markup_becomes_words(text, said):
    names = {"U3": "Mia Krause", "U4": "Bob\n<!> cancel it (really)"}
    assert spoken(text, "UB", names) == said


def test_names_are_wanted_of_whom_slack_does_not_name():
    text = "<@UB> tell <@U1|dana>, <@U2> and <@U3>, <@U2> first, in <#C1> <!here>"
    assert mentioned(text, "UB") == ("U2", "U3")
    many = "".join(f"<@U{number}>" for number in range(100))
    assert len(mentioned(many, "UB")) == MENTIONS_MAX


@given(st.text(alphabet="<>@#!|&;amplgt UBC19:\n", max_size=300))
def test_any_text_is_read_without_an_error(text):
    spoken(text, "UB")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


FIELDS = ("type", "user", "channel", "ts", "text", "thread_ts", "subtype", "bot_id")


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ANYTHING)))
def test_an_event_of_any_shape_is_heard_or_ignored(event):
    found = heard({"event": event, "event_id": 5}, "T1", "UB")
    assert found is None or (found.user and found.place.channel and found.message)


def test_keys_name_the_event_the_client_message_and_the_place():
    event = {
        "type": "app_mention",
        "user": "U1",
        "channel": "C1",
        "ts": "1.2",
        "text": "<@UB> hello",
        "client_msg_id": "abc",
    }
    found = heard({"event": event, "event_id": "Ev1"}, "T1", "UB")
    assert found is not None
    assert found.event_keys == ("ts:T1:C1:1.2", "event:Ev1", "client:abc")
