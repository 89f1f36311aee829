"""The language of a reply is told where it is clear, and nowhere else."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from slawatch.language import language

PROBES = sorted((Path(__file__).parents[2] / "probes").glob("*.toml"))
LETTERS = {
    "de": "Guten Tag, die Lieferung nach München dauert drei bis vier Werktage. Mit freundlichen Grüßen, das Team",
    "en": "Dear Ms Berger, delivery to Munich takes three to four working days, and we send you a label. Kind regards",
    "fr": "Bonjour, la livraison à Munich prend trois à quatre jours ouvrables. Nous restons à votre service.",
    "es": "Hola, el envío a Múnich tarda de tres a cuatro días. Si tiene más preguntas, estamos a su disposición.",
    "it": "Buongiorno, la consegna a Monaco richiede tre o quattro giorni. Se ha altre domande, non esiti a scriverci.",
    "nl": "Beste klant, de levering naar München duurt drie tot vier werkdagen. Met vriendelijke groet, het team",
}


@pytest.mark.parametrize(("lang", "text"), LETTERS.items())
def test_a_short_letter_is_enough(lang: str, text: str) -> None:
    assert language(text) == lang


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ja, gerne!",
        "OK, thank you, see you on Monday",
        "https://shop.example/en/the-and-you-are-not-we-for?with=this&or=that it",
        "Ticket 48213. Lieferung 3-4 Werktage. DHL Paket, Sendungsnummer 00340434161094042557, Zustellung München",
        "Olá, a entrega em Munique demora três a quatro dias úteis. Se tiver mais perguntas, estamos ao seu dispor.",
        "Hej, leveransen till München tar tre till fyra dagar. Om ni har frågor, hör av er till oss. Vänligen",
        "Dzień dobry, dostawa do Monachium trwa od trzech do czterech dni roboczych. Z poważaniem, zespół obsługi",
        f"{LETTERS['de']} {LETTERS['en']}",
    ],
)
def test_what_is_too_short_mixed_or_of_another_language_stays_unknown(text: str) -> None:
    assert language(text) == ""


def test_no_wording_of_the_probes_is_taken_for_another_language() -> None:
    known = unknown = 0
    for path in PROBES:
        probe = tomllib.loads(path.read_text(encoding="utf-8"))
        for lang in ("de", "en"):
            wording = probe[lang]
            texts = [one["body"] for one in wording["variant"]] + [wording["follow_up"]]
            for text in [*texts, *wording.get("post", {}).get("texts", [])]:
                found = language(text)
                assert found in {lang, ""}, text
                known, unknown = known + bool(found), unknown + (not found)
    assert known > 50 * unknown
