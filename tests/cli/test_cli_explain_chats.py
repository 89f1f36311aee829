"""`slawatch explain` and `report` on a chat: its steps with their stamps, who its lines are marked as, its pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.base import Batch
from slawatch.cli.trail_lines import exhibits, marked, steps
from slawatch.model import Author, Exhibit, MessageKind, Moment, MomentKind
from slawatch.report.model import Mark
from slawatch.usecases.explain import explain
from slawatch.usecases.tick import tick
from tests.chat_sample import START, chat, line
from tests.cli.conftest import Call
from tests.stages import Opening, Stage, company, stages

SHOT = (Path(__file__).parents[1] / "pictures" / "chat-offline.jpg").read_bytes()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stage]:
    with stages(tmp_path) as opening:
        yield _asked(opening)


def _asked(stage: Opening) -> Stage:
    """Return a stage on which one request left, and a look brought two steps and a picture."""
    here = stage(company(schedule='cron = "0 9 * * Mon"'))
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    request, at = here.the_request(), here.clock.now()
    told = (
        Moment(request=request.message_id, kind=MomentKind.OPENED, at=at, clock="page"),
        Moment(
            request=request.message_id,
            kind=MomentKind.QUEUED,
            at=at + timedelta(seconds=2),
            later=timedelta(seconds=1),
            clock="server",
            saw=f"place 3 for {request.token}\x1b[2J",
        ),
    )
    shot = Exhibit(request=request.message_id, moment=MomentKind.OPENED, at=at, media="image/jpeg", raw=SHOT)
    here.world.store.add_batch("main", "email", Batch(messages=(), cursor="x", moments=told, exhibits=(shot,)))
    return here


def test_explain_tells_the_steps_in_order_with_their_clocks_and_margins(here: Stage, call: Call) -> None:
    done = call("explain", "-c", here.world.config.path, here.the_request().public_id)

    assert (done.code, done.err) == (0, "")
    lines = [" ".join(one.split()) for one in done.out.splitlines()]
    (opened,) = [number for number, one in enumerate(lines) if one.startswith("opened ")]
    assert lines[opened].endswith("± 0.000 s by the page's clock")
    assert "(- 0.000 s, + 1.000 s) by the server's clock: place 3 for " in lines[opened + 1]
    assert here.the_request().token not in done.out
    assert "\x1b" not in done.out


def test_explain_lists_pictures_and_how_to_get_at_them(here: Stage, call: Call) -> None:
    name = here.the_request().public_id
    done = call("explain", "-c", here.world.config.path, name)

    assert f"opened: image/jpeg, {name}-01-opened.jpg" in done.out
    assert f"write them to files: slawatch explain {name} --out FOLDER" in done.out


def test_explain_writes_them_where_it_is_told(here: Stage, call: Call, tmp_path: Path) -> None:
    name = here.the_request().public_id
    done = call("explain", "-c", here.world.config.path, name, "--out", tmp_path / "pictures")

    path = tmp_path / "pictures" / f"{name}-01-opened.jpg"
    assert path.read_bytes() == SHOT
    assert f"written to {path.resolve()}" in " ".join(done.out.split())
    assert "write them to files" not in done.out


def test_explain_json_holds_steps_and_pictures(here: Stage, call: Call) -> None:
    done = call("explain", "-c", here.world.config.path, here.the_request().public_id, "--json")
    found = json.loads(done.out)

    assert [one["kind"] for one in found["moments"]] == ["opened", "queued"]
    assert found["moments"][1]["later"] == 1.0
    assert [one["media"] for one in found["exhibits"]] == ["image/jpeg"]
    assert found["marks"] == {}


def test_a_letter_has_neither_steps_nor_pictures_to_speak_of(here: Stage) -> None:
    plain = replace(explain(here.world, here.the_request().public_id), moments=(), exhibits=())

    assert list(steps(plain)) == []
    assert list(exhibits(plain, [])) == []


@pytest.mark.parametrize(
    ("mark", "says", "told"),
    [
        (Mark(Author.BOT, "vendor-field: bot"), True, ["bot (vendor-field: bot)", "says that it is a machine"]),
        (Mark(Author.BOT, "x"), False, ["bot (x)", "does not say, in words we know, that it is a machine"]),
        (Mark(Author.UNKNOWN), None, ["unknown: nothing marks it"]),
    ],
)
def test_explain_says_who_a_line_is_marked_as(here: Stage, mark: Mark, says: bool | None, told: list[str]) -> None:
    reply = line(7, chat(1, "lindqvist", START), MessageKind.BOT, 2, says_machine=says)
    found = replace(explain(here.world, here.the_request().public_id), marks={7: mark})

    assert [what for _, what in marked(found, reply)] == told


@pytest.mark.parametrize(("option", "held"), [((), 1), (("--no-pictures",), 0)])
def test_a_report_can_be_made_without_pictures(
    here: Stage, call: Call, tmp_path: Path, option: tuple[str, ...], held: int
) -> None:
    day = here.clock.now().date()
    when = ("--period", f"{day - timedelta(days=9)}..{day + timedelta(days=1)}")
    done = call("report", "-c", here.world.config.path, "--out", tmp_path / "report.html", *when, *option)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")

    assert (done.code, done.err) == (0, "")
    assert page.count("<img ") == held
    assert page.count("is kept and not in this page") == 1 - held
