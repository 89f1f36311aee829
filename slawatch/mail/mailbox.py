"""Reads a mailbox by IMAP: which folders there are, what is new in them, whether a letter is there. Changes nothing.

The only module that knows imapclient. Its traps (no time-out, naive local times, no ranges, slow parsing) end here.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from imaplib import IMAP4
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # it ships no types
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError  # type: ignore[import-untyped]

from slawatch.errors import ChannelUnavailableError
from slawatch.mail import bearer, patience
from slawatch.mail.fetch import Fetched, fetch
from slawatch.mail.places import Folder, Place
from slawatch.mail.wire import Server, one_line, what_went_wrong

_SEARCHABLE = re.compile(r"[!#-\[\]-~]{3,250}")  # printable ASCII of which nothing needs to be escaped
T = TypeVar("T")

SIZE_MAX = 262_144
"""Octets of one letter that are kept. What a person wrote stands at its beginning; attachments are never needed."""

BATCH_OCTETS_MAX = 16_777_216  # of one look, so that 500 large letters do not fill the memory
BACKLOG_MIN = 1000
"""Letters waiting in one folder from which on they are sifted: an hour's mail of a very large audit has fewer."""

SEARCH_MAX = 50_000  # letters in one question; Python reads lines up to a million octets, ids have up to eleven


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
    passed_over: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The uids of a folder that wait to be read, so that a backlog is searched for once and not for every look."""

    validity: int
    uids: Sequence[int]
    end: int
    before: int = 0
    sifted: bool = False

    def follows(self, place: Place) -> bool:
        """Whether this is what comes after that place."""
        return self.validity == place.validity and self.before == place.uid


class Mailbox:
    """One login. Connects on first use, and once more where the connection turns out to be dead. Safe between threads.

    Every method raises ChannelUnavailableError, with the cure, where the mailbox cannot be read.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client: IMAPClient | None = None
        self._waiting: dict[str, _Waiting] = {}
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

    def look(
        self,
        folders: Sequence[str],
        places: Mapping[str, Place],
        *,
        since: date,
        limit: int,
        sieve: Callable[[bytes], bool] | None = None,
    ) -> Look:
        """Return up to `limit` letters that came after `places`, in the order of folders and uids.

        A folder without a place, or whose uids count anew, is read from the day `since` on. Of what lies there then,
        and of a backlog, letters whose header (sieve.FIELDS) the sieve does not let pass are passed over and counted.
        """
        return self._with(lambda client: self._look(client, folders, places, since, limit, sieve))

    def find(self, folders: Iterable[str], message_id: str, *, citing: bool = False) -> Letter | None:
        """Return the first letter of that Message-ID, or that cites it as what it replies to (only its header).

        None, too, for an id that no mail program would write: it may come from outside. Servers compare parts of ids.
        """
        if not _SEARCHABLE.fullmatch(message_id):
            return None
        headers = ("In-Reply-To", "References") if citing else ("Message-ID",)
        return self._with(lambda client: _find(client, folders, headers, message_id))

    def uids(self, folder: str, *, since: date | None = None) -> tuple[int, list[int]]:
        """Return the folder's UIDVALIDITY and the uids in it, ascending, or those filed on that day or later.

        None at all where there is no such folder.
        """
        return self._with(lambda client: _uids(client, folder, since))

    def headers(self, folder: str, uids: Sequence[int], *, octets: int) -> list[Letter]:
        """Return letters of which `raw` is the header, cut after so many octets. One that is gone is left out."""
        return self._with(lambda client: _letters(client, folder, uids, f"BODY.PEEK[HEADER]<0.{octets}>"))

    def letters(self, folder: str, uids: Sequence[int]) -> list[Letter]:
        """Return these letters, each cut at `SIZE_MAX`. One that is gone is left out."""
        return self._with(lambda client: _letters(client, folder, uids, f"BODY.PEEK[]<0.{SIZE_MAX}>"))

    def fullness(self) -> float | None:
        """Return which part of the room is used up, of the scarcest kind; None where the server does not tell."""
        return self._with(_fullness)

    def whole(self, letter: Letter) -> bytes | None:
        """Return all of a letter up to `SIZE_MAX` octets, None where it is gone."""
        return self._with(lambda client: _whole(client, letter))

    def next_uids(self, folders: Iterable[str]) -> tuple[tuple[str, int], ...]:
        """Return something that changes when a letter arrives."""
        return self._with(lambda client: _next_uids(client, folders))

    def _look(
        self,
        client: IMAPClient,
        folders: Sequence[str],
        places: Mapping[str, Place],
        since: date,
        limit: int,
        sieve: Callable[[bytes], bool] | None,
    ) -> Look:
        letters: list[Letter] = []
        reached = dict(places)
        missing, renewed = [], []
        passed_over: dict[str, int] = {}
        more = False
        room = BATCH_OCTETS_MAX
        looked_at = 0
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
            waiting, sifted = self._new_uids(client, folder, status, place, since)
            some = waiting.uids[: limit - looked_at]
            wanted = _sifted(client, some, sieve) if sieve is not None and sifted else some
            heads = _heads(client, wanted)
            chosen = _within(heads, room)
            letters += _fetch(client, folder, validity, {uid: heads[uid] for uid in chosen})
            room -= sum(heads[uid].octets for uid in chosen)
            # Up to here all were looked at: the last of some, or the last before the first that had no room.
            done = some if len(chosen) == len(wanted) else some[: bisect_left(some, wanted[len(chosen)])]
            looked_at += len(done)
            if len(done) > len(chosen):
                passed_over[folder] = len(done) - len(chosen)
            if len(done) == len(waiting.uids):
                reached[folder] = Place(validity=validity, uid=waiting.end)
                self._waiting.pop(folder, None)
            else:
                more = True
                if done:
                    reached[folder] = Place(validity=validity, uid=done[-1])
                    rest = waiting.uids[len(done) :]
                    self._waiting[folder] = _Waiting(validity, rest, waiting.end, before=done[-1], sifted=sifted)
        return Look(
            letters=tuple(letters),
            places=reached,
            more=more,
            missing=tuple(missing),
            renewed=tuple(renewed),
            passed_over=passed_over,
        )

    def _new_uids(
        self, client: IMAPClient, folder: str, status: Mapping[bytes, Any], place: Place | None, since: date
    ) -> tuple[_Waiting, bool]:
        """Return what was not read yet, and whether that lay there before we came or piled up."""
        known = self._waiting.get(folder)
        if known is not None and place is not None and known.follows(place):
            return known, known.sifted
        found = _waiting(client, status, place, since)
        return found, place is None or len(found.uids) > BACKLOG_MIN

    def _with(self, work: Callable[[IMAPClient], T]) -> T:
        """Do the work, which only reads, and do it again on a new connection where an old one turned out to be dead."""
        with self._lock:
            reused = self._client
            try:
                if reused is not None:
                    with suppress(OSError, IMAPClientError):
                        return self._in_time(work, reused)
                    self.close()
                self._client = _connect(self._server)
                return self._in_time(work, self._client)
            except (OSError, IMAPClientError, ValueError) as error:
                self.close()
                raise ChannelUnavailableError(what_went_wrong(self._server, error)) from error

    def _in_time(self, work: Callable[[IMAPClient], T], client: IMAPClient) -> T:
        with patience.within(patience.for_reading(self._server.timeout), lambda: connection(client).sock):
            return work(client)


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
    connection(client).debug = 0  # it would hand every line to a logger, which costs more than reading the line
    try:
        with patience.within(patience.for_reading(server.timeout), lambda: connection(client).sock):
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


