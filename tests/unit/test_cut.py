"""What was written anew is told from what is repeated, in the ways people's programs and people themselves repeat."""

from __future__ import annotations

import time

import pytest

from slawatch.mail.cut import cut, from_html

NEW = "It takes three days."


@pytest.mark.parametrize(
    "repeated",
    [
        "On Mon, 16 Nov 2026 at 09:12, Anna <anna@example.org> wrote:\n> How long?",
        "Am 16.11.2026 um 09:12 schrieb Anna:\n> Wie lange?",
        "Le 16/11/2026 à 09:12, Anna a écrit :\n> Combien de temps ?",
        "El 16/11/2026 a las 9:12, Anna escribió:\n> ¿Cuánto?",
        "Em 16/11/2026 09:12, Anna escreveu:\n> Quanto?",
        "W dniu 16.11.2026 o 09:12, Anna pisze, napisał:\n> Ile?",
        "2026年11月16日 9:12 Anna <anna@example.org> 写道:\nHow long?",
        "-----Original Message-----\nFrom: Anna\nHow long?",
        "____\nVon: Anna\nGesendet: Montag, 16. November 2026\nAn: Shop\nBetreff: Frage\n\nHm?",
        "De: Anna\nEnviado el: lunes, 16 de noviembre de 2026 9:12\nPara: Tienda\nAsunto: Pregunta\n\n¿Cuánto?",
        "Da: Anna\nInviato: lunedì 16 novembre 2026 09:12\nA: Negozio\nOggetto: Domanda\n\nQuanto?",
        "Van: Anna\nVerzonden: maandag 16 november 2026 09:12\nAan: Winkel\nOnderwerp: Vraag\n\nHoe lang?",
        "发件人: Anna\n发送时间: 2026年11月16日 9:12\n收件人: Shop\n主题: 问题\n\nHow long?",
    ],
)
def test_what_is_repeated_below_is_cut(repeated: str) -> None:
    found = cut(f"{NEW}\n\n{repeated}")

    assert found.text.rstrip("_\n ") == NEW
    assert found.quoted


@pytest.mark.parametrize(
    "repeated",
    [
        "On 16 Nov 2026 Anna wrote:\n> How long?\n> And how much?",
        "On 16 Nov 2026 Anna wrote:\n\tHow long?\n\tAnd how much?",
        "On 16 Nov 2026 Anna wrote:\n    How long?",
        "On 16 Nov 2026 Anna wrote:\n--] How long?\n--] And how much?",
        "On 16 Nov 2026 Anna wrote:\n# How long?",
        "On 16 Nov 2026 Anna wrote:\nAP> How long?\nAP> And how much?",
        "  Date: Mon, 16 Nov 2026 09:12\n  From: Anna\n  Message-ID: <1@example.org>\n\n  | How long?\n  | How much?",
    ],
)
def test_a_writer_who_answers_below_is_heard(repeated: str) -> None:
    found = cut(f"{repeated}\n\n{NEW}")

    assert found.text == NEW
    assert "How long?" in found.quoted


@pytest.mark.parametrize(
    "letter",
    [
        "She wrote that it takes three days:\n- by post\n- by van",
        "| size | price |\n| S | 3 |",
        "Our offer:\n  1 lamp\n  2 bulbs",
        "From: Vienna\nIt takes three days.",
    ],
)
def test_what_only_looks_repeated_stays(letter: str) -> None:
    assert cut(letter).text == letter


@pytest.mark.parametrize(
    "scrap", ["\n", "On 1 a wrote:\n", "From: a\n", "  a\n", "--]\n", "> \n", "AP> \n", "| \n", "wrote " * 50 + "\n"]
)
def test_no_letter_takes_long(scrap: str) -> None:
    start = time.process_time()

    cut("On 1 Nov Anna wrote:\n" + scrap * (100_000 // len(scrap)))

    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "tag",
    [
        "<div style='display: none'>",
        '<span style="mso-hide:all;font-size:0px;">',
        "<span style=font-size:1px>",
        "<p hidden>",
        '<div style="color:#333;visibility:hidden">',
        "<div style='max-height:0;overflow:hidden'>",
        "<div style='opacity:0'>",
        "<div style='position:absolute;left:-9999px'>",
        "<span style='color: #FFFFFF'>",
        "<span style='color:rgb(255, 255, 255)'>",
        "<font color=white>",
        "<template>",
    ],
)
def test_what_a_page_hides_is_not_read(tag: str) -> None:
    name = tag[1:].split(" ", maxsplit=1)[0].rstrip(">")
    hidden = f"<p>Danke!</p>{tag}<b>Drei <br>Tage</b>."

    assert from_html(f"{hidden}</{name}><div>Lena</div>").split() == ["Danke!", "Lena"]
    assert from_html(hidden).split() == ["Danke!"]


def test_what_lies_within_hidden_parts_is_hidden_until_they_end() -> None:
    page = "<div hidden>Drei <div style='display:block'>Tage</div> und </div>Hallo <p hidden>neun <p>Lena"
    sizes = "<td style='font-size:0'>Drei <div style='font-size:13px'>Hallo</div> Tage</td> <td>Lena</td>"
    white = "<td bgcolor=#024><b style='color:#fff'>Hallo</b></td> <b style='color:#fff;background:#FFF'>Drei</b> Lena"

    for each in (page, sizes, white):
        assert from_html(each).split() == ["Hallo", "Lena"]


@pytest.mark.parametrize(
    "tag",
    [
        "<div style='font-size:10px;max-height:100px'>",
        "<div style='font-size:1.2em;opacity:0.9'>",
        "<div style='font-size:1em;max-width:100%'>",
        "<div style='font-size:0.9em'>",
        "<td style='color:#fff;background:#024'>",
        "<td bgcolor=navy style='color:white'>",
        "<div style='background-color:#fff'>",
        "<div style='color:#fff;background:url(dark.png)'>",
        "<div class='hidden-note' title='not hidden-away'>",
        "<div style='display:block;left:-10px'>",
    ],
)
def test_what_a_page_shows_is_read(tag: str) -> None:
    assert from_html(f"{tag}Drei Tage.</div>") == "Drei Tage."


@pytest.mark.parametrize("tags", ["<p hidden>", "<div hidden>", "<p hidden>x<i>", "<li hidden></b>"])
def test_a_page_of_eight_times_as_many_hidden_tags_takes_no_sixty_times_as_long(tags: str) -> None:
    def cost(number: int) -> float:
        began = time.process_time()
        from_html(tags * number)
        return time.process_time() - began

    few = min(cost(4_000) for _ in range(3))

    assert cost(32_000) < 30 * few, "in proportion it is 8, by their square 64"
