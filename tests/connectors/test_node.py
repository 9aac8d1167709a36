"""Counterparts written for Node: locked, started once, and gone with whoever started them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest

from connectors.conformance.node import DECLARED, NodeServer, node, package, served
from connectors.conformance.world import NonconformingError

MOCK = NodeServer("stripe-stateful-mock", environment=(("PORT", "{port}"), ("LOG_LEVEL", "error")))
END_SECONDS_MAX = 10.0


def test_every_version_is_exact_and_no_registry_is_named():
    declared = json.loads((DECLARED / "package.json").read_text())["dependencies"]
    text = (DECLARED / "package-lock.json").read_text()
    lock = json.loads(text)["packages"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in declared.values())
    assert lock[""]["dependencies"] == declared
    packages = {name: about for name, about in lock.items() if name}
    assert all("integrity" in about and "resolved" not in about for about in packages.values())
    assert "://" not in text, "npm adds addresses of funding; take them out again"


@pytest.mark.slow
def test_a_server_is_started_once():
    assert served(MOCK) == served(MOCK)
    assert (package("emulate") / "package.json").is_file()


@pytest.mark.slow
def test_a_package_that_is_not_declared_is_told_how():
    with pytest.raises(NonconformingError, match=r"tests/node/package\.json"):
        package("left-pad")


@pytest.mark.slow
def test_a_server_that_does_not_start_says_what_it_said():
    with pytest.raises(NonconformingError, match="does not start"):
        served(NodeServer("emulate", arguments=("--service", "nothing-of-that-name")))


@pytest.mark.slow
def test_a_server_ends_with_a_process_that_was_killed():
    code = (
        "import time; from connectors.conformance.node import served, NodeServer; "
        f"print(served({MOCK!r}), flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(DECLARED.parents[1])},
    )
    address = parent.stdout.readline().strip()
    assert _answers(address)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + END_SECONDS_MAX
    while _answers(address):
        assert time.monotonic() < until, "the server outlived the process that started it"
        time.sleep(0.05)
    assert node().is_file()


def _answers(address):
    try:
        urlopen(address, timeout=2).close()
    except OSError as error:  # an answer of whatever status is an answer
        return hasattr(error, "code")
    return True
