"""Every connector is known without any vendor's SDK: what nobody uses costs nothing at a start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SDKS = (
    "atlassian", "boto3", "botocore", "github", "google.auth", "googleapiclient", "httpx", "httpx2",
    "hvac", "keyring", "mcp", "requests", "simple_salesforce", "stripe",
)  # fmt: skip
LOADING = f"""
import sys
from connectors import registry
from connectors.declared.kinds import kind, kinds
known = [*registry.operations(), *registry.finders(), *map(kind, kinds())]
assert len(known) > 40, known
print(*[name for name in {SDKS!r} if name in sys.modules])
"""


def test_no_sdk_is_imported_before_a_session_is_opened() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", LOADING]
    loaded = subprocess.check_output(command, cwd=root, text=True, timeout=60)
    assert loaded.split() == []
