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
_WORDS = (
    r"ticket|vorgangs?|fall|case|incident|bearbeitungs?|anfragen?|anliegen|aktenzeichen|gesch(?:ä|ae)ftszeichen"
    r"|request|enquiry|inquiry|reference|service[ -]?request|issue|conversation|referenz"
)
_CALLED = r"(?:nummern?|numbers?|nr|no|num|id|key|kennung|zeichen)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        # [#123], [Ticket#2026112210000012], [Ticket: ABC-12]
        rf"\[(?:\s*(?:{_WORDS})\s*)?[#:]\s*({_NUMBER})\s*\]",
        r"\[([A-Z0-9]{6}-[A-Z0-9]{4})\]",  # Zendesk: [1G7EOR-0Q2J]
        r"[\[(]([a-z][a-z0-9_]{1,15}-[0-9]{1,10})[\])]",  # Jira, django-helpdesk: [srv-2], (HELP-77)
        r"\[[^\[\]#]{2,40}#([0-9]{3,12})\]",  # RT, Redmine: [shop.example #4711]
        # Ticket#4711, Ticket-Nr. 4711, Vorgangsnummer: 4711, Case ID 00012345
        rf"\b(?:{_WORDS})(?:\s?#\s?|[\s-]?{_CALLED}\b\.?[\s:#]{{1,3}}|\s?:\s?#?)({_NUMBER})",
        rf"\b(?:ticket|case|fall|vorgang)\s({_NUMBER})",  # Case 1970/1234
    )
)
_BARE_WORD_FORM = _FORMS[-1]
_TAGGED = re.compile(r"\+(?:id)?([a-z0-9][a-z0-9_-]{3,40})@", re.IGNORECASE | re.ASCII)
_PREFILTER = re.compile(rf"[\[(#]|\b(?:{_WORDS})", re.IGNORECASE | re.ASCII)

_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DATE = re.compile(
    r"[0-3]?[0-9][./-][01]?[0-9][./-](?:[0-9]{2}){1,2}|(?:19|20)[0-9]{2}[./-][01]?[0-9][./-][0-3]?[0-9]"
    r"|[01]?[0-9][./-](?:19|20)[0-9]{2}|[0-3]?[0-9]\.[01]?[0-9]"
)
_PHONE = re.compile(r"0[1-9][0-9]{1,4}[/-][0-9-]{3,}|00[1-9][0-9]{6,}")
_POSTCODE_DIGITS = 5


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
    text = text[:_TEXT_MAX]
    if not _PREFILTER.search(text):
        return
    for form in _FORMS:
        for match in form.finditer(text):
            number = match[1].lower()
            if not _is_specific(number) or (form is _BARE_WORD_FORM and _may_be_anything(number)):
                continue
            yield number


def _is_specific(number: str) -> bool:
    """Whether it is long enough, holds a digit and is neither year, date nor phone number."""
    if not _LENGTH[0] <= len(number) <= _LENGTH[1] or not any(sign.isdigit() for sign in number):
        return False
    return not any(form.fullmatch(number) for form in (_YEAR, _DATE, _PHONE))


def _may_be_anything(number: str) -> bool:
    """Whether a number behind a bare word ("case 3 of", "Ticket 70173") may be a count or a postcode."""
    return number.isdigit() and len(number) <= _POSTCODE_DIGITS
