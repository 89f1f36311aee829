"""The report over very many: the same figures as the narrow one, and kept outcomes that vanish in time."""

from __future__ import annotations

import math
import random
import re
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from slawatch import judging, pages
from slawatch.clock import to_micros
from slawatch.compare import places
from slawatch.model import MessageKind
from slawatch.report import build, columns, proof, render, wide, wide_figures, wide_page, wide_top
from slawatch.report.opening import opening
from slawatch.report.sentences import Sentences
from slawatch.report.tally import Brought, Who
from slawatch.store.settled import SettledKind
from slawatch.testing import BEFORE_SUMMER_TIME as NOW
from slawatch.usecases import reported, settled
from slawatch.usecases import wide as use
from slawatch.usecases.outcomes import standing
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.settled import hear_nothing
from tests.stages import Opening, Stage, company

DAY = timedelta(days=1)
SINCE, UNTIL = NOW - 60 * DAY, NOW + DAY
CHOICE = Choice(since=SINCE, until=UNTIL)
SHARES = 'first_response = { share = 0.8, within = "2 h" }\nwindow = "5 d"'
SERVICE = 'hours = { Mon-Fri = "09:00-17:00" }\nanswer = { share = 0.5, within = "4 h", clock = "service" }'
COMPANIES = (company("shop"), company("prompt", extra=SHARES), company("office", extra=SERVICE), company("silent"))
KINDS = (MessageKind.ANSWER, MessageKind.INTERIM, MessageKind.QUESTION, MessageKind.UNKNOWN, MessageKind.BOUNCE)


@pytest.fixture
def full(stage: Opening) -> Stage:
    """Return a stage whose store holds two months of requests and what came back, up to a look an hour ago."""
    opened = stage(*COMPANIES)
    fill(opened, 400)
    return opened


@pytest.fixture
def few(stage: Opening) -> Stage:
    """Return the same with fewer requests, for what does not rest on their number."""
    opened = stage(*COMPANIES)
    fill(opened, 100)
    return opened


def fill(stage: Stage, number: int) -> None:
    dice = random.Random("wide")  # noqa: S311  no secret
    stage.world.store.open()
    db = sqlite3.connect(stage.world.config.store, isolation_level=None)
    db.execute("INSERT INTO inbox (account, observed_until) VALUES ('main', ?)", (micros(-1 / 24),))
    db.execute("BEGIN")
    for one in range(1, number + 1):
        key = ("shop", "prompt", "office", "silent", "gone")[one % 5]
        days = -dice.uniform(0.05, 50)
        at = micros(days)
        db.execute(
            "INSERT INTO request (id, public_id, origin, company, channel, target, account, probe, lang, variant,"
            " subject, body, token, message_id, delivery, due_at, zone, intended_at, accepted_at)"
            " VALUES (?, ?, 'sent', ?, 'email', ?, 'main', 'made', 'en', 0, 'Q', 'Q', ?, ?, ?, ?, 'UTC', ?, ?)",
            (one, f"R{one}", key, f"service@{key}.example", f"t{one}", f"m{one}@own.example",
             "refused" if one % 97 == 0 else "sent", at, at, None if one % 97 == 0 else at),
        )  # fmt: skip
        if key == "silent" or dice.random() < 0.2:
            continue
        for turn in range(dice.choice((1, 1, 2))):
            came = round(dice.lognormvariate(1.5, 1.5) * 3600) * 1_000_000 + at + turn
            if came <= micros(-1 / 24):
                reply(db, one * 10 + turn, one, dice.choice((*KINDS, *(MessageKind.ANSWER,) * 4)), came)
    db.execute("COMMIT")
    db.close()


def reply(db: sqlite3.Connection, message: int, request: int, kind: MessageKind, at: int) -> None:
    db.execute(
        "INSERT INTO message (id, account, channel, remote_id, folder, sha256, own_id, sender, subject, stamp_at,"
        " stamp_source, stamp_earlier, stamp_later, seen_at, purged_at)"
        " VALUES (?, 'main', 'email', ?, '', '', '', 'a@b.example', '', ?, 'made', 0, 0, ?, 0)",
        (message, str(message), at, at),
    )
    db.execute("INSERT INTO derived (message_id, rules, kind) VALUES (?, 'made', ?)", (message, str(kind)))
    db.execute(
        "INSERT INTO reply (message_id, request_id, evidence, strength) VALUES (?, ?, 'cited-id', 'certain')",
        (message, request),
    )


