"""Several operators at once: one after the other, and none over what another has just moved."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from bot.auditing import any_store
from bot.bundle import lock
from bot.bundle.promoting import promoting
from bot.errors import CommandError
from bot.settings import BUNDLE_SHIPPED
from tests.bot.promotion import entries, promote, prove, release, roll_back, stage

pytestmark = pytest.mark.slow  # a whole check of a bundle each


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))


@pytest.fixture
def at_once(monkeypatch):
    """Runs something twice, both of which stand before the lock before either has it."""

    def run(what) -> list[Future]:
        ready = threading.Barrier(2)
        alone = lock.alone

        @contextmanager
        def waiting(*given) -> Iterator[None]:
            ready.wait(60)
            with alone(*given):
                yield

        with ThreadPoolExecutor(2) as pool, monkeypatch.context() as patch:
            patch.setattr(lock, "alone", waiting)
            done = [pool.submit(what) for _ in range(2)]
            return [each for each in done if each.exception(60) or each.result()]

    return run


def test_two_who_stage_at_once_each_get_a_release(state, bundle, at_once):
    stage(state, bundle)
    done = at_once(lambda: stage(state, bundle))
    assert [each.exception() for each in done] == [None, None]
    names = sorted(path.name[:4] for path in (state / "bundles" / "releases").iterdir())
    assert names == ["0001", "0002", "0003"]
    assert len({entry["release"] for entry in entries(state)}) == 3


def test_nobody_meets_a_store_that_another_is_making(state, monkeypatch):
    def opened(at: Path):
        with pytest.raises(CommandError, match="moving bundles"), lock.alone(at / "bundles", 0):
            raise AssertionError("another could be making the same store")
        return any_store(at)

    monkeypatch.setattr("bot.bundle.promoting.any_store", opened)
    with promoting(state) as stages, lock.alone(state / "bundles", 0):
        assert "No bundle is on a stage yet" in stages.show()


def test_of_two_who_roll_back_at_once_one_does(state, bundle, at_once):
    planner = bundle / "prompts" / "planner.md"
    for text in ("First.\n", "Second.\n", "Third.\n"):
        planner.write_text(text)
        stage(state, bundle)
        prove(state, bundle)
        promote(state)
    before = len(entries(state))
    done = at_once(lambda: roll_back(state))
    errors = [str(each.exception()) for each in done if each.exception()]
    assert len(errors) == 1
    assert "somebody else turned production to" in errors[0]
    assert "assent bundle show" in errors[0]
    assert (release(state) / "prompts" / "planner.md").read_text() == "Second.\n"
    assert len(entries(state)) == before + 1


def test_who_promotes_what_is_staged_anew_meanwhile_is_refused(state, bundle, monkeypatch):
    stage(state, bundle)
    prove(state, bundle)
    alone, times = lock.alone, count(1)

    @contextmanager
    def after_another(*given) -> Iterator[None]:
        if next(times) == 2:  # first the store is opened, then the bundle is moved
            monkeypatch.setattr(lock, "alone", alone)
            stage(state, bundle)
        with alone(*given):
            yield

    monkeypatch.setattr(lock, "alone", after_another)
    with pytest.raises(CommandError, match="somebody else turned staging to 0002"):
        promote(state)
    assert not (state / "bundles" / "production").exists()


def test_who_waits_too_long_is_told_what_to_do(tmp_path):
    with (
        lock.alone(tmp_path),
        pytest.raises(CommandError, match=r"somebody else .* moving bundles for 0\.1 s") as told,
        lock.alone(tmp_path, 0.1),
    ):
        raise AssertionError("two are alone")
    assert "assent bundle show" in str(told.value)
    with lock.alone(tmp_path, 0.1):
        pass  # the first one is through, and so is who waited


def test_a_lock_that_is_a_link_to_something_else_is_not_followed(tmp_path):
    (tmp_path / lock.LOCK).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CommandError, match="cannot be opened"), lock.alone(tmp_path):
        raise AssertionError("it was followed")
    assert not (tmp_path / "elsewhere").exists()
