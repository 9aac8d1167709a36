"""Files of a commit come out of git's objects, and nothing that a repository configures runs."""

import os
import subprocess
from pathlib import Path

import pytest

from evals.errors import ArtefactError
from evals.running.commits import Repository
from tests.evals.repository import QUIET

PROGRAMS = (
    "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "gpg.program",
    "diff.external", "diff.x.textconv", "filter.x.smudge", "filter.x.clean",
)  # fmt: skip


class Made:
    """A repository with one folder, `prompts`, of two commits; the second one is tagged v1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prompts = folder / "prompts"
        self.prompts.mkdir()
        self.git("init", "-q", "-b", "main")
        (self.prompts / "planner.md").write_text("first\n")
        (self.prompts / "old.md").write_text("gone later\n")
        self.first = self.commit()
        (self.prompts / "planner.md").write_text("second\n")
        (self.prompts / "old.md").unlink()
        (self.prompts / "new.md").write_text("new\n")
        self.second = self.commit()
        self.git("tag", "-a", "v1", "-m", "one")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            capture_output=True, check=True, text=True, timeout=20, env={**os.environ, **QUIET},
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def test_a_folder_is_what_it_was_and_nothing_that_came_later(made: Made) -> None:
    repository = Repository.of(made.prompts)
    files = repository.files(repository.commit(made.first[:8]), made.prompts)
    assert files == {"planner.md": b"first\n", "old.md": b"gone later\n"}
    assert set(repository.files(repository.tagged("v1"), made.prompts)) == {"planner.md", "new.md"}


@pytest.mark.parametrize(
    ("sha", "says"),
    [
        ("abc12", "at least 6"),
        ("", "at least 6"),
        ("HEAD~1", "is no sha"),
        ("--help", "is no sha"),
        ("ABCDEF1", "is no sha"),
        ("0000000", "has no commit 0000000"),
    ],
)
def test_what_is_no_sha_is_said_in_a_sentence(made: Made, sha: str, says: str) -> None:
    with pytest.raises(ArtefactError, match=says):
        Repository.of(made.prompts).commit(sha)


def test_a_branch_named_like_a_sha_is_not_meant(made: Made) -> None:
    made.git("branch", "abcdef1", made.second)
    with pytest.raises(ArtefactError, match="no commit abcdef1"):
        Repository.of(made.prompts).commit("abcdef1")


def test_a_file_is_no_commit_however_its_name_begins(made: Made) -> None:
    blob = made.git("rev-parse", "HEAD:prompts/new.md")
    with pytest.raises(ArtefactError, match="has no commit"):
        Repository.of(made.prompts).commit(blob)


@pytest.mark.parametrize("tag", ["v2", "../v1", "v1^{tree}", "-d", "v1@{0}", "a..b", ""])
def test_what_is_no_tag_is_said_in_a_sentence(made: Made, tag: str) -> None:
    with pytest.raises(ArtefactError, match="tag"):
        Repository.of(made.prompts).tagged(tag)


def test_a_folder_that_was_not_there_yet_is_said_so(made: Made) -> None:
    later = made.folder / "workflows"
    later.mkdir()
    with pytest.raises(ArtefactError, match="there was no workflows at"):
        Repository.of(made.folder).files(made.first, later)


def test_a_link_in_a_commit_is_not_followed(made: Made) -> None:
    (made.prompts / "link.md").symlink_to("/etc/hostname")
    sha = made.commit()
    with pytest.raises(ArtefactError, match=r"link\.md was no plain file"):
        Repository.of(made.prompts).files(sha, made.prompts)


def test_a_folder_outside_any_repository_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="is in no git repository"):
        Repository.of(tmp_path)


def test_nothing_that_a_repository_configures_runs(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    program.chmod(0o755)
    hooks = made.folder / ".git" / "hooks"
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor"):
        (hooks / hook).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (hooks / hook).chmod(0o755)
    for name in PROGRAMS:
        made.git("config", name, str(program))
    made.git("config", "log.showSignature", "true")
    (made.folder / ".git" / "info").mkdir(exist_ok=True)
    (made.folder / ".git" / "info" / "attributes").write_text("* filter=x diff=x\n")
    monkeypatch.setenv("GIT_DIR", "/nowhere")  # as a hook of another repository sets it
    ran.unlink(missing_ok=True)
    repository = Repository.of(made.prompts)
    commit = repository.commit(made.first[:8])
    assert repository.files(commit, made.prompts)["planner.md"] == b"first\n"
    assert repository.tagged("v1") == made.second
    assert not ran.exists()
    monkeypatch.delenv("GIT_DIR")
    made.git("checkout", "-q", "-f", made.first)
    assert ran.exists()  # they do run where somebody checks something out
