"""What reading a full mailbox costs, beside the bare transfer of the same octets and beside other programs.

    python -m benchmarks.collect [--messages 5000]

Three tables. *A backlog*: the header lines that tell whether a letter may be a reply, of letters of which one in a
hundred is; those are then fetched whole. *Whole letters*: each is fetched and parsed. *In earnest*: kept, matched and
classified, on a tenth of the letters, in a folder of their own.

The floors ask for the same by one command on a bare socket and drop what comes. imap-tools and mbsync take part where
they are installed (development only). Against Dovecot where it is installed; else against pymap, which is Python itself
and slower than anything that is measured.
"""

from __future__ import annotations

import argparse
import imaplib
import importlib.util
import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, localtime
from functools import partial
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]  # it ships no types

from benchmarks.measure import Cost, alternating, cpu, ratio, table, timed, wall
from benchmarks.startup import ACCOUNT, config
from slawatch import app
from slawatch.mail.sieve import FIELDS
from slawatch.usecases.collect import collect
from slawatch.usecases.world import World
from tests.servers import authority, dovecot, imap, needs
from tests.servers.local import LOOPBACK, folder

LETTERS, ROUNDS, AT_ONCE = 5000, 2, 500
ONCE_FROM = 20_000  # letters; from there on one round says enough, and a second one would take minutes
ACCOUNT_NAME = "main"
INBOX, FEW = "INBOX", "Few"  # folders
SENDERS = frozenset({"shop.example"})
ONE_IN = 100
HEADER_LINES = f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS).upper()})]"
HEADER_FLOOR, WHOLE_FLOOR = "bare socket, header lines dropped", "bare socket, letters dropped"

