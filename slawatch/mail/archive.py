"""Reads letters that lie somewhere already: mbox files, Maildirs, folders of a mailbox. Opens everything read-only.

Hands over the header of each letter first; the whole of one is read only where somebody asks for it. What bytes there
may be is parse.py's matter: here nothing is believed but where a letter begins and ends.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from slawatch.errors import UsageError
from slawatch.mail.mailbox import SIZE_MAX, Letter, Mailbox
from slawatch.mail.parse import moment
from slawatch.mail.places import INBOX, past
from slawatch.model import Facts, Stamps

HEAD_MAX = 131_072  # octets of a header that are kept; the longest of 6,000 real ones had 23,000

SECOND = timedelta(seconds=1)  # the resolution of INTERNALDATE, Received and Date alike
NEAR = timedelta(minutes=10)
"""How long after its newest Received line a letter is filed at most; one filed later was moved here or fetched late."""
AHEAD_MAX = timedelta(minutes=2)  # two machines, two clocks, as in stamps.py
OWN_CLOCK = timedelta(minutes=1)  # how far the clock of a machine that writes letters may be off, where nothing says it
ANY_ZONE = timedelta(hours=14)  # how far local times lie from UTC at most; an mbox separator does not name its zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A letter as it lies there. `filed_at` is when the store got it, `separator_at` what an mbox says, zone unsaid."""

    place: str
    head: bytes
    whole: Callable[[], bytes]
    filed_at: datetime | None = None
    separator_at: datetime | None = None


class Archive(Protocol):
    """Letters in one place. Use as a context manager: `whole` of a letter works inside only.

    `done` is how much of it has been gone through, from 0 to 1. `looked_at` is the instant up to which everything that
    came is in it, None where only its letters tell.
    """

    name: str
    done: float
    looked_at: datetime | None

    def __enter__(self) -> Self:
        """Open it."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        ...

    def letters(self) -> Iterator[Stored]:
        """Yield its letters, in the order in which they lie there."""
        ...

    def expect(self, places: Sequence[str]) -> None:
        """Be told which letters will be read whole, in this order; one that is far away fetches several at a time."""
        ...


# --- mbox ---

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# "From " alone begins many a sentence; what follows in a separator ends with a date (RFC 4155, appendix A).
_SEPARATOR = re.compile(
    rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]{0,300}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s"
    rb"[^\n]{0,60}\d\d:\d\d[^\n]{0,40}\n"
)
_SEPARATOR_DATE = re.compile(
    rb"\b([A-Z][a-z]{2})\s+(\d{1,2})\s+(\d\d):(\d\d)(?::(\d\d))?\s+(?:([+-]\d{4}|[A-Z]{3,4})\s+)?(\d{4})"
)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


class Mbox:
    """A file of letters behind each other. A file without any separator is taken for one letter.

    The file is mapped into memory, not read: a gigabyte of it costs no more than the letters that are looked at.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.done = 0.0
        self.looked_at: datetime | None = None
        self._path = path
        self._stack = ExitStack()
        self._octets: mmap.mmap | bytes = b""

    def __enter__(self) -> Self:
        """Open the file.

        Raises:
            UsageError: it cannot be read, or is no file.
        """
        if not self._path.is_file():
            raise UsageError(f'--mbox: "{self._path}" is {"no file" if self._path.exists() else "not there"}')
        try:
            file = self._stack.enter_context(self._path.open("rb"))
            if self._path.stat().st_size:
                self._octets = self._stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except OSError as error:
            raise UsageError(f'--mbox: "{self._path}" cannot be read ({error.strerror})') from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._octets = b""
        self._stack.close()

    def letters(self) -> Iterator[Stored]:
        """Yield its letters."""
        size = len(self._octets)
        before: tuple[int, bytes] | None = None
        for found in _SEPARATOR.finditer(self._octets):
            if before is not None:
                yield self._letter(*before, found.start())
            elif found.start() > 0:
                yield self._letter(0, b"", found.start())
            before = (found.end(), found[0])
            self.done = found.end() / size
        if size:
            yield self._letter(*(before or (0, b"")), size)
        self.done = 1.0

    def expect(self, places: Sequence[str]) -> None:
        """Do nothing: they lie here."""

    def _letter(self, start: int, separator: bytes, end: int) -> Stored:
        octets = self._octets
        blank = _BLANK_LINE.search(octets, start, min(end, start + HEAD_MAX))
        head = octets[start : blank.end() if blank else min(end, start + HEAD_MAX)]

        def whole() -> bytes:
            return _QUOTED_FROM.sub(rb"\1", octets[start : min(end, start + SIZE_MAX)])

        return Stored(
            place=f"{self.name}:{start}", head=bytes(head), whole=whole, separator_at=_separator_at(separator)
        )


