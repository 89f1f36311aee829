"""Which days are public holidays where: the one room that loads the `holidays` library, and on use only (76 ms).

Decides nothing about anybody's service hours; hours.py does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

PUBLIC = "public"
ENGLISH = "en_US"  # the language that a calendar with more than one always has

# Where names of holidays are looked for: some are given in a few years only.
NAMED_FROM, NAMED_UNTIL = 2015, 2036


def countries() -> tuple[str, ...]:
    """Return the codes of the countries that are known (ISO 3166-1, two letters)."""
    import holidays  # noqa: PLC0415  whoever configures no holidays does not pay for it

    return tuple(sorted(holidays.list_supported_countries(include_aliases=False)))


def regions(country: str) -> Mapping[str, str]:
    """Return what a region of the country may be called, by its code or by name, with the code."""
    calendar = _calendar(country)
    return {code: code for code in calendar.subdivisions} | dict(calendar.subdivisions_aliases)


def categories(country: str) -> tuple[str, ...]:
    """Return which sorts of holidays the country's calendar tells apart, such as "public" and "catholic"."""
    return tuple(sorted(_calendar(country).supported_categories))


def of_year(
    country: str,
    region: str,
    sorts: Collection[str],
    year: int,
    *,
    lang: str = "en",
    without: Collection[str] = (),
) -> Mapping[date, str]:
    """Return the holidays of one year with their names, days off in lieu among them.

    The names are in `lang` where the calendar has it, else in English. Those named in `without`, in the country's own
    language or in English, are left out.
    """
    shown = _days(country, region, sorts, year, _language(country, lang))
    if not without:
        return shown
    known = [_days(country, region, sorts, year, named) for named in _known_by(country)]
    return {day: name for day, name in shown.items() if not any(_names(by.get(day, "")) & {*without} for by in known)}


def names(country: str, region: str, sorts: Collection[str]) -> frozenset[str]:
    """Return the names of the holidays there in the country's own language and in English, from 2015 to 2035."""
    return frozenset().union(
        *(
            _names(name)
            for year in range(NAMED_FROM, NAMED_UNTIL)
            for lang in _known_by(country)
            for name in _days(country, region, sorts, year, lang).values()
        )
    )


def _days(country: str, region: str, sorts: Collection[str], year: int, lang: str | None) -> dict[date, str]:
    calendar = _calendar(country, region=region or None, sorts=tuple(sorts), year=year, lang=lang)
    return {day: name for day, name in calendar.items() if day.year == year}


def _known_by(country: str) -> set[str | None]:
    """Return the languages in which a user may name a holiday: the country's own and English."""
    return {_calendar(country).default_language, _language(country, "en")}


def _names(joined: str) -> set[str]:
    """Return the names of holidays that fall on one day."""
    return {name for name in joined.split("; ") if name}


def _language(country: str, lang: str) -> str | None:
    """Return the calendar's own word for a language: it has "de" and "en_US". None where the library names none."""
    calendar = _calendar(country)
    known = sorted(calendar.supported_languages)
    fitting = next((one for one in known if one == lang or one.startswith(f"{lang}_")), None)
    return fitting or (ENGLISH if ENGLISH in known else calendar.default_language)


def _calendar(
    country: str,
    *,
    region: str | None = None,
    sorts: tuple[str, ...] = (PUBLIC,),
    year: int | None = None,
    lang: str | None = None,
) -> HolidayBase:
    import holidays  # noqa: PLC0415  whoever configures no holidays does not pay for it

    # Without a language the machine's own would choose the names.
    return holidays.country_holidays(country, subdiv=region, years=year, categories=sorts, language=lang)
