"""A company's own names for a matter: ticket numbers and Exchange's threads, read out of its letters. Looks nothing up.

A number that could be anything (a year, a date, a postcode, a phone number) is none: it must stand where only a ticket
number stands, in one of the forms that help desks use.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from slawatch.model import Facts

TICKET = "ticket:"
THREAD = "thread:"
THREAD_OCTETS = 22  # of Thread-Index: the header of a conversation, before five more octets for each reply (MS-OXOMSG)
_KEYS_MAX = 20  # of one message; a digest of fifty tickets names none of ours
_TEXT_MAX = 20_000  # characters of one text that are searched
_LENGTH = (3, 40)  # of a ticket number

_HEADERS = ("rt-ticket", "x-redmine-issue-id", "x-otrs-ticketnumber", "x-zammad-ticketnumber", "x-ticket-id")
_ADDRESSES = ("reply-to", "from", "to", "cc")

_NUMBER = r"[a-z0-9][a-z0-9./_-]{0,38}[a-z0-9]"
_SURE = r"ticket|vorgangs?|case|incident|bearbeitungs?|aktenzeichen|gesch(?:ä|ae)ftszeichen"
_WORDS = rf"{_SURE}|fall|anfragen?|anliegen|request|enquiry|inquiry|reference|referenz|issue|conversation"
_CALLED = r"(?:nummern?|numbers?|nr|no|num|id|key|kennung|zeichen)"
_IS = r"(?:\s(?:lautet|ist|is))?"
_NAMED = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        # [#123] (a person typed "[#5617)"), [Ticket#2026112210000012], [Ticket: ABC-12], request (#482913)
        rf"\[(?:\s*(?:{_WORDS})\s*)?[#:]\s*({_NUMBER})\s*[\])]",
        rf"\b(?:{_WORDS})\s*\(#({_NUMBER})\)",
        r"\[([A-Z0-9]{6}-[A-Z0-9]{4})\]",  # Zendesk: [1G7EOR-0Q2J]
        # Jira, django-helpdesk: [srv-2], (HELP-77)
        r"[\[(](?!(?:gmt|utc|utf|iso|din|en|cp|covid)-)([a-z][a-z0-9_]{1,15}-[0-9]{1,10})[\])]",
        r"\[[^\[\]#]{2,40}#([0-9]{3,12})\]",  # RT, Redmine: [shop.example #4711]
        # Ticket#4711, Ticket-Nr. 4711, Vorgangsnummer: 4711, "your case ID is 00012345"
        rf"\b(?:{_WORDS})(?:\s?#\s?|[\s-]?{_CALLED}\b{_IS}[.:#]?[\s:#]{{1,3}})({_NUMBER})",
        rf"\b(?:{_SURE})\s?:\s?#?({_NUMBER})",  # Ticket: 4711
        rf"\b(?:unter der (?:nummer|nr\.)|under (?:the )?(?:number|no\.))[\s:#]{{1,3}}({_NUMBER})",
    )
)
# Behind a mere word a number may count something, or be a postcode: "Case 1970/1234", but not "Fall 70173".
_LOOSE = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (rf"\b(?:{_SURE}|fall)\s({_NUMBER})", rf"\b(?:{_WORDS})\s?:\s?({_NUMBER})")
)
_LOOSE_DIGITS_MIN = 6  # of a number that is nothing but digits; otherwise four
_DIGITS_MIN = 3  # where no letters stand beside them
_TAGGED = re.compile(r"\+(?:id)?([a-z0-9][a-z0-9_-]{3,40})@", re.IGNORECASE | re.ASCII)
_WITH_DIGIT = re.compile(r"^.*[0-9].*$", re.MULTILINE)
# Whatever fits one of the forms holds one of these; most lines of most letters hold none.
_CUES = (
    "[", "(", "#", "ticket", "vorgang", "case", "incident", "bearbeitung", "zeichen", "fall", "anfrage", "anliegen",
    "request", "quiry", "referen", "issue", "conversation", "nummer", "nr.", "number", "no.",
)  # fmt: skip

_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DATE = re.compile(
    r"[0-3]?[0-9][./-][01]?[0-9][./-](?:[0-9]{2}){1,2}|(?:19|20)[0-9]{2}[./-][01]?[0-9][./-][0-3]?[0-9]"
    r"|[01]?[0-9][./-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[./-][01]?[0-9]|[0-3]?[0-9]\.[01]?[0-9]|24/7"
)
_PHONE = re.compile(r"0[1-9][0-9]{1,4}[/-][0-9-]{3,}|00[1-9][0-9]{6,}")


def find(facts: Facts) -> tuple[str, ...]:
    """Return every name for its matter that the message states, as `ticket:...` and `thread:...`, each once."""
    return tuple(dict.fromkeys([*thread(facts), *tickets(facts)]))


def to_learn(facts: Facts, *, ours: Iterable[str]) -> tuple[str, ...]:
    """Return those names that the writer gave; nothing that stands in our own texts (`ours`) or is quoted from them."""
    said = " ".join(ours).lower()
    anew = _tickets((*facts.subjects, facts.text, facts.signature), facts)
    return tuple(key for key in dict.fromkeys([*thread(facts), *anew]) if key.partition(":")[2] not in said)


def thread(facts: Facts) -> tuple[str, ...]:
    """Return the key of the Exchange conversation the message belongs to; none where it names none."""
    for value in facts.headers.get("thread-index", ()):
        try:
            octets = base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(octets) >= THREAD_OCTETS:
            return (THREAD + octets[:THREAD_OCTETS].hex(),)
    return ()


def tickets(facts: Facts) -> tuple[str, ...]:
    """Return the ticket numbers in the subject, the addresses, the text and what it quotes."""
    return _tickets((*facts.subjects, facts.text, facts.signature, facts.quoted), facts)


def _tickets(texts: Iterable[str], facts: Facts) -> tuple[str, ...]:
    found = [TICKET + number for number in (*_in_headers(facts), *(one for text in texts for one in _in_text(text)))]
    return tuple(dict.fromkeys(found))[:_KEYS_MAX]


def _in_headers(facts: Facts) -> Iterator[str]:
    for name in _HEADERS:
        for value in facts.headers.get(name, ()):
            yield from filter(_is_specific, [value.rpartition("#")[2].strip().lower()])
    for name in _ADDRESSES:
        for value in facts.headers.get(name, ()):
            yield from filter(_is_specific, (one.lower() for one in _TAGGED.findall(value[:_TEXT_MAX])))


def _in_text(text: str) -> Iterator[str]:
    for line in _WITH_DIGIT.findall(text[:_TEXT_MAX]):
        lower = line.lower()
        if not any(cue in lower for cue in _CUES):
            continue
        for form in _NAMED:
            yield from filter(_is_specific, (match[1].lower() for match in form.finditer(line)))
        for form in _LOOSE:
            yield from filter(_is_surely_a_number, (match[1].lower() for match in form.finditer(line)))


def _is_specific(number: str) -> bool:
    """Whether it is long enough, holds digits enough and is neither year, date nor phone number."""
    digits = sum(sign.isdigit() for sign in number)
    if not _LENGTH[0] <= len(number) <= _LENGTH[1] or not digits:
        return False
    if digits < _DIGITS_MIN and not any(sign.isalpha() for sign in number):
        return False
    return not any(form.fullmatch(number) for form in (_YEAR, _DATE, _PHONE))


def _is_surely_a_number(number: str) -> bool:
    digits = sum(sign.isdigit() for sign in number)
    return _is_specific(number) and digits >= (_LOOSE_DIGITS_MIN if number.isdigit() else _DIGITS_MIN + 1)
