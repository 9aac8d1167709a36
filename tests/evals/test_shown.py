"""How figures are printed."""

import pytest

from evals.reports.shown import beside_text, delta_text, figure_text, percent_text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.94, "rate", "0.94"),
        (0.008, "rate", "0.008"),
        (1.0, "rate", "1.00"),
        (0.0, "rate", "0.00"),
        (0.9999, "rate", "0.9999"),
        (0.0001, "rate", "0.0001"),
        (0.123456, "rate", "0.123"),
        (0.16, "usd", "$0.16"),
        (0.163, "usd", "$0.163"),
        (0.0042, "usd", "$0.0042"),
        (0.00001, "usd", "$0.00001"),
        (0.0, "usd", "$0.00"),
        (12.5, "usd", "$12.50"),
        (7, "count", "7"),
        (7.25, "count", "7.25"),
        (1_234.4, "milliseconds", "1,234 ms"),
    ],
)
def test_a_figure_has_as_many_decimals_as_it_needs(value: float, unit: str, text: str) -> None:
    assert figure_text(value, unit) == text


def test_a_figure_beside_the_limit_that_it_misses_is_told_apart_from_it() -> None:
    assert beside_text(0.9199999, 0.92, "rate") != "0.92"
    assert beside_text(0.89, 0.92, "rate") == "0.89"


def test_percentages_are_rounded_to_the_careful_side() -> None:
    assert percent_text(0.00994) == "1.0%"
    assert percent_text(0.0101) == "1.1%"
    assert percent_text(0.9539, is_floor=True) == "95.3%"
    assert percent_text(0.08) == "8.0%"


def test_a_delta_has_its_sign() -> None:
    assert [delta_text(value) for value in (0.03, -0.125, 0.0)] == ["+0.03", "-0.125", "+0.00"]