def micros(days: float) -> int:
    return to_micros(NOW + days * DAY)


def book_of(stage: Stage) -> wide.WideBook:
    tally, material = use.gather_wide(stage.world, CHOICE)
    return wide.build(tally, material)


def change(stage: Stage, statement: str, *values: int) -> None:
    db = sqlite3.connect(stage.world.config.store)
    with db:
        db.execute(statement, values)
    db.close()


def kept(stage: Stage) -> set[int]:
    """Return the requests that pages speak for."""
    return {int(one) for part in settled.parts(stage.world, SINCE, UNTIL) for one in part.id}


def same(found: float, wanted: timedelta | float | None) -> None:
    if wanted is None:
        assert math.isnan(found)
    else:
        plain = wanted.total_seconds() if isinstance(wanted, timedelta) else wanted
        assert found == pytest.approx(plain, rel=1e-9, abs=2e-6)


def compare(stage: Stage) -> None:
    """Hold every figure of the wide report against the narrow one's."""
    found, narrow = book_of(stage), build.build(gather(stage.world, CHOICE))
    assert len(found.there) == len(narrow.groups)
    for groups, those in ((found.groups, narrow.groups), (found.ways, narrow.channels)):
        for group in those:
            place = list(groups.who).index(
                Who(group.company.key if group.company else "", group.channel, group.observed)
            )
            counts = (group.answered, group.missed, group.pending, group.void_total)
            assert tuple(groups.verdicts[place].tolist()) == counts
            assert (groups.late[place], groups.in_review[place]) == (group.late, group.in_review)
            for measure, figures in groups.figures.items():
                summary = group.summary(measure)
                for name in ("median", "median_low", "median_high", "p90"):
                    same(getattr(figures, name)[place], getattr(summary, name))
                same(figures.least[place], summary.restricted_mean_least)
                same(figures.mean_of_ended[place], summary.mean_of_answered)
                same(figures.shares[0].value[place], summary.share_within)
            for statement in group.statements:
                (held,) = (
                    one for one in groups.held if one.objective == statement.objective and place in one.of.tolist()
                )
                row, judged = held.of.tolist().index(place), statement.judgement
                assert judging.RESULTS[held.found.result[row]] is judged.result
                assert judging.PROOFS[held.found.proof[row]] is judged.proof
                same(held.found.value[row], judged.value)
                same(held.found.low[row], judged.low)
                same(held.found.high[row], judged.high)
                assert held.found.more_needed[row] == (-1 if judged.more_needed is None else judged.more_needed)


def test_the_wide_report_says_what_the_narrow_one_says(full: Stage) -> None:
    compare(full)
    assert len(kept(full)) > 300
    compare(full)  # now from the pages


