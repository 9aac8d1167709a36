"""A bundle over systems that run: the shipped one, with a connection to each of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.settings import BUNDLE_SHIPPED
from tests.bench.counterparts import Account


def bundle(folder: Path, accounts: Mapping[str, Account]) -> Mapping[str, str]:
    """Writes the bundle and returns the variables that its connections name."""
    shutil.copytree(BUNDLE_SHIPPED, folder)
    (folder / "systems").mkdir()
    lines: list[str] = ["connections:"]
    environ: dict[str, str] = {}
    for name, each in accounts.items():
        variable = f"BENCH_{name.upper()}"
        lines += [
            f"  {name.replace('_', '-')}-bench:",
            f"    connector: {name}",
            f"    environment: {each.environment}",
            f"    account: {json.dumps(each.account)}",
            f"    scopes: {json.dumps(list(each.scopes))}",
            f"    address_env: {variable}_ADDRESS",
            *([f"    secret: env:{variable}_SECRET"] if each.secret else []),
        ]
        environ |= {f"{variable}_ADDRESS": each.address, f"{variable}_SECRET": each.secret}
        for path, content in _declared(name).items():
            (folder / "systems" / path).write_text(json.dumps(content, indent=1))
    settings = (folder / "bundle.yml").read_text()
    settings = settings.replace("connections:\n", "\n".join(lines) + "\n", 1)
    (folder / "bundle.yml").write_text(settings)
    return environ


def _declared(name: str) -> Mapping[str, Any]:
    """The files that declare a system, none for a connector of our own. JSON is YAML as well."""
    if name == "crm":
        from connectors.sql import example as sql

        return {"crm.yml": _plain(sql.declaration("postgresql"))}
    if name == "accounts":
        from connectors.openapi import example as openapi
        from connectors.openapi.declaration import OpenapiDeclaration

        read = OpenapiDeclaration.model_validate(openapi.DECLARATION)
        return {"accounts.yml": _plain(read), "accounts.json": openapi.DOCUMENT}
    if name == "notes":
        from connectors.mcp import example as mcp

        return {"notes.yml": _plain(mcp.declaration())}
    return {}


def _plain(declaration: Any) -> Mapping[str, Any]:
    """With its first operation alone: what many take is the bundle's matter."""
    said: dict[str, Any] = declaration.model_dump(mode="json", exclude_defaults=True)
    first = next(iter(said["operations"]))
    return {**said, "operations": {first: said["operations"][first]}}