def _separator_at(line: bytes) -> datetime | None:
    """Return the time an mbox separator names, taken for UTC where it names no offset; None for an impossible one."""
    found = _SEPARATOR_DATE.search(line)
    if found is None:
        return None
    month, day, hour, minute, second, zone, year = (part.decode("ascii") if part else "" for part in found.groups())
    if month not in _MONTHS:
        return None
    return moment(
        f"{day} {month} {year} {hour}:{minute}:{second or '00'} {zone if zone[:1] in '+-' and zone else '+0000'}"
    )


# --- Maildir ---

_NOT_MAIL = frozenset({"drafts", "entwürfe", "templates", "vorlagen", "outbox", "postausgang", "tmp"})
_DELIVERED = re.compile(r"^(\d{9,10})\.")


class Maildir:
    """A folder with cur/ and new/, and those below it. Links are not followed, and only plain files are read."""

    def __init__(self, path: Path) -> None:
        self.name = path.name or str(path)
        self.done = 0.0
        self.looked_at: datetime | None = None
        self._path = path
        self._files: list[Path] = []

    def __enter__(self) -> Self:
        """Look which files there are.

        Raises:
            UsageError: it is no Maildir, or cannot be read.
        """
        if not self._path.is_dir():
            raise UsageError(f'--maildir: "{self._path}" is {"no folder" if self._path.exists() else "not there"}')
        found = False
        try:
            for folder, names, files in os.walk(self._path, onerror=_raise):
                here = Path(folder)
                names[:] = sorted(name for name in names if name.lstrip(".").lower() not in _NOT_MAIL)
                if here.name in {"cur", "new"}:
                    found = True
                    self._files += [here / name for name in sorted(files)]
        except OSError as error:
            raise UsageError(f'--maildir: "{error.filename}" cannot be read ({error.strerror})') from error
        if not found:
            raise UsageError(f'--maildir: "{self._path}" is no Maildir: there is no cur/ or new/ in it')
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget the files."""
        self._files = []

    def letters(self) -> Iterator[Stored]:
        """Yield the letters; a file that is gone by now is left out."""
        for number, path in enumerate(self._files, 1):
            letter = self._letter(path)
            self.done = number / len(self._files)
            if letter is not None:
                yield letter
        self.done = 1.0

    def expect(self, places: Sequence[str]) -> None:
        """Do nothing: they lie here."""

    def _letter(self, path: Path) -> Stored | None:
        start = _beginning(path, HEAD_MAX)
        if not start:
            return None
        blank = _BLANK_LINE.search(start)
        return Stored(
            place=str(path.relative_to(self._path)),
            head=start[: blank.end()] if blank else start,
            whole=lambda: _beginning(path, SIZE_MAX),
            filed_at=_filed_at(path),
        )


def _raise(error: OSError) -> None:
    raise error


def _beginning(path: Path, most: int) -> bytes:
    """Return the file's first octets; nothing of what is no plain file, whatever it has become meanwhile."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(handle, "rb") as file:
        try:
            return file.read(most)
        except OSError:  # a folder
            return b""


def _filed_at(path: Path) -> datetime | None:
    """Return when the letter was filed: as its name says (maildir(5)), else when the file was written."""
    found = _DELIVERED.match(path.name)
    try:
        return datetime.fromtimestamp(int(found[1]) if found else int(path.stat().st_mtime), UTC)
    except (OSError, OverflowError, ValueError):
        return None


# --- a mailbox ---

HEADERS_AT_ONCE = 500
WHOLE_AT_ONCE = 50  # of at most 256 KB each


