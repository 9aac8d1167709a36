"""What the parts of bundle.yml say about each other and about the workflows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from policies import roles_references, spelling
from policies.document import Document, Path
from policies.findings import Finding
from policies.mentions import is_time_zone
from policies.settings_file import BundleFile

Problem = Callable[[Path, str], None]


def check(
    settings: BundleFile, source: Document, workflows: Collection[str], findings: list[Finding]
) -> None:
    """Names between the parts of bundle.yml, and its time zones."""

    def problem(path: Path, message: str) -> None:
        findings.append(source.finding(path, message))

    roles_references.check(settings, source, findings)
    channels: dict[str, str] = {}
    for name, channel in settings.channels.items():
        for index, channel_id in enumerate(channel.ids):
            is_first = channel.ids.index(channel_id) == index
            if channels.setdefault(channel_id, name) != name or not is_first:
                message = (
                    f"{channel_id} is also the channel {channels[channel_id]}"
                    if channels[channel_id] != name
                    else f"{channel_id} stands here twice; remove one"
                )
                problem(("channels", name, "ids", index), message)
        if channel.linked and len(channel.ids) == 1:
            message = f"{name} is linked and has one id; add the other place's, or leave it out"
            problem(("channels", name, "linked"), message)
        _zone(channel.time_zone, ("channels", name, "time_zone"), problem)
        for index, workflow in enumerate(channel.workflows):
            if workflow not in workflows:
                problem(("channels", name, "workflows", index), f"no workflow {workflow}")
    _zone(settings.digest.time_zone, ("digest", "time_zone"), problem)
    if settings.digest.channel not in settings.channels:
        known = ", ".join(settings.channels)
        problem(("digest", "channel"), f"no channel {settings.digest.channel}; there is {known}")
    for index, workflow in enumerate(settings.digest.workflows):
        if workflow not in workflows:
            problem(("digest", "workflows", index), f"no workflow {workflow}")
    for name, connection in settings.connections.items():
        if connection.environment not in settings.environments:
            message = f"{connection.environment} is not among the environments above"
            problem(("connections", name, "environment"), message)
        _variable(connection.address_env, ("connections", name, "address_env"), problem)
        scheme, _, named = (connection.secret or "").partition(":")
        if scheme == "env":
            _variable(named, ("connections", name, "secret"), problem)
    _connections(settings, workflows, problem)
    _accounts(settings, problem)


def _variable(name: str, path: Path, problem: Problem) -> None:
    """What is Assent's own is no connection's, and a misspelt setting would stop its start."""
    if name.startswith("ASSENT_") and not re.match(spelling.CONNECTION_VARIABLE, name):
        problem(path, f"{name} is no connection's; name one that ends in _ADDRESS or _SECRET")


def _accounts(settings: BundleFile, problem: Problem) -> None:
    """An account is of one environment: one that stands for two would be neither."""
    seen: dict[tuple[str, str], str] = {}
    for name, connection in settings.connections.items():
        account = (connection.connector, connection.account)
        other = settings.connections[seen.setdefault(account, name)]
        if other.environment != connection.environment:
            message = (
                f"{connection.account} is the {other.environment} account of {seen[account]} as"
                " well; an account is of one environment, name another one here"
            )
            problem(("connections", name, "account"), message)


def _connections(settings: BundleFile, workflows: Collection[str], problem: Problem) -> None:
    for name in sorted(set(workflows) - settings.workflows.keys()):
        problem(("workflows",), f"the workflow {name} names no connection")
    for name, connections in settings.workflows.items():
        if name not in workflows:
            problem(("workflows", name), f"no workflow {name}")
        if not connections:
            problem(("workflows", name), f"the workflow {name} names no connection")
        for index, connection in enumerate(connections):
            if connection not in settings.connections:
                problem(("workflows", name, index), f"no connection {connection}")


def _zone(name: str, path: Path, problem: Problem) -> None:
    if not is_time_zone(name):
        problem(path, f"{name!r} is not a time zone; use a name like Europe/Berlin")