def test_a_wait_that_is_kept_goes_on_with_every_look_until_the_window_ends_it(full: Stage) -> None:
    book_of(full)
    before = kept(full)
    for days in (0.5, 3.0, 30.0):
        full.clock.forward(timedelta(days=days))
        change(full, "UPDATE inbox SET observed_until = ?", micros(days))
        compare(full)
    assert before <= kept(full)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE derived SET kind = 'acknowledgement' WHERE message_id = {message}",
        "UPDATE message SET stamp_at = stamp_at + 60000000 WHERE id = {message}",
        "UPDATE reply SET strength = 'weak' WHERE message_id = {message}",
        "DELETE FROM reply WHERE message_id = {message}",
        "UPDATE request SET accepted_at = accepted_at - 60000000 WHERE id = {request}",
        "INSERT INTO review (message_id, at, who, reason, was) VALUES ({message}, 0, 'me', 'so', '{{}}')",
        (
            "INSERT INTO moment (request_id, kind, at, earlier, later, clock, saw)"
            " VALUES ({request}, 'left', 1, 0, 0, 'server', '')"
        ),
        "INSERT INTO promise (message_id, number, quote, about, within) VALUES ({message}, 1, 'soon', 'reply', 60)",
        (
            "INSERT INTO follow_up (request_id, message_id, purpose, subject, body, own_id, envelope_id, delivery,"
            " intended_at) VALUES ({request}, {message}, 'reply', '', '', 'f', 'f', 'intended', 0)"
        ),
        "INSERT OR REPLACE INTO given (request_id, import_id, line) VALUES ({request}, 1, 1)",
    ],
)
def test_a_kept_outcome_vanishes_when_anything_it_rests_on_changes(few: Stage, statement: str) -> None:
    book_of(few)
    change(few, "INSERT INTO import VALUES (1, 0, 'a.csv', '', 'tidy', 1)")
    message = next(one for one in range(10, 4000) if one // 10 in kept(few) and _is_answer(few, one))
    assert message // 10 in kept(few)

    change(few, statement.format(message=message, request=message // 10))

    assert message // 10 not in kept(few)
    assert message // 10 in few.world.store.unsettled_ids()


def _is_answer(stage: Stage, message: int) -> bool:
    replies = stage.world.store.replies_of([message]).get(message, [])
    return any(one.kind is MessageKind.ANSWER for one in replies)


def test_a_reply_that_is_judged_anew_changes_the_figures(full: Stage) -> None:
    book_of(full)
    change(full, "UPDATE derived SET kind = 'acknowledgement' WHERE message_id % 3 = 0")

    compare(full)


def test_another_window_in_the_config_is_honoured(full: Stage, stage: Opening) -> None:
    book_of(full)

    narrower = stage(company("shop", extra='window = "36 h"'), *COMPANIES[1:])

    compare(narrower)


def test_a_request_of_which_a_reply_waits_for_review_is_not_kept(full: Stage) -> None:
    book_of(full)
    requests = full.world.store.requests()

    waiting = {one.request_id for one in standing(full.world, requests).values() if one.in_review}

    assert waiting
    assert not waiting & kept(full)


def test_nothing_is_derived_twice(full: Stage) -> None:
    told: list[tuple[int, int]] = []
    settled.settle(full.world, SINCE, UNTIL, heard=lambda done, total: told.append((done, total)))
    assert told[-1] == (400, 400)

    left = len(full.world.store.unsettled_ids())
    settled.settle(full.world, SINCE, UNTIL, heard=lambda done, total: told.append((done, total)))

    assert told[-1] == (left, left)
    assert left < 100


def test_a_request_that_is_gone_leaves_its_page(few: Stage) -> None:
    settled.settle(few.world, SINCE, UNTIL, heard=hear_nothing)
    one = min(kept(few))
    change(few, "DELETE FROM reply WHERE request_id = ?", one)
    change(few, "DELETE FROM request WHERE id = ?", one)

    settled.settle(few.world, SINCE, UNTIL, heard=hear_nothing)

    assert one not in kept(few)
    assert one not in few.world.store.unsettled_ids()


def test_only_more_than_sixty_companies_or_twenty_thousand_requests_make_it_wide(
    full: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not use.is_wide(full.world, CHOICE)
    monkeypatch.setattr(use, "COMPANIES_MAX", 4)
    assert use.is_wide(full.world, CHOICE)
    assert not use.is_wide(full.world, Choice(since=SINCE, until=UNTIL, companies=("shop",)))
    monkeypatch.setattr(use, "COMPANIES_MAX", 60)
    monkeypatch.setattr(use, "REQUESTS_MAX", 399)
    assert use.is_wide(full.world, CHOICE)


def test_the_page_escapes_names_and_its_data_have_the_shape_of_the_narrow_report(few: Stage) -> None:
    book = book_of(few)
    view = book.material.companies["shop"]
    object.__setattr__(view, "name", "<script>x</script>")

    page = wide_page.html(book, lang="en", folder=None)
    groups = wide_page.data(book)["groups"]

    assert "<script" not in page
    assert "&lt;script&gt;x" in page
    assert "slawatch report --company KEY" in page
    narrow = build.build(gather(few.world, CHOICE))
    assert [group["company"] for group in groups] == ["gone", "office", "prompt", "shop", "silent", "*"]
    assert {*groups[0]} <= {*render.data(narrow)["groups"][0]}
    assert "shop" not in wide_page.text(book, lang="en", folder=None).partition("All companies")[0]


def changed(data: dict[str, Any]) -> tuple[int, set[tuple[str, ...]]] | None:
    """Return what is not as the last report said it, by how it stood and stands; None where there was none."""
    found = data["since_last"]
    names = ("company", "channel", "origin", "measure", "was_result", "was_proof", "result", "proof")
    return found and (found["new"], {tuple(str(one[name]) for name in names) for one in found["changed"]})


@pytest.mark.parametrize("lang", ["en", "de"])
def test_it_opens_with_the_sentences_of_the_narrow_one(few: Stage, lang: str) -> None:
    change(few, "UPDATE request SET proof = 'proven' WHERE id % 2 = 0")
    words = Sentences(lang, folder=None, space=" ")
    earlier = replace(CHOICE, until=NOW - 20 * DAY)
    for choice in (earlier, CHOICE):
        found = wide.build(*use.gather_wide(few.world, choice))

        said = wide_top.opening(words, found)

        narrow = opening(words, build.build(gather(few.world, choice)))
        assert said._replace(objectives=()) == narrow._replace(objectives=())
        # Where one company alone is held to an objective, the narrow one calls it by its name.
        assert len(said.objectives) == len(narrow.objectives)
        assert len({*said.objectives} & {*narrow.objectives}) == 2
        assert changed(wide_page.data(found)) == changed(render.data(build.build(gather(few.world, choice))))
        reported.keep(
            few.world,
            choice,
            found.material,
            wide_figures.to_keep(found, wide_page.data(found, companies=False)),
            few.world.config.store,
        )
        few.clock.forward(DAY)
    assert words.date(NOW, found.material.zone) in said.changes  # it was held against the one before


def test_its_figures_for_machines_are_those_of_its_data(few: Stage) -> None:
    book = book_of(few)
    of_all = {(one["company"], one["channel"]): one for one in wide_page.data(book)["groups"]}

    source = wide_page.html(book, lang="en", folder=None)
    groups = list(columns.groups(proof.opened(source).facts["figures"]))

    assert len(groups) == len(of_all)
    for group in groups:
        whole = of_all[group["company"], group["channel"]]
        for name in ("origin", "n", "answered", "missed", "pending", "void", "late", "in_review"):
            assert group.get(name, whole[name]) == whole[name]
        assert [one["proof"] for one in group["objectives"]] == [one["proof"] for one in whole["objectives"]]
        assert [one["low"] for one in group["objectives"]] == pytest.approx(
            [one["low"] for one in whole["objectives"]], abs=6e-4
        )
        median = group.get("first_response.median", whole["first_response"]["median"])
        assert median == pytest.approx(whole["first_response"]["median"], abs=6e-4)


def test_every_company_stands_in_its_index_under_its_letter_and_leads_to_its_row(few: Stage) -> None:
    book = book_of(few)
    object.__setattr__(book.material.companies["shop"], "name", "Øre & Édition")
    object.__setattr__(book.material.companies["office"], "name", "Édition")

    page = wide_page.html(book, lang="en", folder=None)

    index = page[page.index('id="names"') :]
    assert re.findall(r'<tbody id="names-(\w+)">\n<tr><th scope="row">([^<]+)', index) == [
        ("other", "Øre &amp; Édition"),
        ("e", "Édition"),
        ("g", "gone"),
        ("p", "prompt"),
        ("s", "silent"),
    ]
    rows = re.findall(r'href="#r(\d+)"', index)
    assert len(rows) == 5
    assert all(page.count(f'<tr id="r{row}">') == 1 for row in rows)


def test_places_are_those_of_every_other_league() -> None:
    dice = np.random.default_rng(4)
    low = dice.random(60) * 0.8
    high = low + dice.random(60) * 0.2
    placed = dice.random(60) < 0.8

    best, worst = wide.places(low, high, placed)

    wanted = places([(a, b) if ok else None for a, b, ok in zip(low, high, placed, strict=True)])
    assert [(one.best, one.worst) if one else (0, 0) for one in wanted] == list(
        zip(best.tolist(), worst.tolist(), strict=True)
    )


def test_a_page_comes_back_as_it_was_packed() -> None:
    some = pages.columns([(7, 1, 100, 5 << 2, -1, 3, -1, -1, -1), (9, 2, 200, 1 << 50, 8 << 2 | 1, 0, 4 << 2, 8, 90)])

    packed, hours = pages.pack(some)
    back = pages.unpack(2, packed, hours)

    assert all(np.array_equal(getattr(back, name), getattr(some, name)) for name in pages.Columns.__slots__)


def test_kinds_name_the_way_of_their_requests() -> None:
    kind = SettledKind("shop", "matrix", "@a:b.example", "whatsapp", "main", "observed")

    assert (kind.way, kind.observed) == ("whatsapp", True)


def test_requests_between_and_after_those_of_imports_were_brought_by_none() -> None:
    brought = Brought([(1, 5, 9), (2, 12, 12), (1, 13, 14)])

    brought.add(np.array([3, 5, 9, 10, 12]))
    brought.add(np.array([14, 15, 40]))

    assert brought.counts() == {1: 3, 2: 1}
