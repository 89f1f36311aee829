"""A slawatch process that kills itself (SIGKILL) at a chosen instant of its work: what test_kill.py copies.

Instants are counted as they come: every statement the store is about to execute, every line sent to the submission
server, every reply just read, while requests are sent and settled.
"""

from __future__ import annotations

import os
import signal
import smtplib
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from slawatch import app
from slawatch.clock import SystemClock
from slawatch.usecases.collect import collect
from slawatch.usecases.send import send_due
from slawatch.usecases.settle import settle

NEVER = 0


class LaterClock(SystemClock):
    """The machine's clock, so many hours ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


class Fuse:
    """Counts instants, and kills the process at the chosen one."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.names: list[str] = []
        self.lit = False

    def burn(self, name: str) -> None:
        if not self.lit:
            return
        self.names.append(name)
        if self.at != NEVER and len(self.names) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def lay(fuse: Fuse) -> None:
    """Lead the fuse past every instant around intent, send and commit."""
    connect = sqlite3.connect
    send = smtplib.SMTP.send
    getreply = smtplib.SMTP.getreply

    def connecting(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **named)
        connection.set_trace_callback(lambda statement: fuse.burn(f"sql {' '.join(statement.split())[:60]}"))
        return connection

    def sending(self: smtplib.SMTP, s: Any) -> None:
        words = s if isinstance(s, str) else bytes(s).decode("latin-1")
        fuse.burn(f"before sending {words[:10].strip()}")
        send(self, s)
        fuse.burn(f"after sending {words[:10].strip()}")

    def replying(self: smtplib.SMTP) -> tuple[int, bytes]:
        reply = getreply(self)
        fuse.burn(f"after reply {reply[0]}")
        return reply

    sqlite3.connect = connecting  # type: ignore[assignment]
    smtplib.SMTP.send = sending  # type: ignore[method-assign]
    smtplib.SMTP.getreply = replying  # type: ignore[method-assign]


def main(config: str, at: str, *hours: str) -> None:
    """Do a pass at each of the hours from now; print each instant's name where nothing is to be killed."""
    fuse = Fuse(int(at))
    clock = LaterClock()
    lay(fuse)
    with app.world(Path(config), clock=clock) as world:
        for hour in hours:
            clock.ahead = timedelta(hours=float(hour))
            collect(world)
            fuse.lit = True
            send_due(world)
            settle(world)
            fuse.lit = False
    if fuse.at == NEVER:
        print("\n".join(fuse.names))
