"""A fresh desk for each test."""

from __future__ import annotations

import pytest

from connectors import registry
from connectors.desk.conformance import WORLD
from connectors.desk.embedded import credential


@pytest.fixture
def address(tmp_path):
    return WORLD.fresh(tmp_path)


@pytest.fixture
def open_as(address):
    """Opens a session as one of the desk's accounts."""
    return lambda account: registry.connector("desk").open(credential(address, account))


@pytest.fixture
def refund():
    return registry.operation("payments.refund")[1]
