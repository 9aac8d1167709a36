"""No file names a machine, a home or a package index: a clone works anywhere, and says nothing of
where it was made."""

from __future__ import annotations

import getpass
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-play.lock")
PLACES = re.compile(r"(?<![\w./-])/(?:home|root|Users|work|workspace|mnt)/[\w.-]+")
INDEX = re.compile(r"--(?:index-url|extra-index-url|find-links|trusted-host)\b|https?://|file:/")


@pytest.fixture(scope="module")
def texts():
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    found = {}
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (data := path.read_bytes()):
            found[name] = data.decode()
    return found


def test_no_path_of_a_machine(texts):
    here = str(ROOT)
    found = {
        name: sorted({*PLACES.findall(text), *([here] if here in text else [])})
        for name, text in texts.items()
    }
    found.pop("tests/docs/test_tracked_files.py", None)
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_no_name_of_this_machine_or_account(texts):
    names = {name for name in (socket.gethostname(), getpass.getuser()) if len(name) > 5}
    found = [(file, name) for file, text in texts.items() for name in names if name in text]
    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_file_names_no_index_and_pins_every_line_by_hash(lock):
    text = (ROOT / lock).read_text()
    assert INDEX.findall(text) == []
    pins = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    lacking = [pin.split()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin]
    assert lacking == []


def test_every_pin_of_play_is_a_pin_of_test():
    pins = [set(re.findall(r"^([\w.-]+==\S+)", (ROOT / lock).read_text(), re.M)) for lock in LOCKS]
    assert pins[1] - pins[0] == set()
