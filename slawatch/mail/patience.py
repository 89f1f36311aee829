"""Ends a conversation that takes too long in all, however steadily it drips: each octet starts a time-out anew.

Knows no protocol; whoever uses it says which connection it is, and what has left by then.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from imaplib import IMAP4
from smtplib import SMTPException

READING_STEPS, READING_MAX = 16, timedelta(minutes=9)
"""How many time-outs all of one look may take, and how long at most: an inbox is leased for ten minutes."""
SENDING_STEPS, SENDING_MAX = 8, timedelta(minutes=4)
"""The same up to a letter's final dot; the reply to that may take five minutes more, and the lease is of ten."""


class TooSlowError(TimeoutError):
    """It was not done in the time that all of it may take, though something may have come all the time."""

    def __init__(self, length: timedelta) -> None:
        super().__init__(f"not done within {length.total_seconds():g} s in all")


def for_reading(timeout: timedelta) -> timedelta:
    """Return how long one look may take in all, where a step of it may take `timeout`."""
    return min(timeout * READING_STEPS, READING_MAX)


def for_sending(timeout: timedelta) -> timedelta:
    """Return how long a letter may take up to its final dot, where a step of it may take `timeout`."""
    return min(timeout * SENDING_STEPS, SENDING_MAX)


@contextmanager
def within(length: timedelta, connection: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Give what is done inside so long; then its connection is shut, which wakes whoever waits for it.

    Raises:
        TooSlowError: the time was over, in place of whatever the broken connection led to.
    """
    over = threading.Event()

    def end() -> None:
        over.set()
        with suppress(OSError, AttributeError):  # it may just be closing
            one = connection()
            if one is not None:
                # Not the method of a connection under TLS, which would take its TLS away while it is read.
                socket.socket.shutdown(one, socket.SHUT_RDWR)

    timer = threading.Timer(length.total_seconds(), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, SMTPException, IMAP4.error, ValueError) as error:
        if over.is_set():
            raise TooSlowError(length) from error
        raise
    finally:
        timer.cancel()
