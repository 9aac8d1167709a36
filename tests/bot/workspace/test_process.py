"""The workspace as a process: it announces itself, survives kill -9, stops on SIGTERM."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from bot.workspace.client import ClientError, WorkspaceClient
from bot.workspace.teams.client import TeamsClient

START_SECONDS = 10


def _start(state, *more):
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.workspace", "--state", str(state), *more],
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    assert line.startswith("workspace ready: http://127.0.0.1:")
    return process, line.split()[-1]


@pytest.mark.slow
def test_a_killed_workspace_continues_where_it_was(tmp_path):
    process, _ = _start(tmp_path)
    client = WorkspaceClient(tmp_path)
    try:
        client.say("remember me", "agent")
        before = json.loads((tmp_path / "workspace.json").read_text())
        assert before["pid"] == process.pid
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(START_SECONDS)
    with pytest.raises(ClientError, match="make play"):
        client.say("anybody?", "agent")
    process, page = _start(tmp_path)
    try:
        after = json.loads((tmp_path / "workspace.json").read_text())
        assert after["page_url"] == page
        assert after["url"] == before["url"]
        assert after["bot_token"] == before["bot_token"]
        assert "remember me" in client.channel("agent")
        assert client.control("status")["events_waiting"] == 1
    finally:
        began = time.monotonic()
        process.terminate()
        assert process.wait(START_SECONDS) == 0
        assert time.monotonic() - began < 3


@pytest.mark.slow
def test_a_taken_port_or_folder_is_said_plainly(tmp_path):
    process, page = _start(tmp_path / "one")
    port = page.split(":")[2].split("/")[0]
    try:
        second = subprocess.run(
            [
                sys.executable,
                "-m",
                "bot.workspace",
                "--state",
                str(tmp_path / "two"),
                "--port",
                port,
            ],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        assert second.returncode == 2
        assert f"port {port} on 127.0.0.1 is taken" in second.stderr
        third = subprocess.run(
            [sys.executable, "-m", "bot.workspace", "--state", str(tmp_path / "one")],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        assert third.returncode == 2
        assert "already runs" in third.stderr
    finally:
        process.terminate()
        process.wait(START_SECONDS)


@pytest.mark.slow
def test_a_killed_workspace_keeps_its_teams_side(tmp_path):
    on = ("--teams-messages-url", "http://127.0.0.1:9/api/messages")
    process, _ = _start(tmp_path, *on)
    client = TeamsClient(tmp_path)
    try:
        said = client.say("remember me", "agent")
        before = client.address()["teams"]
        waiting = client.control("status")["events_waiting"]
        assert waiting == 2 * 14 + 1  # the installations, and what was said
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(START_SECONDS)
    process, page = _start(tmp_path, *on)
    try:
        after = client.address()["teams"]
        assert {**after, "page_url": ""} == {**before, "page_url": ""}
        assert after["page_url"].startswith(page.replace("/?", "/teams?")[:30])
        assert client.messages("lead", "support-ops")[0]["id"] == said["id"]
        assert client.control("status")["events_waiting"] == waiting
        later = client.say("and me", "agent", thread=said["id"])
        assert later["id"] > said["id"]
    finally:
        process.terminate()
        assert process.wait(START_SECONDS) == 0


@pytest.mark.slow
def test_a_bot_elsewhere_is_refused_plainly(tmp_path):
    process = subprocess.run(
        [
            *(sys.executable, "-m", "bot.workspace", "--state", str(tmp_path)),
            *("--teams-messages-url", "https://evil.example/api/messages"),
        ],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert process.returncode == 2
    assert "on this machine" in process.stderr
