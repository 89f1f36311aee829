"""What we write after a request: under which subject, in which words, and to whom never. Decides on facts alone.

It sends nothing and knows no channel; whoever calls it has the letter read and says what was written before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from slawatch.model import Author, Facts, MessageKind, Reply, Request

BY_ITSELF_MOST = 2  # replies to one request without a person: its customer number and what its probe says
SUBJECT_MAX = 200  # characters of their subject that are repeated
QUOTED_LINES = 12
QUOTED_WIDTH = 200  # characters of one line

# Prefixes that mail programs put before a reply's subject; "Ref:" and "[…]" are not among them: tickets are named so.
_REPLY = re.compile(r"^(?:(?:re|aw|antw|antwort|sv)\s{0,3}(?:\[\d{1,3}\])?\s{0,3}:\s{0,3})+", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:^|[._+-])(?:(?:no|do[._-]?not|dont|nicht)[._-]?(?:reply|respond|answer|antworten?)"
    r"|keine?[._-]?antwort|mailer-daemon|postmaster|bounces?)(?:$|[._+-])"
)
_TO_MANY = frozenset({"bulk", "list", "junk", "auto_reply"})
# RFC 3834, section 5, and what was in use before and beside it (../docs/explanation.md, "Kinds of messages").
_BY_MACHINE = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply")
_NUMBER_WANTED = re.compile(
    r"\b(?:kunden(?:konto)?[ -]?(?:nummer|nr\b)|(?:customer|client|account)(?:'s)?[ -](?:number|no\b|id\b|reference))",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"\{(company|name|customer_number|ticket|reference)\}")
_LEAD = {
    "de": "Am {day:%d.%m.%Y} um {day:%H:%M} schrieb {who}:",
    "en": "On {day:%Y-%m-%d} at {day:%H:%M}, {who} wrote:",
}


def unfit(letter: Facts, address: str) -> str:
    """Return why no reply of ours goes to this letter, "" where one may.

    Two machines that reply to each other never end (RFC 3834, section 2). Where a mark may mislead, as `Precedence`
    does on what people wrote in a ticket system, a person can still reply from their own mail program.
    """
    if letter.chat:
        return "a machine wrote it, as the chat marks it" if letter.author is Author.BOT else ""
    if letter.platform:
        return "a machine wrote it, as its account says" if letter.headers.get("automated") else ""
    if marked := _marked(letter):
        return marked
    if not address or "@" not in address:
        return "it names no address to reply to"
    if _NOBODY.search(address.rpartition("@")[0].lower()):
        return f'"{address}" says that nobody reads it'
    return ""


def _marked(letter: Facts) -> str:
    """Return the mark in its header that forbids a reply, in words; "" where none does."""
    submitted = _first(letter, "auto-submitted")
    by_machine = next((name for name in _BY_MACHINE if _first(letter, name).lower() not in {"", "no", "false"}), "")
    if submitted and submitted.partition(";")[0].strip().lower() != "no":
        by_machine = f"Auto-Submitted: {submitted[:40]}"
    if by_machine:
        return f"a machine wrote it, as it says itself ({by_machine})"
    if _first(letter, "precedence").lower() in _TO_MANY:
        return f'it was sent as "Precedence: {_first(letter, "precedence").lower()}"'
    if _first(letter, "list-id") or _first(letter, "list-unsubscribe"):
        return "it was sent to many, by a mailing list"
    if _first(letter, "return-path").replace(" ", "") == "<>":
        return "it came from the empty sender, to which nobody may reply"
    return ""


def subject(letter: Facts, asked: str) -> str:
    """Return the subject of a reply: theirs with whatever ticket it names, after one "Re:"; else what we asked.

    Posts have none.
    """
    if letter.platform:
        return ""
    theirs = _REPLY.sub("", " ".join(_plain(letter.subject).split()), count=1)
    return f"Re: {theirs[:SUBJECT_MAX].rstrip() or asked}"


def wants_number(letter: Facts) -> bool:
    """Whether the letter speaks of a customer number, as one does that asks for it."""
    return _NUMBER_WANTED.search(letter.text) is not None


def unsaid(texts: Iterable[str], before: Sequence[str]) -> str:
    """Return the first of these texts that is in none of the letters before, "" where all were said."""
    said = [" ".join(one.split()) for one in before]
    return next((text for text in texts if text and not any(" ".join(text.split()) in one for one in said)), "")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with {company}, {name}, {customer_number} and the like filled in, in one pass, without blanks."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text).strip()


def told_again(request: Request, replies: Iterable[Reply]) -> bool | None:
    """Return whether a matter that was taken up on another way had to be told again there.

    Who looks it up by their own number answers, or says when; who asks back what it is about did not. A person's note
    goes before both. None where nobody has responded, or sent us elsewhere, or the request takes nothing up again.
    """
    if request.continues is None:
        return None
    if request.told_again is not None:
        return request.told_again
    persons = (one for one in replies if one.counts and one.kind.by_person)
    first = min(persons, key=lambda one: (one.stamps.at, one.message_id), default=None)
    if first is None or first.kind in {MessageKind.HANDOFF, MessageKind.REFUSAL}:
        return None
    return first.kind is MessageKind.QUESTION


def quoted(letter: Facts, at: datetime, lang: str) -> str:
    """Return the beginning of what they wrote, as a mail program puts it below a reply; "" where that is nothing.

    `at` is when it came, in the zone of whoever reads it. A reply to a post stands right under it and quotes nothing.
    """
    if letter.platform:
        return ""
    lines = [_plain(line)[:QUOTED_WIDTH].rstrip() for line in letter.text.strip().splitlines()]
    if not any(lines):
        return ""
    shown = lines[:QUOTED_LINES] + (["[…]"] if len(lines) > QUOTED_LINES else [])
    lead = _LEAD.get(lang, _LEAD["en"]).format(day=at, who=_plain(letter.sender_name) or letter.sender)
    return "\n".join([lead, *(f"> {line}".rstrip() for line in shown)])


def _first(letter: Facts, name: str) -> str:
    return next(iter(letter.headers.get(name, ())), "").strip()


def _plain(text: str) -> str:
    """Return foreign text without what could end a line or steer a screen."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
