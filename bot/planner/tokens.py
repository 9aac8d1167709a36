"""A message as tokens: words, numbers, amounts with their currency, references, marks.

One left-to-right scan without backtracking. Whatever holds a digit and is not plainly one of these
becomes a "code" or, beside a currency, "unclear": never half a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from bot.planner.currencies import GLUED, NOT_MONEY, PREFIXES, SYMBOLS, WORDS
from bot.planner.normalise import HIDDEN
from bot.planner.vocabulary import fold

# integer: digits alone. decimal: digits with separators. money: either with a currency.
# unclear: a currency beside what cannot be read as one number. hidden: holds an unseen character.
Kind = Literal[
    "word", "integer", "decimal", "money", "unclear", "reference", "code", "hidden", "mark", "break"
]

_CHUNK = re.compile(r"\n|(?:[^\s,;!?()\[\]{}\"“”„«»…—–|<>=]|(?<=\d),(?=[\d-]))+|\S")
_LABELLED = re.compile(r"([^\W\d_]+):(.+)", re.S)
_NUMBERED = re.compile(r"([^\W\d_]*)([#№].*)", re.S)
_NUMBER = re.compile(r"\d+(?:[.,'’]\d+)*")
_AMOUNT = re.compile(
    r"(?P<sign>[-−+~≈]?)(?P<before>[^\W\d_]{0,4}[^\w\s.,'’+~≈−-]?)(?P<sign2>[-−+]?)"
    r"(?P<digits>\d+(?:[.,'’]\d+)*)(?:[.,]?-)?(?P<after>[^\W\d_]{0,6}|[^\w\s])"
)
_GROUP = re.compile(r"\d{3}(?:[.,]\d+)?")


@dataclass(frozen=True)
class Token:
    """One token. `digits` is a number as written, `currencies` what its marks may mean.

    `currencies` None: no mark; empty: a currency that Assent does not handle, or marks at odds.
    `start` and `end` are its place in the text.
    """

    kind: Kind
    text: str
    start: int
    end: int
    digits: str = ""
    currencies: frozenset[str] | None = None
    is_negative: bool = False
    is_hedged: bool = False

    @cached_property
    def fold(self) -> str:
        return fold(self.text)


def tokenize(text: str) -> tuple[Token, ...]:
    """The tokens of a text that was heard."""
    tokens = [token for chunk in _CHUNK.finditer(text) for token in _split(chunk[0], chunk.start())]
    return tuple(_with_spaces(tokens))


def _split(chunk: str, start: int) -> Iterator[Token]:
    """Take the wrapping of a chunk apart: emphasis, a label, trailing punctuation."""
    if chunk == "\n":
        yield Token("break", chunk, start, start + 1)
        return
    body = chunk.lstrip("*_'‘’.:/&")
    start += len(chunk) - len(body)
    bare = body.rstrip("*_'‘’:.&")
    tail = body[len(bare) :]
    if not bare:
        yield Token("mark", chunk[0], start, start + 1)
        return
    if labelled := _LABELLED.fullmatch(bare):
        yield _token(labelled[1], start)
        yield Token("mark", ":", start + labelled.end(1), start + labelled.end(1) + 1)
        yield from _split(labelled[2], start + labelled.start(2))
    elif (numbered := _NUMBERED.fullmatch(bare)) and numbered[1]:
        yield _token(numbered[1], start)
        yield _token(numbered[2], start + numbered.start(2))
    else:
        if bare.endswith("-") and not bare[:-1].endswith((".", ",")):
            bare, tail = bare.rstrip("-") or bare, "-"
        owner = bare[:-2] if bare.endswith(("'s", "’s")) and len(bare) > 2 else bare
        yield _token(owner, start)
    if mark := next((c for c in tail if c in ".:-"), ""):
        yield Token("mark", mark, start + len(bare), start + len(bare) + 1)


def _token(text: str, start: int) -> Token:
    end = start + len(text)
    if HIDDEN in text:
        return Token("hidden", text, start, end)
    if not any(c.isnumeric() for c in text):
        is_word = any(c.isalpha() for c in text)
        return Token("word" if is_word else "mark", text, start, end)
    if text[0] in "#№":
        return Token("reference", text, start, end, digits=text.lstrip("#№:"))
    if text.isdecimal() and text.isascii():
        return Token("integer", text, start, end, digits=text)
    if _NUMBER.fullmatch(text) and text.isascii():
        return Token("decimal", text, start, end, digits=text)
    return _amount(text, start)


def _amount(text: str, start: int) -> Token:
    end = start + len(text)
    match = _AMOUNT.fullmatch(text)
    marks = [m for m in (fold(match["before"]), fold(match["after"])) if m] if match else []
    if any(mark in NOT_MONEY for mark in marks):
        return Token("unclear", text, start, end)
    if match and all(mark in GLUED for mark in marks):
        currencies = _meet([GLUED[mark] for mark in marks])
        return Token(
            kind="money" if marks else "integer" if match["digits"].isdecimal() else "decimal",
            text=text,
            start=start,
            end=end,
            digits=match["digits"].replace("’", "'"),
            currencies=currencies,
            is_negative=any(sign in "-−" for sign in match["sign"] + match["sign2"]),
            is_hedged=match["sign"] in {"~", "≈"},
        )
    has_currency = any(symbol in text for symbol in SYMBOLS)
    return Token("unclear" if has_currency else "code", text, start, end)


def _meet(sets: list[frozenset[str]]) -> frozenset[str] | None:
    if not sets:
        return None
    return frozenset.intersection(*sets)


def _with_spaces(tokens: list[Token]) -> Iterator[Token]:
    """Put together what spaces keep apart: "1 234,56", "40 EUR", "USD 40", "US $40"."""
    index = 0
    while index < len(tokens):
        token, index = tokens[index], index + 1
        if token.kind in {"integer", "decimal", "money", "word", "mark"}:
            prefix = PREFIXES.get(token.fold)
            if prefix is not None and index < len(tokens) and _near(token, tokens[index]):
                token, index = _prefixed(token, prefix, tokens[index]), index + 1
        if token.kind in {"integer", "money", "decimal"} and token.digits:
            token, index = _grouped(token, tokens, index)
            token, index = _suffixed(token, tokens, index)
        yield token


def _near(left: Token, right: Token) -> bool:
    return right.start - left.end <= 1 and right.kind in {"integer", "decimal", "money"}


def _prefixed(mark: Token, prefix: frozenset[str], number: Token) -> Token:
    currencies = prefix if number.currencies is None else prefix & number.currencies
    return replace(
        number,
        kind="money",
        text=f"{mark.text} {number.text}",
        start=mark.start,
        currencies=currencies,
    )


def _grouped(token: Token, tokens: list[Token], index: int) -> tuple[Token, int]:
    """Thousands parted by single spaces, where the rest can be nothing else."""
    if not (token.digits.isdecimal() and len(token.digits) <= 3 and token.text[-1:].isdigit()):
        return token, index
    digits, end, at = token.digits, token.end, index
    while at < len(tokens) and tokens[at].start == end + 1 and _is_group(tokens[at]):
        digits, end, at = f"{digits} {tokens[at].digits}", tokens[at].end, at + 1
        if not tokens[at - 1].digits.isdecimal():
            break
    if at == index:
        return token, index
    last = tokens[at - 1]
    kind: Kind = "money" if "money" in {token.kind, last.kind} else "decimal"
    currencies = token.currencies if last.currencies is None else last.currencies
    text = f"{token.text} {' '.join(t.text for t in tokens[index:at])}"
    return replace(token, kind=kind, text=text, end=end, digits=digits, currencies=currencies), at


def _is_group(token: Token) -> bool:
    is_number = token.kind in {"integer", "decimal", "money"}
    return is_number and token.text[:1].isdigit() and _GROUP.fullmatch(token.digits) is not None


def _suffixed(token: Token, tokens: list[Token], index: int) -> tuple[Token, int]:
    """A currency behind the number ("40 EUR"), unless it begins the next amount."""
    for length in (2, 1):
        behind = tokens[index : index + length]
        name = " ".join(t.fold for t in behind)
        if len(behind) < length or name not in WORDS or behind[0].start - token.end > 1:
            continue
        after = tokens[index + length] if index + length < len(tokens) else None
        begins_next = (
            after is not None and _near(behind[-1], after) and token.currencies is not None
        )
        if begins_next or behind[-1].kind not in {"word", "mark"}:
            continue
        found = WORDS[name]
        currencies = found if token.currencies is None else found & token.currencies
        end = behind[-1].end
        text = f"{token.text} {' '.join(t.text for t in behind)}"
        if name in NOT_MONEY:
            return Token("unclear", text, token.start, end), index + length
        token = replace(token, kind="money", text=text, end=end, currencies=currencies)
        return token, index + length
    return token, index
