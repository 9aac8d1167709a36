"""Words that leave out what stands behind them: "but not checkout-worker", "anybody but payments".
What is left out is not chosen, and whoever names something else beside it is asked. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.planner import vocabulary as v

OR = v.word_set("or oder o ou / either entweder")
_SMALL = v.word_set(
    "the a an to for of on in at with as by from into onto be being is one der die das den dem zu "
    "an fur von el la los las al le les du de"
)
_HEADS = v.word_set(
    "not never nor neither except excepting excluding instead apart aside without isnt wasnt arent "
    "werent doesnt didnt hasnt havent nicht nie ausser ausgenommen statt anstatt ohne kein keine "
    "keinen nunca jamais excepto salvo sauf pas"
)
_ALL = v.word_set(
    "all any anybody anyone anything everybody everyone everything nobody none nothing every each "
    "alle alles jeder jede jedes todo todos todas tout tous toutes"
)
_COMPARED = v.word_set("other rather sooner else different")
_ALL_REACH = 3  # words between "any" and "but": "any of the teams but"


def is_left_out(
    folds: Sequence[str],
    place: int,
    heads: Collection[str] = (),
    skipped: Collection[str] = (),
) -> bool:
    """Whether what begins at a place is left out by the words before it. `heads` are more words
    that do so, `skipped` small words that may stand between."""
    at = place - 1
    while at >= 0 and (folds[at] in _SMALL or folds[at] in skipped) and folds[at] not in heads:
        at -= 1
    if at < 0:
        return False
    word = folds[at]
    if word == "but":
        return any(before in _ALL for before in folds[max(0, at - 1 - _ALL_REACH) : at])
    if word == "than":
        return at > 0 and folds[at - 1] in _COMPARED
    return word in _HEADS or word in heads or word.endswith("n't")
