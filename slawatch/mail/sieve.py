"""Tells by its header whether a letter may belong to a request. Pure; in doubt it may.

Only for what piled up, or lay there before we came: of other people's mail nothing is fetched but these lines, and
nothing is kept. What passes here can still turn out to be nobody's reply; what does not could never have counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from slawatch import token
from slawatch.mail.parse import subject_readings

FIELDS = (
    "From", "Sender", "Reply-To", "Return-Path", "To", "Cc", "Delivered-To", "X-Original-To", "X-Forwarded-To",
    "Envelope-To", "X-Envelope-To", "X-Delivered-To", "Subject", "Message-ID", "In-Reply-To", "References",
    "X-MS-Exchange-Parent-Message-Id", "Content-Type", "Auto-Submitted", "X-Failed-Recipients", "X-Autoreply",
    "X-Autorespond", "X-Auto-Response-Suppress",
)  # fmt: skip
HEADER_MAX = 65_536  # octets; whoever writes more has something to hide

_VALUE = rb":(?:[^\r\n]|\r?\n[ \t])*"  # of a field, folded or not, as far as to what follows in the pattern
_DOMAIN = re.compile(rb"@([a-z0-9._-]*[a-z0-9])")
_SUBJECT = re.compile(rb"^subject:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_BY_MACHINES = re.compile(
    rb"^(?:auto-submitted:|x-failed-recipients:|x-auto"
    rb"|content-type" + _VALUE + rb"report"
    rb"|(?:from|return-path)" + _VALUE + rb"(?:mailer-daemon|postmaster|mail delivery|mailsystem|<>))",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Sieve:
    """What ties a letter to us.

    `address` is ours, `domain` the one of our Message-IDs, `catch_all` a domain all of whose mail is for requests.
    `senders` are the companies' domains (canonical) and the addresses they are asked at, in lower case.
    """

    address: str
    domain: str
    catch_all: str
    senders: frozenset[str]

    def may_belong(self, header: bytes) -> bool:
        """Return whether the letter of that header may be a reply, a report or our own copy."""
        low = header.lower()
        if len(header) >= HEADER_MAX or b":" not in low or self._tag in low or _BY_MACHINES.search(low):
            return True
        if any(self._is_known(domain, low) for domain in set(_DOMAIN.findall(low))):
            return True
        return self._cites_us(low) or _subject_may_tell(header)

    def _is_known(self, domain: bytes, low: bytes) -> bool:
        if domain == self._catch_all or any(one in low for one in self._addresses.get(domain, ())):
            return True
        while domain:
            if domain in self._domains:
                return True
            domain = domain.partition(b".")[2]
        return False

    def _cites_us(self, low: bytes) -> bool:
        """Whether an id of ours is there; our address behind To: is that of every letter, and no id."""
        return low.count(self._ours) > low.count(self._own_address) and bool(self._citing.search(low))

    @cached_property
    def _tag(self) -> bytes:
        return f"{self.address.partition('@')[0]}+".lower().encode()

    @cached_property
    def _catch_all(self) -> bytes:
        return self.catch_all.lower().encode()

    @cached_property
    def _ours(self) -> bytes:
        return f"@{self.domain}".lower().encode()

    @cached_property
    def _own_address(self) -> bytes:
        return self.address.lower().encode()

    @cached_property
    def _citing(self) -> re.Pattern[bytes]:
        names = rb"^(?:message-id|in-reply-to|references|x-ms-exchange-parent-message-id)"
        return re.compile(names + _VALUE + re.escape(self._ours), re.MULTILINE)

    @cached_property
    def _domains(self) -> frozenset[bytes]:
        return frozenset(one.encode() for one in self.senders if "@" not in one)

    @cached_property
    def _addresses(self) -> dict[bytes, list[bytes]]:
        """Each address's beginning up to a +tag and its end, by domain; a letter with both passes."""
        found: dict[bytes, list[bytes]] = {}
        for one in self.senders:
            local, _, domain = one.encode().rpartition(b"@")
            if local:
                found.setdefault(domain, []).append(local)
        return found


def _subject_may_tell(header: bytes) -> bool:
    """Whether the subject has a word that may be a token, however it is encoded."""
    found = _SUBJECT.search(header)
    if found is None:
        return False
    text = found[1].decode("utf-8", "replace")
    readings = subject_readings(text) if "=?" in text else (text,)
    return any(token.find_all(reading) for reading in readings)
