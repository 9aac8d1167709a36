"""A declared statement taken apart: one table, named columns, parameters and constants, no more.

sqlglot reads the text; whatever it finds beyond the few parts that are listed here is refused.
What runs later is not the text: SQLAlchemy writes a statement anew from these parts, so nothing
that was not understood can reach a database.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from connectors.sql.parts import Assigned, Condition, Constant, Given, Now, Parts, Raised

DIALECTS = {"postgresql": "postgres", "sqlite": "sqlite"}
INTEGER_DIGITS_MAX = 15


class StatementError(Exception):
    """A statement that is refused; the message is for the admin who wrote it."""


def take_apart(text: str, database: str) -> Parts:
    """The parts of one statement about one row. Raises StatementError for what may not stand in
    one."""
    tree = _parsed(text, DIALECTS[database])
    match tree:
        case exp.Select():
            _refuse_others(tree, {"expressions", "from_", "where"})
            table = _table(tree.args["from_"].this) if tree.args.get("from_") else ""
            reads = tuple(_column(each) for each in tree.expressions)
            return Parts("SELECT", table, _each_once(reads), {}, _where(tree))
        case exp.Update():
            _refuse_others(tree, {"this", "expressions", "where"})
            sets = dict(_each_pair_once(_assignment(each) for each in tree.expressions))
            return Parts("UPDATE", _table(tree.this), (), sets, _where(tree))
        case exp.Insert():
            return _insert(tree)
        case exp.Delete():
            _refuse_others(tree, {"this", "where"})
            return Parts("DELETE", _table(tree.this), (), {}, _where(tree))
    raise StatementError("is no SELECT, UPDATE, INSERT or DELETE")


def take_list_apart(text: str, database: str) -> Parts:
    """The parts of a SELECT of many rows: its WHERE may be left out, and it may sort them. Raises
    StatementError."""
    tree = _parsed(text, DIALECTS[database])
    if not isinstance(tree, exp.Select):
        raise StatementError("is no SELECT")
    _refuse_others(tree, {"expressions", "from_", "where", "order"})
    table = _table(tree.args["from_"].this) if tree.args.get("from_") else ""
    reads = _each_once(tuple(_column(each) for each in tree.expressions))
    where = _where(tree) if tree.args.get("where") else ()
    return Parts("SELECT", table, reads, {}, where, tuple(_sorted_by(tree)))


def _sorted_by(tree: exp.Expr) -> Iterator[tuple[str, bool]]:
    order = tree.args.get("order")
    for each in order.expressions if order is not None else ():
        if not isinstance(each, exp.Ordered) or each.args.get("with_fill"):
            raise StatementError(f"ORDER BY takes columns, not {_shown(each)}")
        yield _column(each.this), bool(each.args.get("desc"))


def _parsed(text: str, dialect: str) -> exp.Expr:
    try:
        found = [tree for tree in sqlglot.parse(text, dialect=dialect) if tree is not None]
    except (SqlglotError, RecursionError) as error:
        said = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise StatementError(f"cannot be read as SQL: {said}") from None
    if len(found) != 1:
        raise StatementError(f"holds {len(found)} statements; write one")
    if any(node.comments for node in found[0].walk()):
        raise StatementError("holds a comment; write it beside the statement, with #")
    return found[0]


def _insert(tree: exp.Insert) -> Parts:
    _refuse_others(tree, {"this", "expression"})
    schema, values = tree.this, tree.expression
    if not isinstance(schema, exp.Schema) or not isinstance(values, exp.Values):
        raise StatementError("an INSERT names its columns and one row: (id) VALUES (:id)")
    _refuse_others(schema, {"this", "expressions"})
    _refuse_others(values, {"expressions"})
    rows = values.expressions
    if len(rows) != 1 or not isinstance(rows[0], exp.Tuple):
        raise StatementError("an INSERT writes one row")
    names = [each.name for each in schema.expressions if isinstance(each, exp.Identifier)]
    if len(names) != len(schema.expressions) or len(names) != len(rows[0].expressions):
        raise StatementError("an INSERT has a value for each column that it names")
    pairs = zip(names, (_value(each) for each in rows[0].expressions), strict=True)
    return Parts("INSERT", _table(schema.this), (), dict(_each_pair_once(pairs)), ())


def _assignment(node: exp.Expr) -> tuple[str, Assigned]:
    if not isinstance(node, exp.EQ):
        raise StatementError(f"SET takes column = value, not {_shown(node)}")
    column = _column(node.this)
    value = node.expression
    if isinstance(value, exp.Add):
        is_itself = isinstance(value.this, exp.Column) and _column(value.this) == column
        by = _constant(value.expression)
        if not is_itself or by is None or type(by.value) is not int:
            raise StatementError(f"{column} may be raised by a number alone: {column} + 1")
        return column, Raised(by.value)
    return column, _value(value)


def _where(tree: exp.Expr) -> tuple[Condition, ...]:
    where = tree.args.get("where")
    if where is None:
        raise StatementError("has no WHERE; name the one row")
    return tuple(_conditions(where.this))


def _conditions(node: exp.Expr) -> Iterator[Condition]:
    if isinstance(node, exp.Paren):
        yield from _conditions(node.this)
    elif isinstance(node, exp.And):
        yield from _conditions(node.this)
        yield from _conditions(node.expression)
    elif isinstance(node, exp.EQ | exp.NullSafeEQ):
        value = _value(node.expression)
        if not isinstance(value, Given | Constant):
            raise StatementError(f"WHERE compares with a parameter or a constant: {_shown(node)}")
        yield Condition(_column(node.this), value, isinstance(node, exp.NullSafeEQ))
    elif isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        yield Condition(_column(node.this), Constant(None), True)
    else:
        raise StatementError(
            f"WHERE holds {_shown(node)}; it takes column = value, joined by AND"
            " (IS NOT DISTINCT FROM where the column may be empty)"
        )


def _value(node: exp.Expr) -> Given | Constant | Now:
    if isinstance(node, exp.Placeholder) and node.name:
        return Given(node.name)
    if isinstance(node, exp.CurrentTimestamp) and not node.this:
        return Now()
    found = _constant(node)
    if found is None:
        raise StatementError(
            f"{_shown(node)} is neither a parameter, a constant nor CURRENT_TIMESTAMP"
        )
    return found


def _constant(node: exp.Expr) -> Constant | None:
    match node:
        case exp.Null():
            return Constant(None)
        case exp.Boolean():
            return Constant(bool(node.this))
        case exp.Neg() if (found := _constant(node.this)) and type(found.value) is int:
            return Constant(-found.value)
        case exp.Literal() if node.is_string:
            return Constant(str(node.this))
        case exp.Literal() if node.this.isdecimal() and len(node.this) <= INTEGER_DIGITS_MAX:
            return Constant(int(node.this))
    return None


def _column(node: exp.Expr) -> str:
    if isinstance(node, exp.Column) and set(_said(node)) == {"this"} and not node.is_star:
        return str(node.name)
    raise StatementError(f"{_shown(node)} is no plain column")


def _table(node: exp.Expr) -> str:
    if not isinstance(node, exp.Table) or not set(_said(node)) <= {"this", "db"}:
        raise StatementError(f"{_shown(node)} is no plain table")
    if not isinstance(node.this, exp.Identifier):
        raise StatementError(f"{_shown(node)} is no plain table")
    return f"{node.db}.{node.name}" if node.db else str(node.name)


def _refuse_others(node: exp.Expr, known: set[str]) -> None:
    others = sorted(set(_said(node)) - known)
    if others:
        words = ", ".join(name.rstrip("_").replace("_", " ").upper() for name in others)
        raise StatementError(f"{words} may not stand in a declared statement")


def _said(node: exp.Expr) -> Iterator[str]:
    """The parts of a node that say anything."""
    return (name for name, value in node.args.items() if value not in (None, False, [], ""))


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise StatementError("names a column twice")
    return names


def _each_pair_once(
    pairs: Iterator[tuple[str, Assigned]],
) -> Iterator[tuple[str, Assigned]]:
    seen = set()
    for name, value in pairs:
        if name in seen:
            raise StatementError(f"sets {name} twice")
        seen.add(name)
        yield name, value


def _shown(node: exp.Expr) -> str:
    return repr(node.sql()[:80])
