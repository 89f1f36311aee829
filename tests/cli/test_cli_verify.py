"""`slawatch verify` and `slawatch evidence` say in words and exit codes what holds, what does not, what is sealed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from slawatch.cli import evidence, report, verify
from slawatch.usecases.tick import tick
from slawatch.usecases.world import World
from tests.stages import Stage, company, stages

WEEKLY = 'cron = "0 9 * * Mon"'
ANSWER = "Guten Tag, wir liefern in zwei Tagen, jedes Paket lässt sich verfolgen. Ihr J. Ott"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """One company that has answered one question."""
    with stages(tmp_path) as opening:
        stage = opening(company("shop", schedule=WEEKLY, relationship="own"))
        tick(stage.world)
        stage.forward(days=1, hours=7)
        tick(stage.world)
        stage.forward(hours=2)
        stage.far.answer(stage.the_request(), ANSWER)
        tick(stage.world)

        @contextmanager
        def world(_path: Path) -> Iterator[World]:
            yield stage.world

        for module in (evidence, report, verify):
            monkeypatch.setattr(module, "world", world)
        yield stage


@pytest.fixture
def made(here: Stage, tmp_path: Path) -> Path:
    assert run(report, "--out", tmp_path / "r.html").exit_code == 0
    here.forward(hours=1)
    return tmp_path / "r.html"


def run(module: object, *words: object) -> Result:
    return CliRunner().invoke(module.command, ["-c", "unused.toml", *map(str, words)])  # type: ignore[attr-defined]


def tamper(here: Stage, statement: str) -> None:
    with closing(sqlite3.connect(here.world.config.store)) as other:
        other.execute(statement)
        other.commit()


def test_all_that_holds_ends_with_0_and_a_sentence(here: Stage, made: Path) -> None:
    chain, file = run(verify), run(verify, made)

    assert (chain.exit_code, file.exit_code) == (0, 0)
    assert "Nothing was changed, removed or added since it was linked" in chain.stdout
    assert file.stdout.splitlines()[-1].startswith("Every figure in this report still follows from the evidence")
    assert here.world.store.chain_head() in chain.stdout


def test_what_does_not_hold_ends_with_1_and_is_named(here: Stage, made: Path) -> None:
    request = here.the_request().public_id
    tamper(here, "UPDATE message SET stamp_at = stamp_at - 3600000000 WHERE id = (SELECT message_id FROM reply)")

    chain, file = run(verify), run(verify, made)

    assert (chain.exit_code, file.exit_code) == (1, 1)
    assert f", of {request}: is not what was linked" in chain.stdout
    assert "no longer hold" in file.stdout
    assert f"because: {request}: message" in file.stdout


def test_an_altered_file_ends_with_1_and_says_so_last(made: Path) -> None:
    made.write_text(made.read_text(encoding="utf-8").replace("</h1>", "!</h1>"), encoding="utf-8")

    done = run(verify, made)

    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1].startswith("This file was altered after it was made.")


def test_a_report_that_rests_on_sealed_evidence_ends_with_4_and_names_the_request(here: Stage, made: Path) -> None:
    (reply,) = here.world.store.replies([here.the_request().id])[here.the_request().id]
    here.world.store.mark_gone([reply.message_id])
    here.world.store.purge_gone()

    done = run(verify, made)

    assert done.exit_code == 4
    assert here.the_request().public_id in done.stdout
    assert "Nothing speaks against this report. 1 request in it" in done.stdout
    assert run(verify).exit_code == 0


def test_as_json_it_says_the_same(here: Stage, made: Path) -> None:
    said = json.loads(run(verify, made, "--json").stdout)
    chain = json.loads(run(verify, "--json").stdout)

    assert (said["holds"], said["altered"], said["known"], said["linked"]) == (True, False, True, True)
    assert {group["state"] for group in said["groups"]} == {"holds"}
    assert (chain["holds"], chain["head"]) == (True, here.world.store.chain_head())


def test_a_head_may_be_given_as_a_mail_breaks_it(here: Stage) -> None:
    assert run(verify).exit_code == 0
    head = here.world.store.chain_head()

    assert run(verify, "--head", f"{head[:32]}\n {head[32:].upper()}").exit_code == 0


def test_a_pack_says_where_it_is_what_is_in_it_and_its_head(here: Stage, tmp_path: Path) -> None:
    here.forward(hours=1)

    done = run(evidence, tmp_path / "p.zip", "--company", "shop", "--period", "28 d")

    assert done.exit_code == 0
    where, what, head = done.stdout.splitlines()
    assert where == (tmp_path / "p.zip").as_uri()
    assert what == "1 request, 1 message"
    assert head.startswith(f"head {here.world.store.chain_head()}")
    assert here.clock.now() - here.the_request().intended_at < timedelta(days=1)
