"""What tests of the practice range share: its probes and letters, a history from a seed, and the truth behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from slawatch import app, resources
from slawatch import probe as probe_room
from slawatch.model import Probe, Wait
from slawatch.practice.companies import COMPANIES
from slawatch.practice.demo import config_text, wordings
from slawatch.practice.history import History, make
from slawatch.practice.letters import Letters
from slawatch.testing import BEFORE_SUMMER_TIME

UNTIL = BEFORE_SUMMER_TIME + timedelta(days=9)
BY_A_PERSON = frozenset({"answer", "interim", "question", "handoff"})
WINDOW = timedelta(days=7)


@cache
def probes() -> Mapping[str, Probe]:
    """The probes that come with slawatch."""
    return dict(probe_room.load_all(resources.folders("probes", None)))


@cache
def letters() -> Letters:
    return Letters(wordings(dict(probes())))


def history(seed: str, until: datetime = UNTIL) -> History:
    """Return four weeks before `until`."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(config_text(COMPANIES, 1, 2), encoding="utf-8")
        path.chmod(0o600)
        with app.world(path) as world:
            channel = world.channel("practice")
            return make(world.config, probes(), COMPANIES, letters(), channel, until=until, seed=seed)


def first_responses(made: History, *, until: datetime) -> dict[str, list[Wait]]:
    """Return by company the true waits: from what the companies did, not from what was measured of it."""
    began = {f"<{request.message_id}>": request for request in made.requests}
    ended: dict[str, datetime] = {}
    for due in made.written:
        if due.letter in BY_A_PERSON:
            ended[due.asked.message_id] = min(due.at, ended.get(due.asked.message_id, due.at))
    waits: dict[str, list[Wait]] = {company.key: [] for company in COMPANIES}
    for message_id, request in began.items():
        seen = min(until - request.intended_at, WINDOW)
        length = ended.get(message_id, until) - request.intended_at
        waits[request.company].append(Wait(length=min(length, seen), ended=message_id in ended and length <= seen))
    return waits
