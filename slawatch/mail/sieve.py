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

_FIELD = re.compile(rb"^([a-z-]+):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)
_ADDRESS = re.compile(rb"([^\s<>\"',;:()\[\]@]*)@([a-z0-9._-]*[a-z0-9])")
_SUBJECT = re.compile(rb"^subject:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_CITING = frozenset({b"message-id", b"in-reply-to", b"references", b"x-ms-exchange-parent-message-id"})
_BY_MACHINES = frozenset(
    {b"auto-submitted", b"x-failed-recipients", b"x-autoreply", b"x-autorespond", b"x-auto-response-suppress"}
)
_BY_SERVERS = re.compile(rb"mailer-daemon|postmaster|mail delivery|mailsystem|<>")


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
        fields = _FIELD.findall(low)
        if len(header) >= HEADER_MAX or not fields or self._tag in low or not _BY_MACHINES.isdisjoint(dict(fields)):
            return True
        if any(self._is_known(local, domain) for local, domain in set(_ADDRESS.findall(low))):
            return True
        return any(self._field_speaks(name, value) for name, value in fields) or self._subject_speaks(header)

    def _field_speaks(self, name: bytes, value: bytes) -> bool:
        if name in _CITING:
            return self._own_ids in value
        if name == b"content-type":
            return b"report" in value
        return name in {b"from", b"return-path"} and bool(_BY_SERVERS.search(value))

    def _subject_speaks(self, header: bytes) -> bool:
        """Whether the subject has a word that may be a token, however it is encoded."""
        found = _SUBJECT.search(header)
        return found is not None and any(
            token.find_all(reading) for reading in subject_readings(found[1].decode("utf-8", "replace"))
        )

    def _is_known(self, local: bytes, domain: bytes) -> bool:
        if domain == self._catch_all or local.partition(b"+")[0] + b"@" + domain in self._senders:
            return True
        while domain:
            if domain in self._senders:
                return True
            domain = domain.partition(b".")[2]
        return False

    @cached_property
    def _tag(self) -> bytes:
        return f"{self.address.partition('@')[0]}+".lower().encode()

    @cached_property
    def _catch_all(self) -> bytes:
        return self.catch_all.lower().encode()

    @cached_property
    def _own_ids(self) -> bytes:
        return f"@{self.domain}".lower().encode()

    @cached_property
    def _senders(self) -> frozenset[bytes]:
        return frozenset(one.encode() for one in self.senders)
