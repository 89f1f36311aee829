"""A slawatch process that kills itself (SIGKILL) at a chosen instant of replying: what test_kill_follow_up.py copies.

Instants are counted as killable.py counts them: every statement of the store, every line to and from the submission
server, while a reply is sent and settled.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from slawatch import app
from slawatch.usecases.collect import collect
from slawatch.usecases.follow import follow_due
from slawatch.usecases.followed import settle_follow_ups
from slawatch.usecases.send import Sending
from tests.integration.killable import NEVER, Fuse, LaterClock, lay


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
            follow_due(world, Sending())
            settle_follow_ups(world)
            fuse.lit = False
    if fuse.at == NEVER:
        print("\n".join(fuse.names))
