"""What is not stored is not acknowledged, and what takes longer than that goes on, bounded."""

from __future__ import annotations

import asyncio
import logging
import threading
from datetime import UTC, datetime

import pytest

from bot.incoming import Message, Reply
from bot.surfaces import receiving
from bot.surfaces.receiving import Background, NotStoredError, Receiving
from store.model.person import Account
from store.model.request import Place
from tests.bot.surfaces.conftest import Memory


def message(key: str = "k") -> Message:
    account = Account(surface="teams", team="T", user="u", display_name="U")
    place = Place(surface="teams", team="T", channel="c", thread="")
    return Message(account, place, "1", "refund", (key,), datetime.now(UTC))


async def test_a_stored_message_is_replied_to():
    memory = Memory(reply=Reply("Looking."))
    keeping = Receiving(memory)
    assert await keeping.receive(message()) == Reply("Looking.")
    assert len(memory.messages) == 1
    keeping.close()


async def test_a_store_that_fails_is_not_acknowledged_and_its_words_go_nowhere():
    keeping = Receiving(Memory(failing=RuntimeError("password=4711")))
    with pytest.raises(NotStoredError) as caught:
        await keeping.receive(message())
    assert "4711" not in str(caught.value)
    keeping.close()


@pytest.mark.slow  # waits for seconds
async def test_a_store_that_is_slow_is_not_acknowledged_although_it_may_store(monkeypatch):
    monkeypatch.setattr(receiving, "ACK_SECONDS", 0.05)
    memory, gate = Memory(), threading.Event()
    receive = memory.receive
    memory.receive = lambda said: (gate.wait(5), receive(said))[1]
    keeping = Receiving(memory)
    with pytest.raises(NotStoredError, match="in time"):
        await keeping.receive(message())
    gate.set()
    while not memory.messages:
        await asyncio.sleep(0.01)
    monkeypatch.setattr(receiving, "ACK_SECONDS", 5.0)
    await keeping.receive(message())  # delivered again: the flow knows its key
    assert len(memory.messages) == 1
    keeping.close()


async def test_more_messages_than_can_be_stored_are_left_to_the_next_delivery(monkeypatch):
    monkeypatch.setattr(receiving, "IN_FLIGHT_MAX", 3)
    gate = threading.Event()
    memory = Memory()
    receive = memory.receive
    memory.receive = lambda said: (gate.wait(5), receive(said))[1]
    keeping = Receiving(memory)
    storing = [asyncio.create_task(keeping.receive(message(f"k{n}"))) for n in range(3)]
    await asyncio.sleep(0.05)
    with pytest.raises(NotStoredError, match="3 messages are being stored"):
        await keeping.receive(message("k9"))
    gate.set()
    await asyncio.gather(*storing)
    await keeping.receive(message("k9"))  # there is room again
    assert len(memory.messages) == 4
    keeping.close()


async def test_work_is_awaited_for_the_acknowledgement_and_goes_on_after_it(monkeypatch):
    monkeypatch.setattr(receiving, "ACK_SECONDS", 0.05)
    background, done = Background(), []

    async def work(seconds: float) -> str:
        await asyncio.sleep(seconds)
        done.append(seconds)
        return "said"

    assert await background.within_ack(work(0.0)) == "said"
    assert await background.within_ack(work(0.15)) is None
    await background.close()
    assert done == [0.0, 0.15]


async def test_too_much_work_is_refused_and_its_failures_are_logged_without_their_words(
    monkeypatch, caplog
):
    monkeypatch.setattr(receiving, "BACKGROUND_MAX", 1)
    background, gate = Background(), asyncio.Event()

    async def fail() -> None:
        await gate.wait()
        raise RuntimeError("password=4711")

    background.spawn(fail())
    with pytest.raises(NotStoredError, match="under way"):
        background.spawn(fail())
    with caplog.at_level(logging.ERROR):
        gate.set()
        await background.close()
    assert "RuntimeError" in caplog.text
    assert "4711" not in caplog.text


async def test_closing_lets_go_of_what_never_ends(monkeypatch):
    monkeypatch.setattr(receiving, "CLOSE_SECONDS", 0.05)
    background = Background()
    task = background.spawn(asyncio.Event().wait())
    await background.close()
    assert task.cancelled()
