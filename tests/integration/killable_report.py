"""A slawatch process that kills itself (SIGKILL) while it mails a report: what test_kill_report.py copies."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from slawatch import app
from slawatch.report import build, mail, render  # noqa: F401 - loaded once, not by every copy
from slawatch.usecases.mailing import mail_due
from tests.integration.killable import NEVER, Fuse, LaterClock, lay


def main(config: str, at: str, *hours: str) -> None:
    """Mail what is due at each of the hours from now; print each instant's name where nothing is to be killed."""
    fuse = Fuse(int(at))
    clock = LaterClock()
    lay(fuse)
    with app.world(Path(config), clock=clock) as world:
        for hour in hours:
            clock.ahead = timedelta(hours=float(hour))
            fuse.lit = True
            mail_due(world)
            fuse.lit = False
    if fuse.at == NEVER:
        print("\n".join(fuse.names))
