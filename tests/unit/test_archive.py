"""Letters are found in mbox files and Maildirs without a trace, and each says when it came as far as it can."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slawatch.errors import UsageError
from slawatch.mail import parse
from slawatch.mail.archive import ANY_ZONE, OWN_CLOCK, SECOND, Maildir, Mbox, Stored, stamp
from slawatch.mail.mailbox import SIZE_MAX

SEPARATOR = b"From anna@own.example Mon Mar  2 10:00:00 2026\n"
AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def letters(path: Path) -> list[Stored]:
    with Mbox(path) as archive:
        found = list(archive.letters())
        assert archive.done == 1.0
        return found


def wholes(path: Path) -> list[bytes]:
    with Mbox(path) as archive:
        return [one.whole() for one in archive.letters()]


@pytest.fixture
def mbox(tmp_path: Path) -> Path:
    return tmp_path / "mail.mbox"


def test_an_mbox_is_cut_at_its_separators_and_nowhere_else(mbox: Path) -> None:
    first = b"Subject: one\n\nFrom here on we wait.\n\nFrom now on, at 10:00, too.\n>From Anna\n"
    mbox.write_bytes(SEPARATOR + first + b"\n" + SEPARATOR + b"Subject: two\n\nbody\n")

    found = wholes(mbox)

    assert found == [first.replace(b">From Anna", b"From Anna") + b"\n", b"Subject: two\n\nbody\n"]
    assert [one.head for one in letters(mbox)] == [b"Subject: one\n\n", b"Subject: two\n\n"]
    assert [one.separator_at for one in letters(mbox)] == [AT, AT]


@pytest.mark.parametrize(
    ("line", "at"),
    [
        (b"From - Mon Mar  2 10:00:00 2026\n", AT),
        (b"From 1734@xxx Mon Mar 02 10:00:00 +0100 2026\n", AT - timedelta(hours=1)),
        (b"From MAILER-DAEMON Mon Mar  2 10:00 2026\n", AT),
        (b"From a@b Mon Mar  2 10:00:00 CET 2026\n", AT),
        (b"From a@b Mon Foo 32 10:00:00 2026\n", None),
    ],
)
def test_a_separator_says_when_a_letter_came(mbox: Path, line: bytes, at: datetime | None) -> None:
    mbox.write_bytes(line + b"Subject: one\n\nbody\n")

    assert [one.separator_at for one in letters(mbox)] == [at]


def test_line_ends_of_another_system_make_no_difference(mbox: Path) -> None:
    text = SEPARATOR + b"Subject: one\n\nbody\n\n" + SEPARATOR + b"Subject: two\n\nbody\n"
    mbox.write_bytes(text.replace(b"\n", b"\r\n"))

    assert [one.head for one in letters(mbox)] == [b"Subject: one\r\n\r\n", b"Subject: two\r\n\r\n"]


def test_a_file_without_separators_is_one_letter_and_an_empty_one_none(mbox: Path) -> None:
    mbox.write_bytes(b"Subject: one\n\nbody\n")
    assert [one.head for one in letters(mbox)] == [b"Subject: one\n\n"]

    mbox.write_bytes(b"")
    assert letters(mbox) == []


def test_a_huge_letter_is_cut_and_the_next_one_is_found(mbox: Path) -> None:
    mbox.write_bytes(
        SEPARATOR + b"Subject: one\n\n" + b"x" * (3 * SIZE_MAX) + b"\n\n" + SEPARATOR + b"Subject: two\n\n"
    )

    found = wholes(mbox)

    assert [len(one) for one in found] == [SIZE_MAX, 14]


def test_a_header_without_an_end_is_cut(mbox: Path) -> None:
    mbox.write_bytes(SEPARATOR + b"X: " + b"y" * 2_000_000)

    (only,) = letters(mbox)

    assert len(only.head) == 131_072


def test_reading_an_mbox_needs_no_right_to_write_and_leaves_it_as_it_was(mbox: Path) -> None:
    mbox.write_bytes(SEPARATOR + b"Subject: one\n\nbody\n")
    mbox.chmod(0o400)
    before = (mbox.read_bytes(), mbox.stat().st_mtime_ns, sorted(mbox.parent.iterdir()))

    letters(mbox)

    assert (mbox.read_bytes(), mbox.stat().st_mtime_ns, sorted(mbox.parent.iterdir())) == before


@pytest.mark.parametrize(("name", "why"), [("gone", "is not there"), ("folder", "is no file")])
def test_an_mbox_that_cannot_be_read_is_named(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(UsageError, match=rf'--mbox: ".*{name}" {why}'), Mbox(tmp_path / name):
        pass


def test_a_maildir_is_read_with_the_folders_below_it_but_drafts(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp", ".Sent/cur", ".Drafts/cur", "nested/cur"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "1772445600.M1P1.host:2,S").write_bytes(f"Subject: {folder}\n\nbody\n".encode())

    with Maildir(tmp_path) as archive:
        found = {one.head: (one.whole(), one.filed_at) for one in archive.letters()}

    assert set(found) == {f"Subject: {one}\n\n".encode() for one in ("cur", "new", ".Sent/cur", "nested/cur")}
    assert found[b"Subject: cur\n\n"] == (b"Subject: cur\n\nbody\n", AT)


def test_what_is_no_plain_file_in_a_maildir_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "cur"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"Subject: secret\n\n")
    (folder / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe")
    (folder / "empty").touch()
    (folder / "letter").write_bytes(b"Subject: one\n\n")
    os.utime(folder / "letter", (AT.timestamp(), AT.timestamp()))

    with Maildir(tmp_path) as archive:
        found = [(one.head, one.filed_at) for one in archive.letters()]

    assert found == [(b"Subject: one\n\n", AT)]


@pytest.mark.parametrize(
    ("name", "why"), [("gone", "is not there"), ("file", "is no folder"), ("empty", "is no Maildir")]
)
def test_what_is_no_maildir_is_named(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()

    with pytest.raises(UsageError, match=rf'--maildir: ".*{name}" {why}'), Maildir(tmp_path / name):
        pass


# --- when it came or went ---


def header(hours: float) -> str:
    return f"{AT + timedelta(hours=hours):%a, %d %b %Y %H:%M:%S} +0000"


def stamped(
    *,
    date: float | None = None,
    received: float | None = None,
    filed: float | None = None,
    separator: float | None = None,
    ours: bool = False,
) -> tuple[str, timedelta, timedelta, timedelta]:
    """Return source, instant as the time since AT, and both margins; all times are hours since AT."""
    head = "".join(
        [
            f"Received: from a by mx.own.example; {header(received)}\n" if received is not None else "",
            f"Date: {header(date)}\n" if date is not None else "",
        ]
    )
    stored = Stored(
        place="x",
        head=b"",
        whole=bytes,
        filed_at=AT + timedelta(hours=filed) if filed is not None else None,
        separator_at=AT + timedelta(hours=separator) if separator is not None else None,
    )
    found = stamp(parse.facts(f"{head}Subject: x\n\n".encode()), stored, ours=ours)
    return found.source, found.at - AT, found.earlier, found.later


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("times", "stamps"),
    [
        ({"date": -5, "received": 0, "filed": 0.05}, ("internaldate", 3 * MINUTE, 3 * MINUTE, SECOND)),
        ({"date": 0, "received": 0, "filed": 900}, ("received", 0 * MINUTE, SECOND, SECOND)),
        ({"date": 0, "received": 9, "filed": 0}, ("internaldate", 0 * MINUTE, SECOND, SECOND)),
        ({"date": -3, "received": 0}, ("received", 0 * MINUTE, SECOND, SECOND)),
        ({"date": -3, "filed": 0}, ("internaldate", 0 * MINUTE, SECOND, SECOND)),
        ({"date": -3, "separator": 0}, ("separator", 0 * MINUTE, ANY_ZONE, ANY_ZONE)),
        ({"date": 0}, ("date", 0 * MINUTE, ANY_ZONE, ANY_ZONE)),
    ],
    ids=["near", "moved here", "a lying line", "mbox", "no line", "separator", "nothing else"],
)
def test_what_came_in_is_timed_by_our_own_side(times: dict[str, float], stamps: object) -> None:
    assert stamped(**times) == stamps  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("times", "stamps"),
    [
        ({"date": 0, "filed": 0.1}, ("date", 3 * MINUTE, 3 * MINUTE + SECOND, 3 * MINUTE + SECOND)),
        ({"date": 0, "filed": 900}, ("date", 0 * MINUTE, OWN_CLOCK, OWN_CLOCK)),
        ({"date": 0, "separator": 2}, ("date", 0 * MINUTE, OWN_CLOCK, OWN_CLOCK)),
        ({"date": 0.01, "filed": 0}, ("internaldate", 0 * MINUTE, SECOND, timedelta(seconds=36))),
        ({"date": 5, "filed": 0}, ("internaldate", 0 * MINUTE, SECOND, OWN_CLOCK)),
        ({"filed": 0}, ("internaldate", 0 * MINUTE, SECOND, SECOND)),
    ],
    ids=["filed at once", "imported later", "mbox", "a clock ahead", "a clock far ahead", "no date"],
)
def test_what_we_sent_is_timed_by_our_own_clock_and_its_filing(times: dict[str, float], stamps: object) -> None:
    assert stamped(**times, ours=True) == stamps
