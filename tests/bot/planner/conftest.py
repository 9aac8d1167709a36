"""The shipped workflows and a fixed desk, as the planner's tests use them."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from policies.workflow import Workflow

sys.path.insert(0, str(Path(__file__).parent))

FOLDER = Path(__file__).parents[3] / "policies" / "bundles" / "desk" / "workflows"


@cache
def load_workflows() -> tuple[Workflow, ...]:
    trees = [
        yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
        for name in ("refund", "cancel-order", "change-address")
    ]
    return tuple(Workflow.model_validate_json(json.dumps(tree)) for tree in trees)


@pytest.fixture(scope="session")
def workflows() -> tuple[Workflow, ...]:
    return load_workflows()
