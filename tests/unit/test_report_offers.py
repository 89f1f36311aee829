"""The matrix of companies and ways: what was looked up, what our own tries add, and that foreign text stays text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from slawatch.model import MessageKind, Offer, OfferState, Origin, VoidReason
from slawatch.report import render
from slawatch.report.build import build
from slawatch.report.model import Case, Material
from slawatch.report.offers import Cell, matrix
from slawatch.report.sentences import Sentences
from tests.report_sample import HOUR, SINCE, case, material, reply, request

WORDS = Sentences("en", folder=None, space=" ")
PAGE = "https://cobalt.example/contact"


def asked(number: int, void: VoidReason | None = None, **changes: Any) -> Case:
    one = request(number, "cobalt", SINCE + number * HOUR, void_reason=void, **changes)
    return case(one, [] if void else [reply(number, one, MessageKind.ANSWER, HOUR)])


def offer(state: OfferState, way: str = "email", **changes: Any) -> Offer:
    return Offer(company="cobalt", way=way, state=state, **changes)


def only(found: Material) -> Cell:
    ((cell,),) = [row.cells for row in matrix(found).rows]
    return cell


def said(cell: Cell) -> str:
    return WORDS.offer(cell, "Europe/Berlin")


def test_where_we_ask_and_get_through_it_is_offered_and_no_table_is_needed() -> None:
    found = material([asked(1)], offers=(offer(OfferState.OFFERED),))

    cell = only(found)

    assert (cell.state, cell.tried, cell.reached, said(cell)) == (OfferState.OFFERED, 1, 1, "we ask there")
    assert not matrix(found).telling


@pytest.mark.parametrize("why", [VoidReason.OFFLINE, VoidReason.WIDGET_ABSENT, VoidReason.REFUSED, VoidReason.BOUNCED])
def test_a_way_on_which_every_try_found_nobody_is_advertised_but_dead(why: VoidReason) -> None:
    cell = only(material([asked(1, why), asked(2, why)], offers=(offer(OfferState.OFFERED),)))

    assert cell.state is OfferState.DEAD
    assert said(cell) == "2 tries, the last on 2 Mar 2026, found nobody"


def test_one_try_that_got_through_keeps_it_alive() -> None:
    assert only(material([asked(1, VoidReason.OFFLINE), asked(2)])).state is OfferState.OFFERED


@pytest.mark.parametrize("why", [VoidReason.CAPTCHA, VoidReason.BLOCKED, VoidReason.PROBE_ERROR, VoidReason.NOT_SENT])
def test_what_keeps_a_program_out_or_failed_on_our_side_says_nothing_of_a_way(why: VoidReason) -> None:
    cell = only(material([asked(1, why)]))

    assert (cell.state, cell.tried) == (OfferState.OFFERED, 0)


@pytest.mark.parametrize(
    ("stated", "found", "told"),
    [
        (
            OfferState.DEAD,
            OfferState.OFFERED,
            "said to be advertised but dead; 1 of 1 try, the last on 2 Mar 2026, got",
        ),
        (OfferState.NOT_OFFERED, OfferState.HIDDEN, "said to be not offered; 1 of 1 try, the last on 2 Mar 2026, got"),
    ],
)
def test_a_try_that_got_through_where_none_should_be_is_told(stated: OfferState, found: OfferState, told: str) -> None:
    cell = only(material([asked(1)], offers=(offer(stated),)))

    assert cell.state is found
    assert told in said(cell)


def test_not_offered_is_a_finding_without_anything_being_sent() -> None:
    looked_up = offer(OfferState.NOT_OFFERED, "phone", source=PAGE, seen=date(2026, 3, 2))
    found = material([asked(1)], offers=(offer(OfferState.OFFERED), looked_up))

    (row,) = matrix(found).rows
    phone = row.cells[1]

    assert matrix(found).ways == ("email", "phone")
    assert (phone.state, phone.tried) == (OfferState.NOT_OFFERED, 0)
    assert said(phone) == f"{PAGE}, seen on 2 Mar 2026"
    assert matrix(found).telling


def test_questions_that_others_asked_are_no_tries_of_ours() -> None:
    found = material([asked(1, VoidReason.BOUNCED, origin=Origin.OBSERVED)], offers=(offer(OfferState.OFFERED),))

    assert only(found).state is OfferState.OFFERED


def test_a_way_of_which_nothing_is_known_says_so() -> None:
    cell = Cell(way="phone", state=None, said=None)

    assert said(cell) == ""


def test_page_and_data_hold_the_matrix_and_a_source_is_text() -> None:
    evil = offer(OfferState.HIDDEN, "phone", source="https://x.example/<script>alert(1)</script>")
    book = build(material([asked(1)], offers=(evil,)))

    page = render.html(book)
    phone = next(one for one in render.data(book)["offers"] if one["way"] == "phone")

    assert "works, but hidden" in page
    assert "<script>alert" not in page
    assert 'href="https' not in page
    assert (phone["state"], phone["said"], phone["tried"]) == ("hidden", "hidden", 0)