class Remote:
    """Folders of a mailbox, read by IMAP without a trace: they are opened with EXAMINE, and read by PEEK.

    `looked_at` is when the pass over them began. Letters filed before the day `since` are left where they are.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        name: str,
        *,
        looked_at: datetime,
        folders: Sequence[str] = (),
        since: date | None = None,
    ) -> None:
        self.name = name
        self.done = 0.0
        self.looked_at: datetime | None = looked_at
        self._mailbox = mailbox
        self._folders = list(folders)
        self._since = since
        self._expected: list[tuple[str, int]] = []
        self._fetched: dict[tuple[str, int], bytes] = {}

    def __enter__(self) -> Self:
        """Log in and look which folders there are.

        Raises:
            ChannelUnavailableError: the mailbox cannot be read. UsageError: a folder that was named is not there.
        """
        there = self._mailbox.folders()
        names = {folder.name for folder in there} | {INBOX}
        for name in self._folders:
            if name not in names:
                self._mailbox.close()
                known = ", ".join(sorted(names))
                raise UsageError(f'--folder: there is no folder "{name}" in {self.name}; there are: {known}')
        self._folders = self._folders or past(there)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Log out."""
        self._fetched.clear()
        self._mailbox.close()

    def letters(self) -> Iterator[Stored]:
        """Yield the headers of all folders.

        Raises:
            ChannelUnavailableError: the mailbox cannot be read any more.
        """
        waiting = [(folder, *self._mailbox.uids(folder, since=self._since)) for folder in self._folders]
        total = sum(len(uids) for _, _, uids in waiting)
        read = 0
        for folder, _validity, uids in waiting:
            for start in range(0, len(uids), HEADERS_AT_ONCE):
                some = uids[start : start + HEADERS_AT_ONCE]
                for letter in self._mailbox.headers(folder, some, octets=HEAD_MAX):
                    yield self._stored(letter)
                read += len(some)
                self.done = read / total
        self.done = 1.0

    def expect(self, places: Sequence[str]) -> None:
        """Fetch these together, as far as they lie in one folder."""
        self._expected = [_place(place) for place in places]

    def _stored(self, letter: Letter) -> Stored:
        folder, uid = letter.folder, letter.uid
        return Stored(
            place=f"{folder}/{uid}",
            head=letter.raw,
            whole=lambda: self._whole(folder, uid),
            filed_at=letter.internal_at,
        )

    def _whole(self, folder: str, uid: int) -> bytes:
        if (folder, uid) not in self._fetched:
            self._fetch(folder, uid)
        return self._fetched.pop((folder, uid), b"")

    def _fetch(self, folder: str, uid: int) -> None:
        """Fetch a letter and those of its folder that will be wanted next."""
        wanted = [uid]
        if (folder, uid) in self._expected:
            del self._expected[: self._expected.index((folder, uid))]
            here = [other for where, other in self._expected if where == folder]
            wanted = list(dict.fromkeys([uid, *here]))[:WHOLE_AT_ONCE]
            taken = {(folder, one) for one in wanted}
            self._expected = [one for one in self._expected if one not in taken]
        for letter in self._mailbox.letters(folder, sorted(wanted)):
            self._fetched[letter.folder, letter.uid] = letter.raw


def _place(place: str) -> tuple[str, int]:
    folder, _, uid = place.rpartition("/")
    return folder, int(uid)


# --- when a letter came or went ---


def stamp(facts: Facts, stored: Stored, *, ours: bool) -> Stamps:
    """Return when the letter reached us or left us, with what that may be off.

    Of a letter that came in, the store's own time counts where it is near the newest Received line, which bounds it
    below; else that line, as letters keep it when they are moved or imported. Of one of ours the `Date:` of our own
    machine and the time at which it was filed bound when it left. What has neither is as good as an mbox separator or,
    at the very last, `Date:`, give or take any time zone.
    """
    date = next(iter(_times(facts.headers.get("date", ()))), None)
    newest = next(iter(_times(value.rpartition(";")[2] for value in facts.headers.get("received", ()))), None)
    filed = stored.filed_at
    if ours and date is not None:
        return _left(date, filed)
    if newest is not None and (filed is None or not -AHEAD_MAX <= filed - newest <= NEAR):
        if filed is None or filed > newest:
            return _stamps(newest, "received", filed=filed, date=date)
        return _stamps(filed, "internaldate", filed=filed, date=date)
    if filed is not None:
        earlier = max(filed - newest, SECOND) if newest is not None else SECOND
        return _stamps(filed, "internaldate", earlier=earlier, filed=filed, date=date)
    if stored.separator_at is not None:
        return _stamps(stored.separator_at, "separator", earlier=ANY_ZONE, later=ANY_ZONE, date=date)
    at = date or datetime.fromtimestamp(0, UTC)
    return _stamps(at, "date", earlier=ANY_ZONE, later=ANY_ZONE, date=date)


def _left(date: datetime, filed: datetime | None) -> Stamps:
    """Return when a letter of ours left: between its `Date:` and its filing, where these are near each other."""
    if filed is None or filed - date > NEAR:
        return _stamps(date, "date", earlier=OWN_CLOCK, later=OWN_CLOCK, filed=filed, date=date)
    if filed < date:  # two clocks, of which the one that stamps what comes in counts
        return _stamps(filed, "internaldate", later=max(min(date - filed, OWN_CLOCK), SECOND), filed=filed, date=date)
    half = (filed - date) / 2
    return _stamps(date + half, "date", earlier=half + SECOND, later=half + SECOND, filed=filed, date=date)


def _stamps(
    at: datetime,
    source: str,
    *,
    earlier: timedelta = SECOND,
    later: timedelta = SECOND,
    filed: datetime | None = None,
    date: datetime | None = None,
) -> Stamps:
    return Stamps(at=at, source=source, earlier=earlier, later=later, internal_at=filed, date_header_at=date)


def _times(values: Iterator[str] | tuple[str, ...]) -> Iterator[datetime]:
    return (at for value in values if (at := moment(" ".join(value.split()))) is not None)
