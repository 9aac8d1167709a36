"""The process that the killed ones are born from."""

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def nursery(tmp_path_factory):
    path = Path(__file__).parent / "nursery.py"
    spec = importlib.util.spec_from_file_location("assent_tests_nursery", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    nursery = module.Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.close()
