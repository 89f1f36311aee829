"""Finds the facts that an answer is expected to state, however it writes them. Judges nothing else.

"3 Werktage" is stated by "drei Werktagen" and by "three working days", "9,90 EUR" by "€ 9.90", "18 Uhr" by "6 pm". Of a
range its later end counts: who says "3 to 5 days" says that it may take 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slawatch.classify.pattern import folded


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TOKENS_MAX = 2000
_SPREAD = 6  # words that may stand between those of one fact: "the return of goods is, in this case, free"
_NEGATED_WITHIN = 3  # words before; "that is not free" does not say that it is free

_TOKEN = re.compile(r"[0-9]{1,12}(?:[.,:][0-9]{1,6}){0,4}|[^\W\d_]{1,40}|[€$£%]|[-–—]")
_DASHES = frozenset("-–—")
_UP_TO = frozenset({"bis", "to", "until", "till", "oder", "or"}) | _DASHES
_FILLERS = _words("ca circa etwa rund about full volle vollen ganze ganzen maximal")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or a range with its unit, "" for a bare number. Times of day are minutes after midnight."""

    low: float
    high: float
    unit: str = ""

    def states(self, fact: Quantity) -> bool:
        """Whether who says this has said the other: a range where a range is expected, else its end."""
        if fact.unit and fact.unit != self.unit:
            return False
        if fact.low != fact.high:
            return (fact.low, fact.high) == (self.low, self.high)
        return fact.high == self.high or (self.unit == "clock" and fact.high == self.low)


Token = str | Quantity


def stated(sentences: Iterable[str], expected: Sequence[str]) -> tuple[str, ...]:
    """Return those of the expected facts that a sentence states, in their order. A blank one is never stated."""
    read = [_read(sentence) for sentence in sentences]
    return tuple(fact for fact in expected if _said(_telling(_read(fact)), read))


def _said(fact: Sequence[Token], sentences: Iterable[Sequence[Token]]) -> bool:
    return bool(fact) and any(_in_sentence(fact, sentence) for sentence in sentences)


def _in_sentence(fact: Sequence[Token], sentence: Sequence[Token]) -> bool:
    """Whether all tokens of the fact stand near each other. A bare word that is denied is not said."""
    denies = any(token in _DENIALS for token in fact)
    bare = not any(isinstance(token, Quantity) for token in fact)
    for start in range(len(sentence)):
        near = sentence[start : start + 2 * len(fact) + _SPREAD]
        if not any(_same(token, near[0]) for token in fact):
            continue
        if not all(any(_same(token, other) for other in near) for token in fact):
            continue
        last = max(place for place, other in enumerate(near) if any(_same(token, other) for token in fact))
        about = sentence[max(0, start - _NEGATED_WITHIN) : start + last]
        if denies or not bare or not any(other in _DENIALS for other in about):
            return True
    return False


def _same(fact: Token, other: Token) -> bool:
    if isinstance(fact, Quantity):
        return isinstance(other, Quantity) and other.states(fact)
    return fact == other


def _telling(tokens: Sequence[Token]) -> list[Token]:
    """Return a fact without the little words around it, unless it is made of nothing else."""
    return [token for token in tokens if token not in _LITTLE] or list(tokens)


def _read(text: str) -> list[Token]:
    """Return the words as stems and the numbers as quantities."""
    raw = _TOKEN.findall(folded(text).translate(_UMLAUTS))[:_TOKENS_MAX]
    found: list[Token] = []
    at = 0
    while at < len(raw):
        quantity, length = _quantity(raw, at)
        if quantity is not None:
            found.append(quantity)
            at += length
            continue
        if raw[at] not in _DASHES:
            found.append(_stem(raw[at]))
        at += 1
    return found


def _quantity(raw: Sequence[str], at: int) -> tuple[Quantity | None, int]:
    """Return the quantity that begins here and how many tokens it takes; (None, 0) where none does."""
    before = _UNITS.get(raw[at], "") if raw[at] in _MONEY else ""
    first = at + 1 if before else at
    if _number(raw, first) is None:
        return None, 0
    is_range = _token(raw, first + 1) in _UP_TO and _number(raw, first + 2) is not None
    last = first + 2 if is_range else first
    unit, length = _unit(raw, last + 1)
    if raw[first] in _ARTICLES and (is_range or not unit):
        return None, 0  # "a parcel", "ein Paket": no number
    unit = unit or before
    if unit == "clock" or ":" in raw[first]:
        low, high = (_minutes(raw[place], _token(raw, last + 1)) for place in (first, last))
        low -= _HALF_A_DAY if low > high >= _HALF_A_DAY else 0  # "from 9 to 5 pm"
        unit = "clock"
    else:
        low, high = _number(raw, first) or 0.0, _number(raw, last) or 0.0
    return Quantity(low, high, unit), last + 1 + length - at


