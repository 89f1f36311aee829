"""A slawatch process that kills itself (SIGKILL) while it notices and tells: what test_kill_alert.py copies."""

from __future__ import annotations

import http.client
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

from slawatch import app
from slawatch.noticing import DiskFacts
from slawatch.usecases import noticing
from slawatch.usecases.alerted import alert
from tests.integration.killable import NEVER, Fuse, LaterClock, lay

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import apprise

    apprise.Apprise().add("json://localhost")  # loads its services once, not in every copy

DISK = 10**12


def lay_at_http(fuse: Fuse) -> None:
    """Lead the fuse past every instant around a message to a service."""
    send = http.client.HTTPConnection.send
    getresponse = http.client.HTTPConnection.getresponse

    def sending(self: http.client.HTTPConnection, data: Any) -> None:
        fuse.burn("before http")
        send(self, data)
        fuse.burn("after http")

    def answering(self: http.client.HTTPConnection) -> http.client.HTTPResponse:
        response = getresponse(self)
        fuse.burn("after answer")
        return response

    http.client.HTTPConnection.send = sending  # type: ignore[method-assign]
    http.client.HTTPConnection.getresponse = answering  # type: ignore[method-assign]


def main(config: str, at: str, *passes: str) -> None:
    """Do what a pass does about alerts, as often as said: "0.5:1" in half an hour, with one byte left on the disk."""
    fuse = Fuse(int(at))
    clock = LaterClock()
    lay(fuse)
    lay_at_http(fuse)
    with app.world(Path(config), clock=clock) as world:
        for one in passes:
            hours, _, free = one.partition(":")
            clock.ahead = timedelta(hours=float(hours))
            left = DiskFacts(free=int(free), size=DISK)
            noticing.disk = lambda _world, left=left: left  # type: ignore[misc]
            fuse.lit = True
            alert(world)
            fuse.lit = False
    if fuse.at == NEVER:
        print("\n".join(fuse.names))
