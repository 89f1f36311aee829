"""What reading a full mailbox costs, step by step, beside the bare transfer of the same letters.

    python -m benchmarks.collect [LETTERS]

The floor fetches every letter with the standard library's imaplib and drops it. Against Dovecot where it is installed;
else against pymap, which is Python itself and slower than anything that is measured. Matching and classifying is tried
on a tenth of the letters, in a folder of their own: it takes four times as long as all else together.
"""

from __future__ import annotations

import imaplib
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, localtime
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.measure import Cost, alternating, cpu, ratio, table, timed, wall
from benchmarks.startup import ACCOUNT, config
from slawatch import app
from slawatch.usecases.collect import collect
from slawatch.usecases.world import World
from tests.servers import authority, dovecot, imap, needs
from tests.servers.local import LOOPBACK, folder

LETTERS, ROUNDS, AT_ONCE = 5000, 2, 500
ACCOUNT_NAME = "main"
FLOOR = "imaplib, letters dropped"
INBOX, FEW = "INBOX", "Few"  # folders

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
        server = dovecot.Dovecot(base, authority.make(base / "tls"))
        try:
            server.start()
            yield Box(server="Dovecot", port=server.imap, user="anna", password=dovecot.PASSWORD)
        finally:
            server.stop()


def letters(number: int) -> Iterator[bytes]:
    """Yield answers as companies write them: a few sentences, the question below, every other one in HTML as well."""
    dice = random.Random(20261122)
    for serial in range(number):
        text = "\n\n".join(dice.choices(SENTENCES, k=dice.randint(3, 20)))
        asked = "\n".join(f"> {sentence}" for sentence in dice.choices(SENTENCES, k=6))
        letter = EmailMessage()
        letter["From"] = f"Service <service@shop{serial % 40}.example>"
        letter["To"] = f"anna+{''.join(dice.choices('abcdefghjkmnpqrstuvwxyz23456789', k=12))}@example.org"
        letter["Subject"] = f"Re: Ihre Frage ({serial})"
        letter["Date"] = format_datetime(localtime())
        letter["Message-ID"] = f"<{serial}@shop{serial % 40}.example>"
        letter["In-Reply-To"] = letter["References"] = f"<{serial}.question@example.org>"
        letter["Received"] = f"from mail.shop.example by mx.example.org; {format_datetime(localtime())}"
        letter.set_content(f"{text}\n\n-- \nService\n\nOn Monday you wrote:\n{asked}\n")
        if serial % 2:
            paragraphs = "".join(f'<p style="font-family: sans-serif">{line}</p>' for line in text.split("\n\n"))
            letter.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html")
        yield letter.as_bytes().replace(b"\n", b"\r\n")


def fill(box: Box, where: str, number: int) -> int:
    """Lay the letters into a folder; return their octets."""
    octets = 0
    with box.login() as client:
        client.create(where)
        for raw in letters(number):
            answer, why = client.append(where, "", imaplib.Time2Internaldate(time.time()), raw)
            if answer != "OK":
                raise RuntimeError(f"{box.server} takes no letter: {why!r}")
            octets += len(raw)
    return octets


def transfer(box: Box, number: int) -> None:
    """Fetch everything and drop it."""
    with box.login() as client:
        client.select(INBOX, readonly=True)
        for first in range(1, number + 1, AT_ONCE):
            answer, _ = client.fetch(f"{first}:{first + AT_ONCE - 1}", "(UID INTERNALDATE BODY.PEEK[])")
            if answer != "OK":
                raise RuntimeError(f"{box.server} gives no letters: {answer}")


def read(world: World) -> None:
    """Read the mailbox to its end through the channel: fetch, parse, stamp. Keeps nothing."""
    cursor, more = "", True
    channel = world.channel(ACCOUNT_NAME)
    while more:
        batch = channel.collect(cursor)
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


def main(number: int) -> None:
    """Measure and print."""
    few = max(1, number // 10)
    with running() as box, tempfile.TemporaryDirectory() as name:
        octets = fill(box, INBOX, number)
        fill(box, FEW, few)
        text = ACCOUNT.format(user=box.user, password=box.password, port=box.port)
        all_of_it = text.replace("[company.shop]", f'folders = ["{INBOX}"]\n\n[company.shop]')
        some_of_it = text.replace("[company.shop]", f'folders = ["{FEW}"]\n\n[company.shop]')
        serial = count()
        runs: dict[str, Callable[[], Cost]] = {
            FLOOR: lambda: per_letter(timed(partial(transfer, box, number)), number),
            "channel: fetch and parse": partial(run, read, all_of_it, Path(name), serial, number),
            "channel and store": partial(run, read_and_keep, all_of_it, Path(name), serial, number),
            "collect: match and classify too": partial(run, everything, some_of_it, Path(name), serial, few),
        }
        costs = alternating(runs, ROUNDS)
    print(
        f"{number:,} letters of {octets / number / 1024:.1f} KiB out of {box.server}, "
        f"{ROUNDS} alternating runs, medians" + ("" if box.server == "Dovecot" else "; cpu is the server's, too")
    )
    table(
        ("", "letters/s", "/ floor", "us/letter", "cpu us/letter"),
        [
            (
                name,
                f"{1 / median(map(wall, found)):,.0f}",
                f"{ratio(costs, name, FLOOR, wall):.0f}",
                f"{1e6 * median(map(wall, found)):.0f}",
                f"{1e6 * median(map(cpu, found)):.0f}",
            )
            for name, found in costs.items()
        ],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LETTERS)
