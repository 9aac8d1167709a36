"""Teams' limits: no conversation and no tenant is ever sent more than they allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.surfaces.errors import Busy
from bot.surfaces.teams_pace import LIMITS, TENANT_LIMITS, Paces

pytestmark = pytest.mark.slow


@given(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=300), st.sampled_from([1, 3, 60]))
def test_no_limit_of_teams_is_ever_passed(pauses, spread):
    paces, leaving, clock = Paces(), {}, 0.0
    for number, pause in enumerate(pauses):
        clock += pause if number % 9 == 0 else 0.0
        conversation = f"c{number % spread}"
        try:
            at = clock + paces.take_turn(conversation, clock)
        except Busy:
            continue
        leaving.setdefault(conversation, []).append(at)
    for moments in leaving.values():
        assert moments == sorted(moments)
        for count, seconds in LIMITS:
            for first, over in zip(moments, moments[count:], strict=False):
                assert over - first >= seconds - 1e-6
    everything = sorted(moment for moments in leaving.values() for moment in moments)
    for count, seconds in TENANT_LIMITS:
        for first, over in zip(everything, everything[count:], strict=False):
            assert over - first >= seconds - 1e-6


def test_a_busy_conversation_makes_no_other_one_wait():
    paces = Paces()
    last = max(paces.take_turn("busy", 0.0) for _ in range(20))
    assert last > 3.0
    assert paces.take_turn("quiet", 0.0) == 0.0


def test_1800_an_hour_and_no_more():
    paces, clock, sent = Paces(), 0.0, []
    while clock < 3_600.0:
        try:
            clock += paces.take_turn("c", clock)
            sent.append(clock)
        except Busy as busy:
            clock += busy.retry_after_seconds
    assert len([moment for moment in sent if moment < 3_600.0]) == 1_800


def test_idle_conversations_are_forgotten():
    paces = Paces()
    for number in range(5_000):
        paces.take_turn(f"c{number}", float(number))
    assert len(paces._paces) <= 1_000
