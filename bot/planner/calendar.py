"""What is said of a day becomes days of the calendar, seen from the day on which it was said. Pure.

Where people differ in how they would read it, every reading is given and none is sure.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

YEARLESS_DAYS_MAX = 270  # a day without a year that lies further ahead is asked about
COUNT_MAX = 366  # of days, weeks or months ahead
SUNDAY, FRIDAY = 7, 5

Unit = Literal["day", "week", "fortnight", "month", "year"]
Period = Literal["week", "month", "year"]
PERIODS: Mapping[Unit, Period] = {"week": "week", "month": "month", "year": "year"}


@dataclass(frozen=True)
class Meant:
    """The days that may be meant, nearest first; one that is sure, or some to ask about. `past` is
    one that is over."""

    days: tuple[date, ...] = ()
    is_sure: bool = False
    past: date | None = None


NOTHING = Meant()


@dataclass(frozen=True)
class Dated:
    """Written out: "30 November 2026", "2026-11-30"; the year and the weekday may be left out."""

    month: int
    day: int
    year: int | None = None
    weekday: int | None = None

    def meant(self, today: date) -> Meant:
        if self.year is not None:
            return self._checked(_date(self.year, self.month, self.day), today)
        years = range(today.year, today.year + 2)
        days = [d for y in years if (d := _date(y, self.month, self.day)) and d >= today]
        if not days:
            return NOTHING
        meant = self._checked(days[0], today)
        is_near = (days[0] - today).days <= YEARLESS_DAYS_MAX
        return meant if is_near else Meant(meant.days, past=meant.past)

    def _checked(self, day: date | None, today: date) -> Meant:
        if day is None or (self.weekday and day.isoweekday() != self.weekday):
            return NOTHING
        return Meant(past=day) if day < today else Meant((day,), is_sure=True)


@dataclass(frozen=True)
class Either:
    """Two readings of the same digits: "03/04/2026"."""

    one: Dated
    other: Dated

    def meant(self, today: date) -> Meant:
        both = self.one.meant(today), self.other.meant(today)
        days = tuple(sorted({day for each in both for day in each.days}))
        return Meant(days, past=next((each.past for each in both if each.past), None))


@dataclass(frozen=True)
class Unsure:
    """What is asked about before it is taken."""

    one: When

    def meant(self, today: date) -> Meant:
        found = self.one.meant(today)
        return Meant(found.days, past=found.past)


@dataclass(frozen=True)
class Weekday:
    """ "Friday", the next one; on a Friday it may be this one or that of the next week."""

    weekday: int
    is_next: bool = False

    def meant(self, today: date) -> Meant:
        ahead = (self.weekday - today.isoweekday()) % 7
        first = today + timedelta(days=ahead)
        is_sure = ahead > 0 and not self.is_next
        return Meant((first,), True) if is_sure else Meant((first, first + timedelta(days=7)))


@dataclass(frozen=True)
class Ahead:
    """So many days, weeks, months or years from the day on which it was said."""

    count: int
    unit: Unit

    def meant(self, today: date) -> Meant:
        if not 0 <= self.count <= COUNT_MAX:
            return NOTHING
        day = _ahead(today, self.count, self.unit)
        return NOTHING if day is None else Meant((day,), is_sure=True)


@dataclass(frozen=True)
class EndOf:
    """The end of this month, the next one, a named one, this week, this year."""

    unit: Period
    is_next: bool = False
    month: int | None = None
    year: int | None = None

    def meant(self, today: date) -> Meant:
        if self.unit == "week":
            days = [
                Weekday(weekday).meant(today).days[0] + timedelta(days=7 * self.is_next)
                for weekday in (FRIDAY, SUNDAY)
            ]
            return Meant(tuple(sorted(days)))
        if self.unit == "year":
            return _last(today.year + self.is_next, 12, today)
        if self.month is not None:
            is_over = self.month < today.month
            return _last(self.year or today.year + is_over, self.month, today)
        months = today.month + self.is_next
        return _last(today.year + (months - 1) // 12, (months - 1) % 12 + 1, today)


When = Dated | Either | Unsure | Weekday | Ahead | EndOf


def _last(year: int, month: int, today: date) -> Meant:
    """The last day of a month; on that very day it is asked which one is meant."""
    if not today.year <= year <= date.max.year:
        return NOTHING
    day = date(year, month, monthrange(year, month)[1])
    if day < today:
        return Meant(past=day)
    return Meant((day,), is_sure=day > today)


def _ahead(today: date, count: int, unit: Unit) -> date | None:
    days = {"day": 1, "week": 7, "fortnight": 14}
    try:
        if unit in days:
            return today + timedelta(days=count * days[unit])
        months = today.month - 1 + count * (12 if unit == "year" else 1)
        year, month = today.year + months // 12, months % 12 + 1
        return date(year, month, min(today.day, monthrange(year, month)[1]))
    except (ValueError, OverflowError):
        return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
