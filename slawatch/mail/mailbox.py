"""Reads a mailbox by IMAP: which folders there are, what is new in them, whether a letter is there. Changes nothing.

The only module that knows imapclient. Its four traps (ranges, missing ids, no time-out, naive local times) end here.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # it ships no types
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError  # type: ignore[import-untyped]

from slawatch.errors import ChannelUnavailableError
from slawatch.mail import bearer
from slawatch.mail.places import Folder, Place
from slawatch.mail.wire import Server, one_line, what_went_wrong

_SEARCHABLE = re.compile(r"[!#-\[\]-~]{3,250}")  # printable ASCII of which nothing needs to be escaped
T = TypeVar("T")

SIZE_MAX = 262_144
"""Octets of one letter that are kept. What a person wrote stands at its beginning; attachments are never needed."""

BATCH_OCTETS_MAX = 16_777_216  # of one look, so that 500 large letters do not fill the memory
FETCH_MAX = 500  # ids in one command; 20 000 are too long a line for Dovecot (measured 2026-11-22)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter as it lies in the mailbox, cut at `SIZE_MAX`; `size` is its full size as the server states it."""

    folder: str
    validity: int
    uid: int
    internal_at: datetime | None
    size: int
    raw: bytes

    @property
    def name(self) -> str:
        """The same on every look, and no other letter's."""
        return f"{self.folder}/{self.validity}/{self.uid}"

    @property
    def is_cut(self) -> bool:
        """Whether `raw` is only its beginning."""
        return self.size > SIZE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look brought. `more` is True where some folder was not read to its end."""

    letters: tuple[Letter, ...]
    places: Mapping[str, Place]
    more: bool
    missing: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()


class Mailbox:
    """One login. Connects on first use, and once more where the connection turns out to be dead. Safe between threads.

    Every method raises ChannelUnavailableError, with the cure, where the mailbox cannot be read.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client: IMAPClient | None = None
        self._lock = threading.RLock()

    def close(self) -> None:
        """Log out; safe to call twice."""
        with self._lock:
            client, self._client = self._client, None
            if client is not None:
                _part(client)

    def folders(self) -> list[Folder]:
        """Return the folders that can be read."""
        return self._with(_folders)

    def look(self, folders: Sequence[str], places: Mapping[str, Place], *, since: date, limit: int) -> Look:
        """Return up to `limit` letters that came after `places`, in the order of folders and uids.

        A folder without a place, or whose uids count anew, is read from the day `since` on.
        """
        return self._with(lambda client: _look(client, folders, places, since, limit))

    def find(self, folders: Iterable[str], message_id: str, *, citing: bool = False) -> Letter | None:
        """Return the first letter of that Message-ID, or that cites it as what it replies to (only its header).

        None, too, for an id that no mail program would write: it may come from outside. Servers compare parts of ids.
        """
        if not _SEARCHABLE.fullmatch(message_id):
            return None
        headers = ("In-Reply-To", "References") if citing else ("Message-ID",)
        return self._with(lambda client: _find(client, folders, headers, message_id))

    def next_uids(self, folders: Iterable[str]) -> tuple[tuple[str, int], ...]:
        """Return something that changes when a letter arrives."""
        return self._with(lambda client: _next_uids(client, folders))

    def _with(self, work: Callable[[IMAPClient], T]) -> T:
        """Do the work, which only reads, and do it again on a new connection where an old one turned out to be dead."""
        with self._lock:
            reused = self._client
            try:
                if reused is not None:
                    with suppress(OSError, IMAPClientError):
                        return work(reused)
                    self.close()
                self._client = _connect(self._server)
                return work(self._client)
            except (OSError, IMAPClientError, ValueError) as error:
                self.close()
                raise ChannelUnavailableError(what_went_wrong(self._server, error)) from error


def _connect(server: Server) -> IMAPClient:
    return bearer.logged_in(server, lambda token: _opened(server, token))


def _opened(server: Server, token: str) -> IMAPClient:
    """Connect, make the connection safe, log in; where one of them fails, leave."""
    try:
        client = IMAPClient(
            server.host,
            server.port,
            ssl=server.security == "tls",
            ssl_context=server.context() if server.security == "tls" else None,
            timeout=SocketTimeout(server.opening_seconds, server.timeout.total_seconds()),
        )
    except (OSError, IMAPClientError, ValueError) as error:
        raise ChannelUnavailableError(what_went_wrong(server, error, greeted=False)) from error
    client.normalise_times = False
    try:
        if server.security == "starttls":
            _make_safe(server, client)
        if server.tokens is not None:
            _log_in_with_token(server, client, token)
        else:
            _log_in(server, client)
    except BaseException:
        _part(client)
        raise
    return client


