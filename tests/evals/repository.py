"""A git repository with the product in it and a small suite, for tests that name commits."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evals.running.arms import HERE
from evals.running.artefacts import CODE

AGENT_EVAL = Path(sys.executable).with_name("agent-eval")
SECONDS_MAX = 120
QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
}
SUITE = """\
suite: {name}
title: A few refunds
why: What a commit changed is seen in them.
bundle: desk
now: "2026-11-20T15:00:00Z"
requester: agent
channel: support-ops
people:
  agent: {{name: Dana Okafor, roles: [support]}}
  lead: {{name: Lee Park, roles: [support, support-leads]}}
  finance: {{name: Ann Weiss, roles: [finance-leads]}}
  outsider: {{name: Toni Reyes}}
slices:
{slices}
must_pass: [{must_pass}]
thresholds: "success_rate>=0.92"
"""


@dataclass(frozen=True)
class Repository:
    """The working tree is a copy of the product with one suite, `refunds_v3`, of the test's."""

    folder: Path

    @classmethod
    def make(
        cls, folder: Path, cases: str, slices: Mapping[str, str], must_pass: str = ""
    ) -> "Repository":
        """With everything committed once. `cases` is the text of a file of cases."""
        for each in CODE:
            shutil.copytree(HERE / each, folder / each, ignore=_left_out)
        suite = folder / "evals" / "suites" / "refunds_v3"
        suite.mkdir(parents=True)
        listed = "\n".join(f"  {name}: {why}" for name, why in slices.items())
        text = SUITE.format(name="refunds_v3", slices=listed, must_pass=must_pass)
        (suite / "suite.yml").write_text(text)
        (suite / "cases.yml").write_text(cases)
        (folder / ".gitignore").write_text("__pycache__\nstate\n")
        made = cls(folder)
        made.git("init", "-q", "-b", "main")
        made.commit()
        return made

    @property
    def bundle(self) -> Path:
        return self.folder / "policies" / "bundles" / "desk"

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            capture_output=True,
            check=True,
            text=True,
            timeout=SECONDS_MAX,
            env={**os.environ, **QUIET},
        )
        return done.stdout.strip()

    def commit(self) -> str:
        """Everything as it stands; the sha."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "Change something")
        return self.git("rev-parse", "HEAD")

    def changed(self, name: str, change: Callable[[str], str]) -> str:
        """The sha of a commit with one file changed; the working tree is put back as it was."""
        path = self.folder / name
        text = path.read_text()
        assert change(text) != text, f"nothing changes in {name}"
        path.write_text(change(text))
        sha = self.commit()
        path.write_text(text)
        self.commit()
        return sha

    def agent_eval(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """The command as people call it, with the code of this repository."""
        return subprocess.run(
            [str(AGENT_EVAL), *arguments],
            capture_output=True,
            check=False,
            text=True,
            timeout=SECONDS_MAX,
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "PYTHONPATH": str(self.folder),
                **settings,
            },
        )


def _left_out(folder: str, names: list[str]) -> list[str]:
    """The shipped suites and baselines: the test has its own."""
    if Path(folder).name in {"suites", "baselines"} and Path(folder).parent.name == "evals":
        return names
    return []
