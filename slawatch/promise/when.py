"""The times a sentence names, German and English: amounts ("within 24 h") and dates ("by Thursday noon").

Pure. It does not ask whether anybody promises anything; sentence.py does. Sentences come folded (reading.fold).

What is unclear is read in the company's favour, as the later of what it may mean: the end of a range, Sunday for "this
week", the last day of a month. Without a number there is no amount: "a few days", "a couple of days", "soon" are none.
"""

from __future__ import annotations

from datetime import datetime

from slawatch.promise.amounts import amounts, ordinals
from slawatch.promise.days import SHORT_WEEKDAY, WEEKDAY, days
from slawatch.promise.named import Time, compiled, either

_ANY_WEEKDAY = rf"(?:{WEEKDAY}s?|(?:{SHORT_WEEKDAY}|mo|di|mi|do|fr|sa|so)\b\.?)"
_CLOCK = r"\d{1,2}(?:[:.]\d\d)? ?(?:uhr|[ap]\.?m\b\.?|h\b)?"
_NO_ENDS = either(
    # Opening hours and habits.
    rf"\b(?:von )?{_ANY_WEEKDAY} ?(?:-|bis|to|through|thru|until|till|and|und|&|/) ?{_ANY_WEEKDAY}"
    r"(?=[^a-z])(?=.{0,30}\d ?(?:\d|uhr|h\b|am\b|pm\b|a\.m|p\.m|-))",
    rf"\b(?:from |von ){_ANY_WEEKDAY} (?:bis|to|through|until) {_ANY_WEEKDAY}(?!\w)",
    rf"\b{WEEKDAY}s\b",
    rf"\b(?:von|from|between|zwischen) {_CLOCK} ?(?:-|bis|to|until|till|and|und) ?{_CLOCK}"
    r"(?= (?:erreichbar|geoeffnet|fuer sie da|available|open))",
    r"\b24 ?/ ?7\b|\brund um die uhr\b|\bround the clock\b",
    r"\b24[- ](?:stunden|hour|h|std)[- ]?(?:service|hotline|notdienst|support|shop|line|helpline|dienst)\w*",
    r"\b(?:jeden|jede|jeder|every|each) \w+|\bthese days\b|\bheutzutage\b",
    # Greetings.
    r"\b(?:guten|schoenen) (?:morgen|tag|abend)\b|\bschoenes wochenende\b|\bgood (?:morning|afternoon|evening|day)\b",
    r"\b(?:have|enjoy) (?:a|the|your) (?:\w+ )?(?:day|week|weekend|evening)\b",
)


def times(sentence: str, at: datetime) -> list[Time]:
    """Return the times that a folded sentence names, in reading order. `at` is when it was written, in local time.

    Left out: dates and times that are over at `at`, opening hours, and amounts that nothing introduces as an end
    ("3 days ago", "24-hour hotline").
    """
    masked = compiled(_NO_ENDS).sub(lambda found: "#" * len(found[0]), sentence)
    found = [*amounts(masked, at), *ordinals(masked, at), *days(masked, at)]
    apart: list[Time] = []
    for one in sorted(found, key=lambda time: (time.start, -time.end)):
        if not apart or one.start >= apart[-1].end:
            apart.append(one)
    return apart