def _make_safe(server: Server, client: IMAPClient) -> None:
    if not client.has_capability("STARTTLS"):
        cure = 'set imap_security = "tls" and imap_port = 993, or ask the provider'
        raise ChannelUnavailableError(f"{server.where}: no STARTTLS is offered, and a password must not go out; {cure}")
    client.starttls(server.context())


def _log_in(server: Server, client: IMAPClient) -> None:
    try:
        if (server.user + server.password).isascii():
            client.login(server.user, server.password)
        else:
            client.plain_login(server.user, server.password)
    except LoginError as error:
        said, keys = one_line(error), f"imap_user and {server.password_key}"
        cure = f"check {keys}; many providers want an app password, or IMAP to be switched on"
        raise ChannelUnavailableError(f'{server.where}: login as "{server.user}" failed ({said}); {cure}') from error


def _log_in_with_token(server: Server, client: IMAPClient, token: str) -> None:
    offered = [word[5:].decode("ascii", "replace") for word in client.capabilities() if word.upper()[:5] == b"AUTH="]
    chosen = bearer.mechanism(server, offered)
    challenges: list[bytes] = []

    def answer(challenge: bytes) -> str:
        challenges.append(challenge)
        return bearer.first_words(server, chosen, token) if len(challenges) == 1 else bearer.last_words(chosen)

    try:
        client.sasl_login(chosen, answer)
    except LoginError as error:
        if isinstance(error.__context__, IMAPClientAbortError):
            raise ChannelUnavailableError(what_went_wrong(server, error.__context__)) from error
        why = bearer.reason(challenges[-1]) if len(challenges) > 1 else ""
        said = one_line(error) + (f", {why}" if why else "")
        if "[UNAVAILABLE]" in said:  # RFC 5530: a backend is away
            cause = f"it cannot check logins just now ({said}); this usually passes"
            raise ChannelUnavailableError(f"{server.where}: {cause}") from error
        raise bearer.refused(server, token, said) from error


def _part(client: IMAPClient) -> None:
    with suppress(OSError, IMAPClientError):
        client.logout()
        return
    with suppress(OSError, IMAPClientError):
        client.shutdown()


def _folders(client: IMAPClient) -> list[Folder]:
    found = []
    for flags, delimiter, name in client.list_folders():
        words = frozenset(flag.decode("ascii", "replace").lower() for flag in flags)
        if not words & {"\\noselect", "\\nonexistent"}:
            last = name.rsplit(delimiter.decode("ascii", "replace"), 1)[-1] if delimiter else name
            found.append(Folder(name=name, last_name=last.lower(), flags=words))
    return found


def _look(client: IMAPClient, folders: Sequence[str], places: Mapping[str, Place], since: date, limit: int) -> Look:
    letters: list[Letter] = []
    reached = dict(places)
    missing, renewed = [], []
    more = False
    room = BATCH_OCTETS_MAX
    for folder in folders:
        status = _select(client, folder)
        if status is None:
            missing.append(folder)
            continue
        validity = int(status[b"UIDVALIDITY"])
        place = places.get(folder)
        if place is not None and place.validity != validity:
            renewed.append(folder)
            place = None
        uids, end = _new_uids(client, status, place, since)
        heads = _heads(client, uids[: limit - len(letters)])
        chosen = _within(heads, room)
        letters += _fetch(client, folder, validity, {uid: heads[uid] for uid in chosen})
        room -= sum(heads[uid].octets for uid in chosen)
        if len(chosen) == len(uids):
            reached[folder] = Place(validity=validity, uid=end)
        else:
            more = True
            if chosen:
                reached[folder] = Place(validity=validity, uid=chosen[-1])
    return Look(letters=tuple(letters), places=reached, more=more, missing=tuple(missing), renewed=tuple(renewed))


def _select(client: IMAPClient, folder: str) -> Mapping[bytes, Any] | None:
    """Return the folder's status, None where there is no such folder. Read-only: no letter becomes "seen"."""
    try:
        status: Mapping[bytes, Any] = client.select_folder(folder, readonly=True)
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        if client.folder_exists(folder):
            raise
        return None
    # Without it Dovecot's first SEARCH after a delivery returns nothing (measured 2026-11-22).
    client.noop()
    return status


