"""When a company says it is there, and how much of that time lies between two instants, exact to the microsecond.

Pure: what is a public holiday is told by the caller, and nothing here knows what the time is used for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from slawatch.clock import from_micros, require_aware, to_micros
from slawatch.model import ZERO

DAY = 86400
MICROS = 10**6
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
BUSINESS = 5  # Monday to Friday; whoever opens on a Saturday, too, is given the longer time for "two business days"
SEARCHED_YEARS = 100  # how far ahead of an instant so much service time is looked for

# No zone ever changed its offset twice within 6 days (IANA data 2026f, the least is 167 h: Recife in October 2000), so
# that looking once a day sees every change.
_STEP = DAY

Openings: TypeAlias = tuple[tuple[int, int], ...]
"""From and until when a day is open, in seconds after its local midnight; an end past 86400 lies on the next day."""

Public: TypeAlias = Callable[[int], Mapping[date, str]]
"""The public holidays of a year, with their names."""


def _none(_year: int) -> Mapping[date, str]:
    """Know no public holidays."""
    return {}


class Occasion(NamedTuple):
    """A day of one year, or of every year where `year` is None."""

    month: int
    day: int
    year: int | None = None
    name: str = ""

    def falls_on(self, day: date) -> bool:
        """Whether it is this day."""
        return (self.month, self.day) == (day.month, day.day) and self.year in (None, day.year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The public holidays of a country and region, more of their own, and those on which they are there all the same.

    `categories` are the sorts of holidays of that country's calendar that count. `remove_named` holds names, in the
    country's language or in English, which come off in every year.
    """

    country: str = ""
    region: str = ""
    categories: tuple[str, ...] = ("public",)
    add: tuple[Occasion, ...] = ()
    remove: tuple[Occasion, ...] = ()
    remove_named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHours:
    """When somebody is there: by weekday from Monday, on days of their own, and on no holiday.

    `weekly` is None where nothing is said, and then they are taken to be there all the time, as they are with
    `always`. `special` holds for its days whatever the weekday and be it a holiday; of two for one day the one with
    a year counts.
    """

    weekly: tuple[Openings, ...] | None = None
    always: bool = False
    special: tuple[tuple[Occasion, Openings], ...] = ()
    holidays: Holidays | None = None

    @property
    def stated(self) -> bool:
        """Whether anything is said of their hours; only then is a wait also counted in them."""
        return self.always or self.weekly is not None

    def at_most(self, length: timedelta) -> timedelta:
        """Return a length of service time that is not exceeded within any time of this length, but for special days."""
        if self.weekly is None:
            return length
        week = timedelta(seconds=sum(end - start for day in self.weekly for start, end in day))
        return min(length, week * -(-length // timedelta(weeks=1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time that is all open or all closed. `why` is "hours", "closed" or "holiday", `name` that one's."""

    since: datetime
    until: datetime
    open: bool
    why: str
    name: str = ""

    @property
    def length(self) -> timedelta:
        """How long it lasts by the clock."""
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class _Year:
    """What is open in one year of UTC: starts, ends and the sum of all before each, in microseconds since 1970."""

    starts: list[int]
    ends: list[int]
    sums: list[int]
    total: int

    def before(self, at: int) -> int:
        """Return how much of this year before `at` is open."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0
        return self.sums[index] + min(at, self.ends[index]) - self.starts[index]


class Calendar:
    """Counts in service hours, by what the clock on the company's wall shows.

    An instant is open where that clock then shows a time that is open, on the day to which it belongs. So an opening
    that begins in the hour skipped in spring begins with the first instant after it, and one that ends in the hour
    repeated in autumn is open in both its passings up to that time. "22:00-06:00" belongs to the day it starts on.
    A day that the zone skipped (Apia, 2011-12-30) has no time at all.
    """

    def __init__(self, hours: ServiceHours, zone: str, public: Public = _none) -> None:
        self.hours = hours
        self.zone = zone
        self._tz = ZoneInfo(zone)
        self._public = public
        self._years: dict[int, _Year] = {}
        self._closed: dict[int, dict[date, str]] = {}

    @property
    def round_the_clock(self) -> bool:
        """Whether every instant is open."""
        return self.hours.always or self.hours.weekly is None

    def open_time(self, since: datetime, until: datetime) -> timedelta:
        """Return how much service time lies between two instants; none where the second is not the later one."""
        # Two times of one zone are compared and subtracted by the wall's clock, as if no hour were skipped or repeated.
        since, until = require_aware(since), require_aware(until)
        if until <= since:
            return ZERO
        if self.round_the_clock:
            return until - since
        first, last = since.year, until.year
        between = sum(self._year(year).total for year in range(first, last))
        return timedelta(
            microseconds=between
            + self._year(last).before(to_micros(until))
            - self._year(first).before(to_micros(since))
        )

    def open_at(self, instant: datetime) -> bool:
        """Whether somebody is there at this instant; the end of an opening is no longer part of it."""
        if self.round_the_clock:
            return True
        at = to_micros(instant)
        year = self._year(from_micros(at).year)
        index = bisect_right(year.starts, at) - 1
        return index >= 0 and at < year.ends[index]

    def after(self, since: datetime, open_time: timedelta) -> datetime:
        """Return the first instant by which so much service time has passed; `since` itself for none.

        Raises:
            ValueError: 100 years do not hold so much.
        """
        since = require_aware(since)
        if open_time <= ZERO:
            return since
        if self.round_the_clock:
            return since + open_time
        left = open_time // timedelta(microseconds=1) + self._year(since.year).before(to_micros(since))
        for number in range(since.year, since.year + SEARCHED_YEARS):
            year = self._year(number)
            if left <= year.total:
                index = bisect_right(year.sums, left - 1) - 1
                return from_micros(year.starts[index] + left - year.sums[index])
            left -= year.total
        raise ValueError(f'"{open_time}" of service time do not pass within {SEARCHED_YEARS} years')

    def spans(self, since: datetime, until: datetime) -> tuple[Span, ...]:
        """Return what lies between two instants as open and closed stretches without a gap, in order of time.

        A closed stretch ends where a holiday begins or ends that takes hours away; the open ones' lengths add up to
        `open_time`.
        """
        since, until = require_aware(since), require_aware(until)
        if until <= since:
            return ()
        if self.round_the_clock:
            return (Span(since=since, until=until, open=True, why="hours"),)
        found: list[Span] = []
        at = since
        for start, end in self._open_between(since, until):
            found.extend(self._closed_spans(at, start))
            found.append(Span(since=start, until=end, open=True, why="hours"))
            at = end
        found.extend(self._closed_spans(at, until))
        return tuple(found)

    def is_business_day(self, day: date) -> bool:
        """Whether it counts in "within two business days": Monday to Friday, with hours, and no holiday."""
        if day.weekday() >= BUSINESS:
            return False
        if self.round_the_clock:
            return not self.holiday(day)
        return bool(self.openings(day))

    def end_of_business_day(self, since: datetime, days: int) -> datetime:
        """Return when the given number of business days after the day of `since` is over; 0 means that day itself.

        A day is over at local midnight or, where its hours reach beyond, with them. Where the day of `since` is no
        business day, 0 means the next that is one.

        Raises:
            ValueError: 100 years do not hold so many.
        """
        day = since.astimezone(self._tz).date()
        last = day.replace(year=day.year + SEARCHED_YEARS, day=min(day.day, 28))
        left = days
        if left > 0 or not self.is_business_day(day):
            left = max(left, 1)
            while left:
                day += timedelta(days=1)
                if day > last:
                    raise ValueError(f'"{days}" business days do not pass within {SEARCHED_YEARS} years')
                left -= self.is_business_day(day)
        late = 0 if self.round_the_clock else max((end for _, end in self.openings(day)), default=0)
        return self.wall(day, max(late, DAY))

    def wall(self, day: date, seconds: int) -> datetime:
        """Return when the clock on the wall shows so many seconds after midnight of the day, the later of two times.

        A time that is skipped is the instant of the change: what lasts until then lasts no longer.
        """
        local = datetime.combine(day, time()) + timedelta(seconds=seconds)
        # PEP 495: of a repeated time fold chooses the first or the second; of a skipped one it gives instants on both
        # sides of the change, the other way round.
        first, second = (local.replace(tzinfo=self._tz, fold=fold).astimezone(UTC) for fold in (0, 1))
        return second if first <= second else _instant(self._change(_seconds(second), _seconds(first)))

    def holiday(self, day: date) -> str:
        """Return the name of the holiday, "" where it is none."""
        return self._closed_days(day.year).get(day, "")

    def openings(self, day: date) -> Openings:
        """Return the hours of a day, those of a holiday included: usually none. Only where hours are stated by week."""
        special = self._special(day)
        if special is not None:
            return special
        if self.hours.weekly is None or day in self._closed_days(day.year):
            return ()
        return self.hours.weekly[day.weekday()]

    def _special(self, day: date) -> Openings | None:
        """Return the hours said for this very day, None where none are."""
        fitting = [(occasion.year is not None, openings) for occasion, openings in self._occasions(day)]
        return max(fitting)[1] if fitting else None

    def _occasions(self, day: date) -> Iterator[tuple[Occasion, Openings]]:
        return ((occasion, openings) for occasion, openings in self.hours.special if occasion.falls_on(day))

    def _closed_days(self, year: int) -> dict[date, str]:
        """Return the holidays of a year, the company's own among them."""
        if year not in self._closed:
            self._closed[year] = self._holidays_of(year, self.hours.holidays)
        return self._closed[year]

    def _holidays_of(self, year: int, holidays: Holidays | None) -> dict[date, str]:
        if holidays is None:
            return {}
        found = {
            day: name
            for day, name in self._public(year).items()
            if not any(one.falls_on(day) for one in holidays.remove)
        }
        for one in holidays.add:
            if one.year in (None, year) and _exists(year, one):
                found[date(year, one.month, one.day)] = one.name or "holiday"
        return found

    def _year(self, number: int) -> _Year:
        """Return what is open in a year of UTC, made when it is first asked for."""
        if number not in self._years:
            starts, ends, sums, total = [], [], [], 0
            for start, end in _merged(self._pieces(_seconds(datetime(number, 1, 1, tzinfo=UTC)), _year_end(number))):
                starts.append(start * MICROS)
                ends.append(end * MICROS)
                sums.append(total)
                total += (end - start) * MICROS
            self._years[number] = _Year(starts, ends, sums, total)
        return self._years[number]

    def _pieces(self, since: int, until: int) -> Iterator[tuple[int, int]]:
        """Yield what is open between two instants, by offset and day; neighbours may touch or overlap."""
        for first, last, offset in self._offsets(since, until):
            # Where the offset stands still, the wall's clock and UTC differ by a number and days are 86400 s.
            for number in range((first + offset) // DAY - 1, (last + offset - 1) // DAY + 1):
                for start, end in self.openings(date.fromordinal(_EPOCH_DAY + number)):
                    piece = max(number * DAY + start - offset, first), min(number * DAY + end - offset, last)
                    if piece[0] < piece[1]:
                        yield piece

    def _offsets(self, since: int, until: int) -> Iterator[tuple[int, int, int]]:
        """Yield stretches of one offset from UTC: begin, end and the offset in seconds."""
        begin, offset = since, self._offset(since)
        for at in range(since, until, _STEP):
            end = min(at + _STEP, until)
            if self._offset(end) != offset:
                change = self._change(at, end)
                if change < until:
                    yield begin, change, offset
                    begin, offset = change, self._offset(change)
        yield begin, until, offset

    def _offset(self, at: int) -> int:
        """Return by how many seconds the wall's clock is ahead of UTC."""
        offset = datetime.fromtimestamp(at, self._tz).utcoffset()
        return int((offset or ZERO).total_seconds())

    def _change(self, before: int, after: int) -> int:
        """Return the first second with the offset that holds at `after`; another one holds `before`."""
        new = self._offset(after)
        while after - before > 1:
            middle = (before + after) // 2
            if self._offset(middle) == new:
                after = middle
            else:
                before = middle
        return after

    def _open_between(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the openings between two instants, cut to them; one over the new year is whole again."""
        first, last = to_micros(since), to_micros(until)
        pieces = (
            (max(start, first), min(end, last))
            for number in range(since.year, until.year + 1)
            for start, end in zip(self._year(number).starts, self._year(number).ends, strict=True)
            if start < last and end > first
        )
        return ((from_micros(start), from_micros(end)) for start, end in _merged(pieces))

    def _closed_spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """Yield a closed stretch in parts: holidays that took hours away by their names, the rest between them."""
        begin, name = since, ""
        at = since
        while at < until:
            named = self._missed(at.astimezone(self._tz).date())
            if named != name:
                if begin < at:
                    yield _closed_span(begin, at, name)
                begin, name = at, named
            at = self._next_day(at)
        if begin < until:
            yield _closed_span(begin, until, name)

    def _missed(self, day: date) -> str:
        """Return the name of the holiday but for which this day had hours."""
        weekly = self.hours.weekly or ()
        return self.holiday(day) if weekly and weekly[day.weekday()] and self._special(day) is None else ""

    def _next_day(self, instant: datetime) -> datetime:
        """Return the first instant after this one at which the wall's clock shows another day."""
        local = instant.astimezone(self._tz)
        seconds = _seconds(instant)
        passed = local.hour * 3600 + local.minute * 60 + local.second
        midnight = seconds + DAY - passed
        if self._offset(seconds) == self._offset(midnight):
            return _instant(midnight)
        change = _instant(self._change(seconds, midnight))
        return change if change.astimezone(self._tz).date() != local.date() else self._next_day(change)


_EPOCH_DAY = date(1970, 1, 1).toordinal()


def _closed_span(since: datetime, until: datetime, name: str) -> Span:
    return Span(since=since, until=until, open=False, why="holiday" if name else "closed", name=name)


def _merged(pieces: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return them in order of time, those that touch or overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _seconds(instant: datetime) -> int:
    return to_micros(instant) // MICROS


def _instant(seconds: int) -> datetime:
    return from_micros(seconds * MICROS)


def _year_end(number: int) -> int:
    return _seconds(datetime(number + 1, 1, 1, tzinfo=UTC))


def _exists(year: int, one: Occasion) -> bool:
    """Whether the year has that day: 29 February is not in every one."""
    try:
        date(year, one.month, one.day)
    except ValueError:
        return False
    return True
