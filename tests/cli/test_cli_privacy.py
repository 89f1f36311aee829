"""What is kept, erased, encrypted, cut and published, as people type it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slawatch.store import Store
from slawatch.testing import FakeClock
from slawatch.usecases.tick import tick
from tests.cli.conftest import Call
from tests.stages import Stage, company, stages

WEEKLY = 'cron = "0 9 * * Mon"'
ANSWER = "Guten Tag, wir liefern in zwei Tagen.\n\nMit freundlichen Grüßen\nJana Ottmann"


@pytest.fixture
def here(tmp_path: Path) -> Stage:
    """A store in which two companies have answered; the time of the answers is long past."""
    with stages(tmp_path) as opening:
        found = opening(
            company("shop", relationship="own", schedule=WEEKLY), company("bakery", relationship="own", schedule=WEEKLY)
        )
        tick(found.world)
        found.forward(days=1, hours=7)
        tick(found.world)
        found.forward(hours=2)
        for request in found.requests():
            found.far.answer(request, ANSWER)
        tick(found.world)
    return found


def config(here: Stage) -> Path:
    return here.world.config.path


def of_shop(here: Stage) -> str:
    with Store(here.world.config.store, clock=FakeClock()) as store:
        return next(one.public_id for one in store.requests() if one.company == "shop")


def faults(call: Call, path: Path) -> set[str]:
    """Return what is wrong with the chain; letters of the far side in memory are none that e-mail could judge."""
    found = json.loads(call("verify", "-c", path, "--json").out)
    return {one["what"] for one in found["faults"]} - {"not-as-judged"}


def test_retention_says_what_goes_when_and_now_throws_it_away(here: Stage, call: Call) -> None:
    shown = call("retention", "-c", config(here))
    assert shown.code == 0
    assert "kept: own 30 d, consented 180 d, competitor 30 d, public_interest 365 d, text 180 d" in shown.out
    assert "raw evidence" in shown.out
    assert "with the next ticks, or now with --now" in shown.out  # the machine's clock is months later

    facts = json.loads(call("retention", "-c", config(here), "--now", "--json").out)

    assert "raw evidence of 4 messages" in facts["thrown_away"]
    assert [one for one in facts["kept"] if one["what"] == "raw"] == []
    assert facts["keeps"]["own"] == 30 * 86400


def test_erase_shows_first_and_erases_only_when_told(here: Stage, call: Call) -> None:
    shown = call("erase", "service@shop.example", "-c", config(here))
    assert "nothing was erased: add --yes" in shown.out
    assert "config.toml names them" in shown.out

    facts = json.loads(call("erase", "service@shop.example", "-c", config(here), "--yes", "--opt-out", "--json").out)

    assert (facts["what"], facts["erased"], facts["written_anew"]) == ("address", True, True)
    assert facts["found"]["request.target"] == 1
    assert facts["opted_out"] == "address:service@shop.example"
    assert "nothing in the store is about this address" in call("erase", "service@shop.example", "-c", config(here)).out
    assert "erased-" in call("audit-log", "-c", config(here)).out
    assert faults(call, config(here)) == set()
    wrong = call("erase", "nobody", "-c", config(here))
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)


def test_keys_are_made_changed_and_undone(here: Stage, call: Call) -> None:
    path = config(here)
    assert call("key", "new", "-c", path).code == 2
    path.write_text('key_file = "evidence.key"\n' + path.read_text())

    assert "4 raw forms encrypted anew" in call("key", "new", "-c", path).out
    (first,) = json.loads(call("key", "status", "-c", path, "--json").out)["raw_forms"]
    rotated = call("key", "rotate", "-c", path)
    assert f"taken out: {first}" in rotated.out
    assert faults(call, path) == set()
    assert "raw evidence is encrypted" in call("check", "-c", path).out
    (here.world.config.folder / "evidence.key").rename(here.world.config.folder / "away")
    status = call("key", "status", "-c", path)
    assert (status.code, "does not exist: bring it back" in status.out) == (1, True)
    locked = call("verify", "-c", path)
    assert (locked.code, "4 messages locked" in locked.out) == (4, True)
    (here.world.config.folder / "away").rename(here.world.config.folder / "evidence.key")
    assert "4 raw forms decrypted" in call("key", "undo", "-c", path).out


def test_redact_shows_each_cut(here: Stage, call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ANSWER)
    shown = call("redact", tmp_path / "a.txt", "-c", config(here))
    assert "[signature: Jana Ottmann]" in shown.out
    assert "1 cut by the rules redact-1: signature 1" in shown.out

    facts = json.loads(call("redact", tmp_path / "a.txt", "-c", config(here), "--json").out)

    assert facts["texts"][0]["cuts"][0]["was"] == "Jana Ottmann"
    assert call("redact", "nothing", "-c", config(here)).code == 2
    assert call("redact", of_shop(here), "-c", config(here)).code == 0


def test_an_embargo_makes_packets_and_keeps_the_report_waiting(here: Stage, call: Call) -> None:
    period = ("--period", "2026-03-01..2026-04-30")
    made = call("report", "-c", config(here), *period, "--embargo", "14 d")
    assert made.code == 0
    assert made.out.count("for nobody else until") == 2

    refused = call("report", "-c", config(here), *period)
    assert (refused.code, "bakery, shop may reply until" in refused.err) == (2, True)
    assert call("badge", "-c", config(here), *period).code == 2
    assert call("report", "-c", config(here), *period, "--text").code == 0
    told = call("correction", "add", "shop", "We moved.", "--request", of_shop(here), "-c", config(here))
    assert "stands in its reports from now on" in told.out
    assert call("report", "-c", config(here), *period, "--override-embargo", "they agreed").code == 0
    listed = call("correction", "list", "-c", config(here)).out
    assert "We moved." in listed
    assert "overridden: they agreed" in listed
    assert "embargo overridden" in call("audit-log", "-c", config(here)).out
