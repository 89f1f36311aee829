"""What chats left beside their messages: in the report, in explain, and in files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.base import Batch
from slawatch.errors import OutputError, StoreError
from slawatch.model import Exhibit, Moment, MomentKind, Request, Verdict, VoidReason
from slawatch.report import pictures as room
from slawatch.report import render
from slawatch.report.build import build
from slawatch.report.model import Case
from slawatch.usecases.explain import explain
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.tick import tick
from slawatch.usecases.trails import trails_of, write_out
from tests.stages import Opening, Stage, company, stages

SHOT = (Path(__file__).parents[1] / "pictures" / "chat-opened.jpg").read_bytes()
WEEKLY = 'cron = "0 9 * * Mon"'


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Opening]:
    with stages(tmp_path) as opening:
        yield opening


def asked(stage: Opening, *names: str) -> Stage:
    """Return a stage on which each of these companies has just been asked."""
    here = stage(*(company(name, schedule=WEEKLY) for name in names or ("shop",)))
    tick(here.world)
    here.forward(days=1, hours=7)
    tick(here.world)
    return here


def seen(here: Stage, request: Request, *moments: Moment, exhibits: tuple[Exhibit, ...] = ()) -> None:
    """Let a look bring steps and pictures of this request."""
    batch = Batch(messages=(), cursor="after", moments=moments, exhibits=exhibits)
    here.world.store.add_batch(request.account, request.channel, batch)


def step(here: Stage, request: Request, kind: MomentKind, saw: str = "") -> Moment:
    return Moment(request=request.message_id, kind=kind, at=here.clock.now(), saw=saw)


def shot(here: Stage, request: Request, kind: MomentKind = MomentKind.OPENED, raw: bytes = SHOT, **how: str) -> Exhibit:
    media = how.get("media", "image/jpeg")
    return Exhibit(
        request=request.message_id, moment=kind, at=here.clock.now(), media=media, raw=raw, name="../../etc/passwd"
    )


def cases(here: Stage, *, pictures: bool = True) -> list[Case]:
    now = here.clock.now()
    choice = Choice(since=now - timedelta(days=30), until=now + timedelta(seconds=1), pictures=pictures)
    return list(gather(here.world, choice).cases)


def test_steps_and_pictures_come_into_the_report_with_their_request(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()
    seen(here, request, step(here, request, MomentKind.OPENED), exhibits=(shot(here, request),))

    (case,) = cases(here)

    assert [one.kind for one in case.moments] == [MomentKind.OPENED]
    assert [(one.media, one.raw) for one in case.exhibits] == [("image/jpeg", SHOT)]


def test_without_pictures_the_report_says_that_there_are_some_and_holds_the_page_in_words(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()
    words = shot(here, request, raw=b"- heading", media="text/yaml")
    seen(here, request, step(here, request, MomentKind.OPENED), exhibits=(shot(here, request), words))

    (case,) = cases(here, pictures=False)

    assert {one.media: one.raw for one in case.exhibits} == {"image/jpeg": None, "text/yaml": b"- heading"}


def test_where_there_are_too_many_pictures_what_is_held_against_a_company_keeps_its_own(
    stage: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = asked(stage, "first", "second", "third")
    requests = here.requests()
    for number, one in enumerate(requests):
        seen(here, one, exhibits=(shot(here, one, raw=SHOT + bytes([number])),))
    monkeypatch.setattr(room, "ALL_MAX", len(SHOT) + 1)
    outcomes = {one.request.id: one.outcome for one in cases(here)}
    shut = requests[1].id
    outcomes[shut] = replace(outcomes[shut], verdict=Verdict.VOID, void_reason=VoidReason.OFFLINE)

    trails = trails_of(here.world, requests, outcomes, pictures=True)

    assert [one.id for one in requests if trails[one.id].exhibits[0].raw is not None] == [shut]


def test_a_picture_that_is_not_kept_any_more_keeps_no_report_from_being_made(
    stage: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = asked(stage)
    request = here.the_request()
    seen(here, request, step(here, request, MomentKind.OPENED), exhibits=(shot(here, request),))

    def lost(sha256: str) -> bytes:
        raise StoreError(sha256)

    monkeypatch.setattr(here.world.store, "raw", lost)

    (case,) = cases(here)

    assert [one.raw for one in case.exhibits] == [None]


def test_our_own_names_and_addresses_are_known_to_the_report(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()
    seen(here, request, step(here, request, MomentKind.GREETING, "Guten Tag Anna Beispiel! (asks@own.example)"))
    now = here.clock.now()
    material = gather(here.world, Choice(since=now - timedelta(days=30), until=now + timedelta(seconds=1)))

    page = render.html(build(material))

    assert set(material.ours) == {"Anna Beispiel", "asks@own.example"}
    assert "Guten Tag •••! (•••)" in page
    assert "Beispiel" not in page


def test_who_is_greeted_by_a_machine_that_says_so_was_told(stage: Opening) -> None:
    here = asked(stage, "first", "second")
    first, second = here.requests()
    seen(here, first, step(here, first, MomentKind.GREETING, "Hallo! Ich bin Lumi, der virtuelle Assistent."))
    seen(here, second, step(here, second, MomentKind.GREETING, "Hallo! Wie kann ich helfen?"))

    told = {one.request.id: one.greeted_as_machine for one in cases(here)}

    assert told == {first.id: True, second.id: False}


def test_explain_holds_the_steps_and_names_a_file_for_each_picture(stage: Opening) -> None:
    here = asked(stage)
    request = here.the_request()
    words = shot(here, request, MomentKind.SUBMITTED, raw=b"- heading", media="text/yaml")
    odd = shot(here, request, MomentKind.CLOSED, raw=b"%PDF", media="application/pdf")
    seen(here, request, step(here, request, MomentKind.OPENED), exhibits=(shot(here, request), words, odd))

    found = explain(here.world, request.public_id)

    assert [one.kind for one in found.moments] == [MomentKind.OPENED]
    assert sorted(one.file for one in found.exhibits) == [
        f"{request.public_id}-01-opened.jpg",
        f"{request.public_id}-02-submitted.yaml",
        f"{request.public_id}-03-closed.bin",
    ]


def test_pictures_are_written_to_files_of_our_own_naming(stage: Opening, tmp_path: Path) -> None:
    here = asked(stage)
    request = here.the_request()
    seen(here, request, exhibits=(shot(here, request),))
    folder = tmp_path / "new" / "folder"

    (path,) = write_out(here.world, explain(here.world, request.public_id).exhibits, folder)

    assert path == (folder / f"{request.public_id}-01-opened.jpg").resolve()
    assert path.read_bytes() == SHOT
    assert list(folder.iterdir()) == [path]


def test_where_they_cannot_be_written_the_error_says_so(stage: Opening, tmp_path: Path) -> None:
    here = asked(stage)
    request = here.the_request()
    seen(here, request, exhibits=(shot(here, request),))
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(OutputError, match=r'explain: ".*taken" cannot be written to .*write them elsewhere'):
        write_out(here.world, explain(here.world, request.public_id).exhibits, tmp_path / "taken")
