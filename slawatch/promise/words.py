"""Numbers, units and names of days, German and English, in folded spelling (reading.fold). Words only."""

from __future__ import annotations

from collections.abc import Iterable

_UNITS_DE = ("ein", "zwei", "drei", "vier", "fuenf", "sechs", "sieben", "acht", "neun")
_TENS_DE = {
    20: "zwanzig",
    30: "dreissig",
    40: "vierzig",
    50: "fuenfzig",
    60: "sechzig",
    70: "siebzig",
    80: "achtzig",
    90: "neunzig",
}
_UNITS_EN = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TENS_EN = {
    20: "twenty",
    30: "thirty",
    40: "forty",
    50: "fifty",
    60: "sixty",
    70: "seventy",
    80: "eighty",
    90: "ninety",
}
_MORE_DE = {
    "zehn": 10,
    "elf": 11,
    "zwoelf": 12,
    "dreizehn": 13,
    "vierzehn": 14,
    "fuenfzehn": 15,
    "sechzehn": 16,
    "siebzehn": 17,
    "achtzehn": 18,
    "neunzehn": 19,
}
_MORE_EN = {
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_PARTS = {
    "halbe": 0.5,
    "halben": 0.5,
    "halber": 0.5,
    "halbes": 0.5,
    "einer halben": 0.5,
    "eine halbe": 0.5,
    "einem halben": 0.5,
    "eines halben": 0.5,
    "half an": 0.5,
    "half a": 0.5,
    "anderthalb": 1.5,
    "eineinhalb": 1.5,
    "einundeinhalb": 1.5,
    "zweieinhalb": 2.5,
    "dreieinhalb": 3.5,
    "one and a half": 1.5,
    "two and a half": 2.5,
}
_CASES_DE = {
    "eine": 1,
    "einen": 1,
    "einem": 1,
    "einer": 1,
    "eines": 1,
    "eins": 1,
    "zwo": 2,
    "zweier": 2,
    "zweien": 2,
    "dreier": 3,
    "dreien": 3,
    "vieren": 4,
    "a": 1,
    "an": 1,
}

NUMBERS: dict[str, float] = {
    **{word: value for value, word in enumerate(_UNITS_DE, 1)},
    **{word: value for value, word in enumerate(_UNITS_EN, 1)},
    **_MORE_DE,
    **_MORE_EN,
    **{word: value for value, word in _TENS_DE.items()},
    **{word: value for value, word in _TENS_EN.items()},
    **{f"{unit}und{ten}": n + more for n, ten in _TENS_DE.items() for more, unit in enumerate(_UNITS_DE, 1)},
    **{
        f"{ten}{dash}{unit}": n + m
        for n, ten in _TENS_EN.items()
        for m, unit in enumerate(_UNITS_EN, 1)
        for dash in "- "
    },
    **_PARTS,
    **_CASES_DE,
}

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jaenner january jan",
            "februar feber february feb",
            "maerz march mrz mar",
            "april apr",
            "mai may",
            "juni june jun",
            "juli july jul",
            "august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "dezember december dez dec",
        ),
        1,
    )
    for name in names.split()
}

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "montag monday mon",
            "dienstag tuesday tues tue",
            "mittwoch wednesday wed",
            "donnerstag thursday thurs thur thu",
            "freitag friday fri",
            "samstag sonnabend saturday sat",
            "sonntag sunday sun",
        )
    )
    for name in names.split()
}


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for one of the words, the longest first."""
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"