def _unit(raw: Sequence[str], at: int) -> tuple[str, int]:
    """Return the unit that follows and how many tokens it takes, words like "full" before it included."""
    skipped = 1 if _token(raw, at) in _FILLERS else 0
    first, second = _token(raw, at + skipped), _token(raw, at + skipped + 1)
    if first in _WORKING and _UNITS.get(second) == "day":
        return "workday", skipped + 2
    if first == "calendar" and _UNITS.get(second) == "day":
        return "day", skipped + 2
    if first in {"a", "p"} and second == "m":
        return "clock", skipped + 2
    unit = _UNITS.get(first, "")
    return (unit, skipped + 1) if unit else ("", 0)


def _number(raw: Sequence[str], at: int) -> float | None:
    word = _token(raw, at)
    if not word[:1].isdecimal():
        return _NUMBER_WORDS.get(word)
    # The last mark parts the decimals off, unless exactly three digits follow: "1.250" and "1,250" are thousands.
    whole, mark, rest = word.replace(":", ".").replace(",", ".").rpartition(".")
    if not mark:
        return float(word)
    if len(rest) == _GROUP and len(whole.rpartition(".")[2]) <= _GROUP and ":" not in word and whole != "0":
        return float(whole.replace(".", "") + rest)
    return float(f"{whole.replace('.', '')}.{rest}")


def _minutes(word: str, after: str) -> float:
    """Return "18", "18.30", "18:30" as minutes after midnight, with "pm" after it those of the afternoon."""
    hours, _, minutes = word.replace(",", ".").replace(":", ".").partition(".")
    hour = float(hours) if hours.isdigit() else _NUMBER_WORDS.get(hours, 0.0)
    if after in {"pm", "p"} and hour < _NOON:
        hour += _NOON
    if after in {"am", "a"} and hour == _NOON:
        hour = 0.0
    return hour * 60 + (float(minutes) if minutes.isdigit() else 0.0)


def _token(raw: Sequence[str], at: int) -> str:
    return raw[at] if at < len(raw) else ""


def _stem(word: str) -> str:
    """Return the word without its endings, as many as it has: "kostenlosen", "kostenlose" and "kostenlos" are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_MIN:
            return _stem(word[: -len(ending)])
    return word


_GROUP = 3  # digits between the marks of thousands
_NOON = 12
_HALF_A_DAY = 12 * 60
_STEM_MIN = 4  # letters that stay: "days" loses its ending, "gas" does not
_ENDINGS = ("en", "em", "er", "es", "e", "n", "s")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_ARTICLES = _words("a an ein eine einem einen einer eines")
_WORKING = frozenset({"working", "business", "work", "banking"})
_MONEY = frozenset({"€", "$", "£", "eur", "usd", "gbp", "chf", "euro"})
_LITTLE = _words(
    "der die das den dem des the of is ist sind are und and in im zu to for fuer von vom mit with wir we bei at"
)
_DENIALS = _words("nicht kein keine keinen keiner kein no not never nie ohne without cannot")
_DENIALS |= frozenset(_stem(word) for word in _DENIALS)

_COUNTED = (
    "null eins zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf dreizehn vierzehn",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
)
_NUMBER_WORDS: dict[str, float] = {
    **{word: float(number) for counted in _COUNTED for number, word in enumerate(counted.split())},
    **dict.fromkeys(_ARTICLES, 1.0),
    **{
        word: float(number)
        for number, words in {
            15: "fuenfzehn fifteen",
            20: "zwanzig twenty",
            30: "dreissig thirty",
            40: "vierzig forty",
            50: "fuenfzig fifty",
            60: "sechzig sixty",
            90: "neunzig ninety",
            100: "hundert hundred",
        }.items()
        for word in words.split()
    },
}
_UNITS = {
    word: unit
    for unit, words in {
        "workday": "werktag werktage werktagen arbeitstag arbeitstage arbeitstagen weekday weekdays workday workdays",
        "day": "tag tage tagen tages day days kalendertag kalendertage kalendertagen",
        "hour": "h std stunde stunden hour hours hrs hr",
        "minute": "min minute minuten minutes mins",
        "week": "woche wochen week weeks",
        "month": "monat monate monaten monats month months",
        "year": "jahr jahre jahren jahres year years",
        "clock": "uhr am pm",
        "eur": "€ eur euro euros",
        "usd": "$ usd dollar dollars",
        "gbp": "£ gbp pound pounds pfund",
        "chf": "chf franken sfr",
        "percent": "% prozent percent",
        "km": "km kilometer kilometern kilometre kilometres kilometers",
        "kg": "kg kilo kilogramm kilogram kilograms kilos",
        "cm": "cm zentimeter centimetre centimetres centimeter centimeters",
        "metre": "m meter metern metre metres meters",
    }.items()
    for word in words.split()
}
