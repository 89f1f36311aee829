"""What was written anew is told from what is repeated, in the ways people's programs and people themselves repeat."""

from __future__ import annotations

import time

import pytest

from slawatch.mail.cut import cut

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
