"""Names of new connectors and workflows: spelt as the code needs them, and nobody else's yet."""

from __future__ import annotations

import keyword
import re

import connectors
from bot.errors import CommandError
from connectors import registry
from policies.spelling import NAME

CONNECTOR_CHARACTERS_MAX = 20  # the scaffold's lines are written for it
WORKFLOW_CHARACTERS_MAX = 40

_CONNECTOR = re.compile(r"[a-z]+(_[a-z]+)*")
# Their variables are settings of Assent itself, see bot/settings.py; tests are no product.
_RESERVED = frozenset({"slack", "teams", "anthropic", "test", "tests", "bench"})
_SHOWN_CHARACTERS = 60


def checked_connector(name: str) -> str:
    """The name of a new connector. Raises CommandError that says what is wrong with it."""
    if not _CONNECTOR.fullmatch(name) or not 2 <= len(name) <= CONNECTOR_CHARACTERS_MAX:
        raise CommandError(
            f"{_shown(name)} cannot be the name of a connector: it is a folder and begins the names"
            f" of its operations; take 2 to {CONNECTOR_CHARACTERS_MAX} small letters, words joined"
            " by _, as acme or acme_crm."
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise CommandError(f"{name} is a word of Python's own; take another name.")
    if name in _RESERVED or name.split("_", maxsplit=1)[0] in _RESERVED:
        raise CommandError(f"{name} begins names that Assent uses itself; take another name.")
    if name in registry.connector_names():
        raise CommandError(
            f"There is a connector {name} already ({registry.package(name).replace('.', '/')}/);"
            " take another name, or add an operation to it: one file beside its others."
        )
    if _is_ours(name):
        raise CommandError(f"connectors/{name} is a part of Assent itself; take another name.")
    return name


def checked_operations(names: tuple[str, ...]) -> None:
    """Raises CommandError where an installed connector has one of these."""
    for name in names:
        if registry.is_taken(name):
            raise CommandError(f"There is {name} already; take another name for the connector.")


def checked_workflow(name: str) -> str:
    """The name of a new workflow as bundles spell it. Raises CommandError."""
    is_spelt = re.fullmatch(NAME, name) and not name.endswith(("-", "_"))
    if not is_spelt or len(name) > WORKFLOW_CHARACTERS_MAX:
        raise CommandError(
            f"{_shown(name)} cannot be the name of a workflow; take up to"
            f" {WORKFLOW_CHARACTERS_MAX} small letters and digits, words joined by -, as"
            " close-ticket."
        )
    return name


def _is_ours(name: str) -> bool:
    """Whether connectors/ has a module or a folder of that name that is no connector."""
    from importlib.util import find_spec

    return find_spec(f"{connectors.__name__}.{name}") is not None


def _shown(name: str) -> str:
    return ascii(name[:_SHOWN_CHARACTERS])
