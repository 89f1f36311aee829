"""Opens the practice range's post office, uses it, closes it, and prints what is left: threads and sockets.

A process of its own, as what an earlier test has left behind would hide what this one leaves.
"""

from __future__ import annotations

import gc
import json
import smtplib
import socket
import threading
from imaplib import IMAP4
from pathlib import Path

from slawatch.practice.post import ADDRESS, HOST, PASSWORD, USER, PostOffice
from slawatch.testing import FakeClock


def left() -> dict[str, object]:
    """Return the names of all threads but this, and how many sockets are open."""
    sockets = 0
    for one in Path("/proc/self/fd").iterdir():
        try:
            sockets += str(one.readlink()).startswith("socket:")
        except FileNotFoundError:  # the listing's own
            continue
    return {"threads": sorted(one.name for one in threading.enumerate())[1:], "sockets": sockets}


def main() -> None:
    """Use it as the demo does, and leave two connections open that nobody ever hangs up."""
    gc.disable()  # what only the collector would clear away counts as left behind
    before = left()
    with PostOffice(FakeClock(), [], lambda *_: None) as post:
        with smtplib.SMTP(HOST, post.smtp_port) as smtp:
            smtp.sendmail("service@shop.example", [ADDRESS], b"Subject: Hours\r\n\r\nWe open at nine.\r\n")
        with IMAP4(HOST, post.imap_port) as imap:
            imap.login(USER, PASSWORD)
            imap.select("INBOX")
        lingering = [socket.create_connection((HOST, port)) for port in (post.smtp_port, post.imap_port)]
        greetings = [connection.recv(4).decode() for connection in lingering]
        during = left()
    for connection in lingering:
        connection.close()
    print(json.dumps({"before": before, "during": during, "after": left(), "greetings": greetings}))


if __name__ == "__main__":
    main()
