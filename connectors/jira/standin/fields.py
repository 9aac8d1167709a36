"""What a screen's fields take: by their schema, strictly."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.jira.standin import seed
from connectors.jira.standin.documents import check_document
from connectors.jira.standin.refusing import RefusedError
from connectors.jira.standin.site import Issue, Site


def meta(site: Site, field: str, account_may: bool) -> dict[str, Any]:
    """A field as edit and create metadata describe it."""
    name, schema, is_required = seed.SCREEN[field]
    values = {"priority": seed.PRIORITIES, "customfield_10011": site.teams}.get(field)
    described: dict[str, Any] = {
        "name": name,
        "schema": schema,
        "required": is_required,
        "hasDefaultValue": False,
        "operations": ["set"],
        "key": field,
        "fieldId": field,
    }
    if values is not None and account_may:
        label = "name" if field == "priority" else "value"
        described["allowedValues"] = [{label: value} for value in values]
    return described


def stored(site: Site, field: str, value: Any) -> Any:
    """A value as it is kept. 400 where the field does not take it."""
    if field not in seed.SCREEN:
        why = f"Field '{field}' cannot be set. It is not on the appropriate screen, or unknown."
        raise RefusedError(400, errors={field: why})
    _, schema, is_required = seed.SCREEN[field]
    if value is None and not is_required:
        return [] if field == "labels" else None
    kind = schema.get("system") or schema["custom"].removeprefix(seed.CUSTOM)
    keep = {
        "summary": _line, "textfield": _line, "description": _document, "textarea": _document,
        "priority": _option, "select": _option, "labels": _labels, "assignee": _person,
        "duedate": _date, "datepicker": _date, "float": _number,
    }.get(kind)  # fmt: skip
    if keep is None:
        raise RefusedError(400, errors={field: "Specify a valid value."})
    return keep(site, field, value)


def shown(value: Any) -> str | None:
    """A value as a history shows it."""
    if isinstance(value, dict):
        return str(value.get("displayName") or value.get("name") or value.get("value") or "…")
    return None if value is None else str(value)


def set_all(site: Site, issue: Issue, values: Any) -> list[dict[str, Any]]:
    """Sets them all or none, and says what changed."""
    if not isinstance(values, dict):
        raise RefusedError(400, "The fields are no object.")
    kept = {field: stored(site, field, value) for field, value in values.items()}
    before = issue["fields"]
    items = [
        {"field": f, "fromString": shown(before[f]), "toString": shown(v)} for f, v in kept.items()
    ]
    issue["fields"].update(kept)
    return items


def properties(values: Any) -> dict[str, Any]:
    """Entity properties of a request: names and values within Jira's limits."""
    if not isinstance(values, list):
        raise RefusedError(400, "The properties are no list.")
    for each in values:
        is_one = isinstance(each, dict) and each.keys() == {"key", "value"}
        if not is_one or not 0 < len(str(each["key"])) <= 255 or len(str(each["value"])) > 32_768:
            raise RefusedError(400, "A property is not valid.")
    return {each["key"]: each["value"] for each in values}


def _refused(field: str, why: str) -> RefusedError:
    return RefusedError(400, errors={field: why})


def _line(_site: Site, field: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\n" in value or len(value) > 255:
        raise _refused(field, "The text is empty, not one line, or exceeds 255 characters.")
    return value.strip()


def _document(_site: Site, field: str, value: Any) -> Any:
    check_document(value, field)
    return value


def _option(site: Site, field: str, value: Any) -> Any:
    label, known = ("name", seed.PRIORITIES) if field == "priority" else ("value", site.teams)
    if not isinstance(value, dict) or value.keys() != {label} or value[label] not in known:
        raise _refused(field, f"Option '{value}' is not valid.")
    return value


def _labels(_site: Site, field: str, value: Any) -> Any:
    if not isinstance(value, list) or any(not isinstance(v, str) or " " in v for v in value):
        raise _refused(field, "The label contains spaces which is invalid.")
    return value


def _person(site: Site, field: str, value: Any) -> Any:
    account = value.get("accountId") if isinstance(value, dict) and len(value) == 1 else None
    if account not in (person["accountId"] for person in site.may_have()):
        raise _refused(field, f"User '{account}' cannot be assigned issues.")
    return site.people[str(account)]


def _date(_site: Site, field: str, value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (ValueError, TypeError):
        raise _refused(field, "Error parsing date string; use yyyy-MM-dd.") from None


def _number(_site: Site, field: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(field, "Specify a valid number.")
    return value
