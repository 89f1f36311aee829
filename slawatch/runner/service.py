"""Tells systemd how a service stands: one datagram to $NOTIFY_SOCKET each time. Does nothing where nobody listens.

The protocol: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import suppress


class Service:
    """The service that this process is. A datagram that does not arrive is no reason to stop working."""

    def __init__(self) -> None:
        # Taken out of the environment, so that no command we start (a password manager) can speak in our name.
        self._address = os.environ.pop("NOTIFY_SOCKET", "")
        meant_for = os.environ.pop("WATCHDOG_PID", str(os.getpid()))
        usec = os.environ.pop("WATCHDOG_USEC", "0")
        self.watched = usec.isdecimal() and int(usec) > 0 and meant_for == str(os.getpid())

    def ready(self) -> None:
        """Say that it works, or works again after a reload."""
        self._say("READY=1")

    def reloading(self) -> None:
        """Say that it reads its config anew."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Say that it is about to end."""
        self._say("STOPPING=1")

    def status(self, words: str) -> None:
        """Show these words in `systemctl status`."""
        self._say(f"STATUS={' '.join(words.split())}")

    def alive(self) -> None:
        """Show the watchdog that it goes on."""
        if self.watched:
            self._say("WATCHDOG=1")

    def _say(self, words: str) -> None:
        if not self._address:
            return
        where = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
            way.connect(where)
            way.send(words.encode())


def in_journal() -> bool:
    """Whether standard output goes to systemd's journal, which has times of its own (systemd.exec(5))."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        ours = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError):
        return False
    return (device, inode) == (str(ours.st_dev), str(ours.st_ino))