SENTENCES = (
    "Vielen Dank für Ihre Anfrage, die wir gerne beantworten.",
    "Die Lieferung dauert in der Regel zwei bis drei Werktage.",
    "Thank you for your message.",
    "We ship within two working days, and you can return goods for 30 days.",
    "Could you tell us which article you mean?",
    "Ihre Anfrage ist bei uns eingegangen und wird schnellstmöglich bearbeitet.",
    "Please call us or use the form on our page.",
    "Unsere Öffnungszeiten sind Montag bis Freitag von 9 bis 18 Uhr.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A mailbox on loopback."""

    server: str
    port: int
    user: str
    password: str

    def login(self) -> imaplib.IMAP4:
        """Return a plain connection that is logged in."""
        client = imaplib.IMAP4(LOOPBACK, self.port)
        client.login(self.user, self.password)
        return client


@contextmanager
def running() -> Iterator[Box]:
    """Start the server and end it."""
    search = os.pathsep.join((os.environ.get("PATH", ""), *needs.DAEMON_FOLDERS))
    if shutil.which("dovecot", path=search) is None:
        with imap.running() as mailbox:
            yield Box(server="pymap", port=mailbox.port, user=imap.USER, password=imap.PASSWORD)
        return
    with folder("bench") as base:
        server = dovecot.Dovecot(base, authority.make(base / "tls"), room_mib=100_000)
        try:
            server.start()
            yield Box(server="Dovecot", port=server.imap, user="anna", password=dovecot.PASSWORD)
        finally:
            server.stop()


def letters(number: int, one_in: int = 1) -> Iterator[bytes]:
    """Yield answers as companies write them: a few sentences, the question below, every other one in HTML as well.

    Only one in so many comes from the company that was asked; the others are other people's mail of the same form.
    """
    dice = random.Random(20261122)
    for serial in range(number):
        text = "\n\n".join(dice.choices(SENTENCES, k=dice.randint(3, 20)))
        asked = "\n".join(f"> {sentence}" for sentence in dice.choices(SENTENCES, k=6))
        letter = EmailMessage()
        ours = serial % one_in == 0
        tag = f"+{''.join(dice.choices('abcdefghjkmnpqrstvwxyz23456789', k=12))}" if ours else ""
        domain = f"shop{serial % 40}.shop.example" if ours else f"friend{serial % 40}.example"
        letter["From"] = f"Service <service@{domain}>"
        letter["To"] = f"anna{tag}@example.org"
        letter["Subject"] = f"Re: Ihre Frage ({serial})"
        letter["Date"] = format_datetime(localtime())
        letter["Message-ID"] = f"<{serial}@{domain}>"
        letter["In-Reply-To"] = letter["References"] = f"<{serial}.question@{'example.org' if ours else domain}>"
        letter["Received"] = f"from mail.shop.example by mx.example.org; {format_datetime(localtime())}"
        letter.set_content(f"{text}\n\n-- \nService\n\nOn Monday you wrote:\n{asked}\n")
        if serial % 2:
            paragraphs = "".join(f'<p style="font-family: sans-serif">{line}</p>' for line in text.split("\n\n"))
            letter.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html")
        yield letter.as_bytes().replace(b"\n", b"\r\n")


def fill(box: Box, where: str, number: int, one_in: int = 1) -> int:
    """Lay the letters into a folder, many with one command; return their octets."""
    octets = 0
    with IMAPClient(LOOPBACK, box.port, ssl=False) as client:
        client.login(box.user, box.password)
        if not client.folder_exists(where):
            client.create_folder(where)
        waiting = letters(number, one_in)
        while some := list(islice(waiting, AT_ONCE)):
            client.multiappend(where, [{"msg": raw, "date": datetime.now(UTC)} for raw in some])
            octets += sum(map(len, some))
    return octets


def transfer(box: Box, items: str) -> None:
    """Ask for everything by one command on a bare socket, and drop what comes."""
    with socket.create_connection((LOOPBACK, box.port)) as line:
        line.sendall(f"a LOGIN {box.user} {box.password}\r\n".encode())
        _drop_until(line, b"a OK")
        line.sendall(f"b EXAMINE {INBOX}\r\n".encode())
        _drop_until(line, b"b OK")
        line.sendall(f"c UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE {items})\r\n".encode())
        _drop_until(line, b"c OK")


LINE = 2000  # octets of a reply's last line at most


def _drop_until(line: socket.socket, end: bytes) -> None:
    tail = b"\n"
    while b"\n" + end not in tail or not tail.endswith(b"\r\n"):
        more = line.recv(1 << 18)
        if not more:
            raise RuntimeError("the server hung up")
        tail = more[-LINE:] if len(more) >= LINE else (tail + more)[-LINE:]


def by_ranges(box: Box, items: str) -> None:
    """Fetch the same by the standard library, range by range, and drop it."""
    with box.login() as client:
        _, (exist,) = client.select(INBOX, readonly=True)
        for first in range(1, int(exist or 0) + 1, AT_ONCE):
            client.uid("FETCH", f"{first}:{first + AT_ONCE - 1}", f"(UID RFC822.SIZE INTERNALDATE {items})")


def imap_tools(box: Box, *, headers_only: bool) -> None:
    """Fetch everything by imap-tools, and look at what a matching would need."""
    peer: Any = importlib.import_module("imap_tools")  # it need not be there

    with peer.MailBoxUnencrypted(LOOPBACK, box.port).login(box.user, box.password, initial_folder=INBOX) as client:
        for letter in client.fetch(mark_seen=False, headers_only=headers_only, bulk=AT_ONCE):
            _ = letter.from_, letter.to, letter.subject, letter.date, letter.text if not headers_only else ""


MBSYNC = """
IMAPAccount far
Host {host}
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account far

MaildirStore near
Path {path}/
Inbox {path}/INBOX

Channel all
Far :far:INBOX
Near :near:INBOX
Create Near
Sync Pull
SyncState *
"""


def mbsync(box: Box, path: Path, serial: Iterator[int]) -> None:
    """Fetch everything into a new Maildir."""
    here = path / f"mbsync{next(serial)}"
    here.mkdir()
    (here / "rc").write_text(
        MBSYNC.format(host=LOOPBACK, port=box.port, user=box.user, password=box.password, path=here)
    )
    done = subprocess.run(["mbsync", "-q", "-c", str(here / "rc"), "all"], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"mbsync: {done.stderr}")
    shutil.rmtree(here)


def read(world: World, senders: frozenset[str] = frozenset()) -> None:
    """Read the mailbox to its end through the channel: fetch, parse, stamp. Keeps nothing."""
    cursor, more = "", True
    channel = world.channel(ACCOUNT_NAME)
    while more:
        batch = channel.collect(cursor, senders=lambda: senders)
        cursor, more = batch.cursor, batch.more


def read_and_keep(world: World) -> None:
    """Read the mailbox, and keep every letter with the cursor, as safely as in earnest."""
    more = True
    channel = world.channel(ACCOUNT_NAME)
    while more:
        batch = channel.collect(world.store.cursor(ACCOUNT_NAME))
        world.store.add_batch(ACCOUNT_NAME, "email", batch)
        more = batch.more


def everything(world: World) -> None:
    """Read, keep, match and classify: `slawatch collect`."""
    done = collect(world)
    if done.failed:
        raise RuntimeError(f"not read: {done.failed}")


def run(task: Callable[[World], None], text: str, path: Path, serial: Iterator[int], number: int) -> Cost:
    """Do the task in a new world with an empty store; return what a letter cost."""
    with app.world(Path(config(path / f"run{next(serial)}", text))) as world:
        return per_letter(timed(partial(task, world)), number)


def per_letter(cost: Cost, number: int) -> Cost:
    """Return what one of so many letters cost."""
    return Cost(wall=cost.wall / number, cpu=cost.cpu / number)


def show(title: str, costs: dict[str, list[Cost]], floor: str) -> None:
    """Print one table: letters a second, and how many times the floor each takes by the wall."""
    print()
    table(
        (title, "letters/s", "/ floor", "us/letter", "cpu us/letter"),
        [
            (
                name,
                f"{1 / median(map(wall, found)):,.0f}",
                f"{ratio(costs, name, floor, wall):.1f}",
                f"{1e6 * median(map(wall, found)):.0f}",
                f"{1e6 * median(map(cpu, found)):.0f}" if name != "mbsync" else "",  # a process of its own
            )
            for name, found in costs.items()
        ],
    )


def main(number: int) -> None:
    """Measure and print."""
    few = max(1, number // 10)
    rounds = 1 if number >= ONCE_FROM else ROUNDS
    peer = importlib.util.find_spec("imap_tools") is not None
    with running() as box, tempfile.TemporaryDirectory() as name:
        octets = fill(box, INBOX, number, ONE_IN)
        fill(box, FEW, few)
        text = ACCOUNT.format(user=box.user, password=box.password, port=box.port)
        all_of_it = text.replace("[company.shop]", f'folders = ["{INBOX}"]\n\n[company.shop]')
        some_of_it = text.replace("[company.shop]", f'folders = ["{FEW}"]\n\n[company.shop]')
        serial, path = count(), Path(name)

        def on_all(task: Callable[[], object]) -> Callable[[], Cost]:
            return lambda: per_letter(timed(task), number)

        cold = on_all(partial(transfer, box, HEADER_LINES))()  # the server fills its cache of headers
        backlog: dict[str, Callable[[], Cost]] = {
            HEADER_FLOOR: on_all(partial(transfer, box, HEADER_LINES)),
            "imaplib by ranges, dropped": on_all(partial(by_ranges, box, HEADER_LINES)),
            "slawatch, one letter in 100 whole": partial(
                run, partial(read, senders=SENDERS), all_of_it, path, serial, number
            ),
        }
        whole: dict[str, Callable[[], Cost]] = {
            WHOLE_FLOOR: on_all(partial(transfer, box, "BODY.PEEK[]")),
            "imaplib by ranges, dropped": on_all(partial(by_ranges, box, "BODY.PEEK[]")),
            "slawatch: fetch and parse": partial(run, read, all_of_it, path, serial, number),
        }
        if peer:
            backlog["imap-tools, headers only"] = on_all(partial(imap_tools, box, headers_only=True))
            whole["imap-tools"] = on_all(partial(imap_tools, box, headers_only=False))
        if shutil.which("mbsync"):
            whole["mbsync"] = on_all(partial(mbsync, box, path, serial))
        earnest: dict[str, Callable[[], Cost]] = {
            WHOLE_FLOOR: on_all(partial(transfer, box, "BODY.PEEK[]")),
            "slawatch: fetch, parse and keep": partial(run, read_and_keep, some_of_it, path, serial, few),
            "slawatch: match and classify too": partial(run, everything, some_of_it, path, serial, few),
        }
        found = [alternating(each, rounds) for each in (backlog, whole, earnest)]
    print(
        f"{number:,} letters of {octets / number / 1024:.1f} KiB out of {box.server}; medians of {rounds} alternating "
        f"run(s); {1 / cold.wall:,.0f} header lines a second before the server had them in its cache"
        + ("" if box.server == "Dovecot" else "; cpu is the server's, too")
    )
    show("a backlog", found[0], HEADER_FLOOR)
    show("whole letters", found[1], WHOLE_FLOOR)
    show("in earnest", found[2], WHOLE_FLOOR)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=LETTERS, metavar="N", help=f"how many (default: {LETTERS})")
    main(parser.parse_args().messages)
