"""The playground as real processes, for the tests of one file."""

import pytest

from bot.play import Playground


@pytest.fixture(scope="module")
def playground(tmp_path_factory):
    """The workspace and the bot as two real processes, over a state folder of their own."""
    made = Playground(tmp_path_factory.mktemp("play"))
    try:
        workspace = made.start()
        made.url, made.teams_url = workspace["page_url"], workspace["teams"]["page_url"]
        yield made
    finally:
        made.stop()
