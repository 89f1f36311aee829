"""kill -9 around every step of telling what is wrong: nothing is lost, and what is told twice says so."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from slawatch import app
from tests.integration.copies import Copies
from tests.servers.receiver import Receiver, receiving
from tests.stages import ACCOUNT, company

KILLS_MIN = 15
STEPS = re.compile(r"sql (?:COMMIT|INSERT INTO alert|UPDATE alert)|http|answer")
FULL, ROOM = 1, 10**12
WRONG, OVER = f"0:{FULL}", f"0.1:{ROOM}"
LATER = (f"0.5:{ROOM}", f"1:{ROOM}", f"2:{ROOM}")  # each after the lease of the one before


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(scope="module")
def copies(receiver: Receiver) -> Iterator[Copies]:
    environment = {**os.environ, "ALERTS": f"json://127.0.0.1:{receiver.port}/"}
    with Copies("tests.integration.killable_alert", environment) as made:
        yield made


def place(folder: Path) -> Path:
    folder.mkdir()
    config = folder / "config.toml"
    text = ACCOUNT + company() + f'\n[[alert]]\nname = "{folder.name}"\non = ["disk"]\nto_env = "ALERTS"\n'
    config.write_text(text, encoding="utf-8")
    with app.world(config):
        pass
    return config


def test_killed_at_any_step_the_end_is_told_and_nothing_twice_without_saying_so(
    copies: Copies, receiver: Receiver, tmp_path: Path
) -> None:
    whole = copies.run(tmp_path, str(place(tmp_path / "undisturbed")), "0", WRONG, OVER)
    assert whole.returncode == 0, whole.stderr
    assert [one["title"].partition(": ")[2] for one in receiver.posts] == [
        "0 MB are left on the disk of the store",
        "resolved: 0 MB are left on the disk of the store",
    ]
    steps = [(at, name) for at, name in enumerate(whole.stdout.splitlines(), start=1) if STEPS.search(name)]
    assert len(steps) >= KILLS_MIN, steps

    ends: Counter[tuple[str, ...]] = Counter()
    for at, name in steps:
        receiver.posts.clear()
        config = place(tmp_path / f"at{at}")
        dead = copies.run(tmp_path, str(config), str(at), WRONG, OVER)
        assert dead.returncode == -signal.SIGKILL, (name, dead.stderr)
        alive = copies.run(tmp_path, str(config), "0", *LATER)
        assert alive.returncode == 0, (name, alive.stderr)

        told = [(one["message"].split(":")[0], "told before" in one["message"]) for one in receiver.posts]
        with app.world(config) as world:
            alerts, tellings = world.store.alerts(), world.store.tellings()
        first_times = Counter(head for head, again in told if not again)
        heads = [head for head, _ in told]
        assert set(first_times.values()) <= {1}, (name, told)
        assert len(told) - first_times.total() <= 1, (name, told)
        assert {one.state for one in tellings} <= {"told"}, (name, tellings)
        assert all(one.resolved_at for one in alerts), name
        assert ("RESOLVED" in heads) == bool(alerts), (name, told)
        assert not heads or heads[-1] == "RESOLVED", (name, told)
        ends[tuple(heads)] += 1

    assert ends[()] > 0  # killed before anything was kept
    assert ends["ERROR", "RESOLVED"] > 0
    assert ends["RESOLVED",] > 0  # told with since when it was
    assert ends["ERROR", "RESOLVED", "RESOLVED"] > 0