def _waiting(client: IMAPClient, status: Mapping[bytes, Any], place: Place | None, since: date) -> _Waiting:
    """Return the uids not read yet, ascending, and the uid up to which the folder is known once they are read."""
    validity = int(status[b"UIDVALIDITY"])
    if place is not None:
        # "n:*" means "*:n" where nothing is new, and so returns the last letter again.
        uids = sorted(uid for uid in _search(client, status, ["UID", f"{place.uid + 1}:*"]) if uid > place.uid)
        return _Waiting(validity, uids, max(uids, default=place.uid))
    uids = sorted(_search(client, status, ["SINCE", since]))
    before = int(status[b"UIDNEXT"]) - 1 if b"UIDNEXT" in status else max(_search(client, status, ["ALL"]), default=0)
    return _Waiting(validity, uids, max([before, *uids]))


def _search(client: IMAPClient, status: Mapping[bytes, Any], criteria: Sequence[object]) -> set[int]:
    """Return the uids of the letters that fit, asked for piece by piece where the folder is too large for one line.

    From the last letter to the first: where some are removed meanwhile, the later pieces shift down and overlap.
    """
    exist = int(status[b"EXISTS"])
    if exist <= SEARCH_MAX:
        return set(client.search(criteria))
    found: set[int] = set()
    for last in range(exist, 0, -SEARCH_MAX):
        found.update(client.search([f"{max(last - SEARCH_MAX, 0) + 1}:{last}", *criteria]))
    return found


