"""What the store promises of reports that were made: the newest of a scope is the last one, and says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from slawatch.store import Store
from slawatch.store.reporting import MadeReport
from slawatch.testing import FakeClock
from tests.contract.made import DAY, HOUR, NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "slawatch.db", clock=FakeClock()) as store:
        yield store


def made(*, ago: int, scope: str = "all", said: str = "") -> MadeReport:
    at = NOW - ago * DAY
    return MadeReport(
        scope=scope,
        made_at=at,
        since=at - 28 * DAY,
        until=at,
        lang="de",
        version="0.1.0",
        config_digest="3f1c",
        chain_head="",
        sha256="ab" * 32,
        figures={"groups": [{"company": "Größe", "value": 0.1, "median": None}], "said": said},
    )


def test_a_report_comes_back_as_it_was_kept(store: Store) -> None:
    kept = made(ago=7)

    store.add_report(kept)

    assert store.last_report("all", made_at=NOW, until=NOW) == kept


def test_the_last_report_is_the_newest_of_the_same_scope(store: Store) -> None:
    for one in (made(ago=7), made(ago=14), made(ago=1, scope="another")):
        store.add_report(one)

    assert store.last_report("all", made_at=NOW, until=NOW) == made(ago=7)
    assert store.last_report("a third", made_at=NOW, until=NOW) is None


def test_a_report_made_now_or_one_that_reaches_as_far_is_not_the_last_one(store: Store) -> None:
    store.add_report(made(ago=0))
    store.add_report(replace(made(ago=1), until=NOW))

    assert store.last_report("all", made_at=NOW, until=NOW) is None
    assert store.last_report("all", made_at=NOW + HOUR, until=NOW + HOUR) == made(ago=0)


def test_each_report_has_an_id_of_its_own(store: Store) -> None:
    assert store.add_report(made(ago=2)) != store.add_report(made(ago=2))
