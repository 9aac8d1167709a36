"""Whose turn it is to write."""

from __future__ import annotations

import threading
import time

from store.turn import IN_A_ROW_MAX, Turn

SECONDS = 5.0


def queued(turn: Turn, order: list[str], name: str, *, is_awaited: bool) -> threading.Thread:
    """A thread that waits for its turn, writes its name and gives the turn back."""
    waiting = len(turn._awaited) + len(turn._others)

    def work() -> None:
        assert turn.take(SECONDS, is_awaited=is_awaited)
        order.append(name)
        turn.give_back()

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + SECONDS
    while len(turn._awaited) + len(turn._others) == waiting:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return thread


def after(turn: Turn, wanted: list[tuple[str, bool]]) -> list[str]:
    """The order in which they write who queued while somebody wrote."""
    order: list[str] = []
    assert turn.take(SECONDS, is_awaited=False)
    threads = [queued(turn, order, name, is_awaited=is_awaited) for name, is_awaited in wanted]
    turn.give_back()
    for thread in threads:
        thread.join(SECONDS)
    return order


def test_whoever_is_awaited_goes_first_and_each_line_keeps_its_order():
    wanted = [("a", False), ("b", False), ("Lee", True), ("c", False), ("Mira", True)]
    assert after(Turn(), wanted) == ["Lee", "Mira", "a", "b", "c"]


def test_work_that_nobody_looks_at_is_not_kept_waiting_for_ever():
    people = [(f"person {n}", True) for n in range(IN_A_ROW_MAX + 2)]
    order = after(Turn(), [("work", False), *people])
    assert order.index("work") == IN_A_ROW_MAX


def test_whoever_gave_up_waiting_is_passed_over():
    turn = Turn()
    assert turn.take(SECONDS, is_awaited=False)
    assert not turn.take(0.01, is_awaited=True)
    turn.give_back()
    assert turn.take(0.0, is_awaited=False)


def test_one_at_a_time_and_nobody_is_forgotten():
    turn, inside, found = Turn(), [0], []

    def work(is_awaited: bool) -> None:
        for _ in range(200):
            assert turn.take(SECONDS, is_awaited=is_awaited)
            inside[0] += 1
            found.append(inside[0])
            inside[0] -= 1
            turn.give_back()

    threads = [threading.Thread(target=work, args=(n % 2 == 0,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [1] * 1_200