def _sifted(client: IMAPClient, uids: Sequence[int], sieve: Callable[[bytes], bool]) -> list[int]:
    """Return those whose header the sieve lets pass; one that the server does not tell of passes, too."""
    from slawatch.mail.sieve import FIELDS, HEADER_MAX  # noqa: PLC0415  it loads the parser, for what piled up alone

    got = fetch(connection(client), uids, f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS).upper()})]<0.{HEADER_MAX}>")
    return [uid for uid in uids if uid not in got or sieve(got[uid].body or b"")]


def connection(client: IMAPClient) -> IMAP4:
    """Return the standard library's connection below: IMAPClient has no ranges since 4.0, and parses slowly."""
    below: IMAP4 = client._imap  # noqa: SLF001 - it has no other way to it, and one place that knows is enough
    return below


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
    got = fetch(connection(client), uids, "RFC822.SIZE INTERNALDATE")
    nothing = Fetched()
    return {
        uid: _Head(internal_at=head.internal_at, size=head.size or 0, gone=head is nothing)
        for uid in uids
        for head in (got.get(uid, nothing),)
    }


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
    there = [uid for uid, head in heads.items() if not head.gone]
    got = fetch(connection(client), there, f"BODY.PEEK[]<0.{SIZE_MAX}>")
    return [
        Letter(
            folder=folder,
            validity=validity,
            uid=uid,
            internal_at=heads[uid].internal_at,
            size=heads[uid].size,
            raw=(got[uid].body or b"")[:SIZE_MAX],
        )
        for uid in there
        if uid in got
    ]


def _find(client: IMAPClient, folders: Iterable[str], headers: Sequence[str], message_id: str) -> Letter | None:
    for folder in folders:
        status = _select(client, folder)
        if status is None:
            continue
        uids = {uid for header in headers for uid in client.search(["HEADER", header, message_id])}
        found = fetch(connection(client), sorted(uids), "RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER]")
        for uid, its in sorted(found.items()):
            if its.internal_at is not None:
                return Letter(
                    folder=folder,
                    validity=int(status[b"UIDVALIDITY"]),
                    uid=uid,
                    internal_at=its.internal_at,
                    size=its.size or 0,
                    raw=its.body or b"",
                )
    return None


def _uids(client: IMAPClient, folder: str, since: date | None) -> tuple[int, list[int]]:
    status = _select(client, folder)
    if status is None:
        return 0, []
    return int(status[b"UIDVALIDITY"]), sorted(_search(client, status, ["SINCE", since] if since else ["ALL"]))


def _letters(client: IMAPClient, folder: str, uids: Sequence[int], item: str) -> list[Letter]:
    status = _select(client, folder)
    if status is None:
        return []
    got = fetch(connection(client), uids, f"RFC822.SIZE INTERNALDATE {item}")
    return [
        Letter(
            folder=folder,
            validity=int(status[b"UIDVALIDITY"]),
            uid=uid,
            internal_at=found.internal_at,
            size=found.size or 0,
            raw=found.body,
        )
        for uid in uids
        if (found := got.get(uid)) is not None and found.body is not None
    ]


def _fullness(client: IMAPClient) -> float | None:
    if not client.has_capability("QUOTA"):
        return None
    _, quotas = client.get_quota_root("INBOX")
    return max((int(one.usage) / int(one.limit) for one in quotas if int(one.limit)), default=None)


def _whole(client: IMAPClient, letter: Letter) -> bytes | None:
    if _select(client, letter.folder) is None:
        return None
    got = client.fetch([letter.uid], [f"BODY.PEEK[]<0.{SIZE_MAX}>"]).get(letter.uid, {})
    return next((value for key, value in got.items() if key.startswith(b"BODY[")), None)


def _next_uids(client: IMAPClient, folders: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple((folder, int(client.folder_status(folder, ["UIDNEXT"])[b"UIDNEXT"])) for folder in folders)