def _new_uids(
    client: IMAPClient, status: Mapping[bytes, Any], place: Place | None, since: date
) -> tuple[list[int], int]:
    """Return the uids not read yet, ascending, and the uid up to which the folder is known once they are read."""
    if place is not None:
        # "n:*" means "*:n" where nothing is new, and so returns the last letter again.
        uids = sorted(uid for uid in client.search(["UID", f"{place.uid + 1}:*"]) if uid > place.uid)
        return uids, max(uids, default=place.uid)
    uids = sorted(client.search(["SINCE", since]))
    before = int(status[b"UIDNEXT"]) - 1 if b"UIDNEXT" in status else max(client.search(["ALL"]), default=0)
    return uids, max([before, *uids])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    internal_at: datetime | None
    size: int
    gone: bool = False

    @property
    def octets(self) -> int:
        return min(self.size, SIZE_MAX)


def _heads(client: IMAPClient, uids: Sequence[int]) -> dict[int, _Head]:
    """Return size and arrival of each. A letter deleted meanwhile is `gone`: servers leave it out of their answer."""
    heads: dict[int, _Head] = {}
    for some in _pieces(uids):
        got = client.fetch(some, ["RFC822.SIZE", "INTERNALDATE"])
        for uid in some:
            head = got.get(uid, {})
            at = head.get(b"INTERNALDATE")
            size = int(head.get(b"RFC822.SIZE", 0))
            heads[uid] = _Head(internal_at=at.astimezone(UTC) if at else None, size=size, gone=not head)
    return heads


def _within(heads: Mapping[int, _Head], room: int) -> list[int]:
    """Return as many uids, from the first on, as have room; the first one always has, or nothing would ever move."""
    chosen: list[int] = []
    for uid, head in heads.items():
        if room < head.octets and not (room == BATCH_OCTETS_MAX and not chosen):
            break
        room -= head.octets
        chosen.append(uid)
    return chosen


def _fetch(client: IMAPClient, folder: str, validity: int, heads: Mapping[int, _Head]) -> list[Letter]:
    raw: dict[int, bytes] = {}
    there = [uid for uid, head in heads.items() if not head.gone]
    small = [uid for uid in there if heads[uid].size <= SIZE_MAX]
    large = [uid for uid in there if heads[uid].size > SIZE_MAX]
    for uids, item in ((small, "BODY.PEEK[]"), (large, f"BODY.PEEK[]<0.{SIZE_MAX}>")):
        for some in _pieces(uids):
            for uid, parts in client.fetch(some, [item]).items():
                body = next((value for key, value in parts.items() if key.startswith(b"BODY[")), None)
                raw[uid] = (body or b"")[:SIZE_MAX]
    return [
        Letter(
            folder=folder,
            validity=validity,
            uid=uid,
            internal_at=heads[uid].internal_at,
            size=heads[uid].size,
            raw=raw[uid],
        )
        for uid in there
        if uid in raw
    ]


def _find(client: IMAPClient, folders: Iterable[str], headers: Sequence[str], message_id: str) -> Letter | None:
    for folder in folders:
        status = _select(client, folder)
        if status is None:
            continue
        uids = {uid for header in headers for uid in client.search(["HEADER", header, message_id])}
        for some in _pieces(sorted(uids)):
            got = client.fetch(some, ["RFC822.SIZE", "INTERNALDATE", "BODY.PEEK[HEADER]"])
            for uid in some:
                head = got.get(uid, {})
                at = head.get(b"INTERNALDATE")
                if at is not None:
                    return Letter(
                        folder=folder,
                        validity=int(status[b"UIDVALIDITY"]),
                        uid=uid,
                        internal_at=at.astimezone(UTC),
                        size=int(head.get(b"RFC822.SIZE", 0)),
                        raw=head.get(b"BODY[HEADER]") or b"",
                    )
    return None


def _next_uids(client: IMAPClient, folders: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple((folder, int(client.folder_status(folder, ["UIDNEXT"])[b"UIDNEXT"])) for folder in folders)


def _pieces(uids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (uids[start : start + FETCH_MAX] for start in range(0, len(uids), FETCH_MAX))
