"""Expected facts are found however a letter writes them, and never where it says something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.classify.expected import stated


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        ("3 Werktage", "Das dauert in der Regel drei Werktage."),
        ("3 Werktage", "Rechnen Sie mit 3 Werktagen."),
        ("3 working days", "Nach 3 Arbeitstagen ist es da."),
        ("24 h", "Within twenty-four hours? No: 24 hours."),
        ("1 h", "It takes an hour."),
        ("5 Werktage", "Die Lieferung dauert drei bis fünf Werktage."),
        ("3 bis 5 Werktage", "Die Lieferung dauert 3-5 Werktage."),
        ("9,90 EUR", "Der Versand kostet € 9.90."),
        ("9.90 euros", "Versandkosten: 9,90 Euro"),
        ("1250 €", "Ab 1.250,00 Euro ist der Versand frei."),
        ("1,250 pounds", "It costs £1250 in all."),
        ("0,5 kg", "Bis 0.5 Kilogramm."),
        ("18 Uhr", "We are open until 6 pm."),
        ("18:30", "geöffnet von 9 bis 18.30 Uhr"),
        ("9 Uhr", "geöffnet von 9 bis 18.30 Uhr"),
        ("9:00-18:00", "Von 9 bis 18 Uhr sind wir da."),
        ("9 Uhr", "Open from 9 to 5 pm."),
        ("0 Uhr", "The line opens at 12 am."),
        ("12 Uhr", "The line opens at 12 p.m."),
        ("14 days", "innerhalb von vierzehn vollen Tagen"),
        ("kostenlose Rücksendung", "Die Rücksendung ist bei uns kostenlos."),
        ("KOSTENLOS", "Das ist  kostenlos."),
        ("Muehlgasse", "Unser Laden ist in der Mühlgasse."),
        ("no steps", "There are no steps at all."),
        ("ISO 9001", "We are certified by ISO 9001."),
        ("the", "Say the word."),
        ("10 %", "Sie bekommen 10 Prozent."),
        ("30 calendar days", "You have 30 days."),
    ],
)
def test_a_fact_is_stated_in_whatever_form(fact: str, sentence: str) -> None:
    assert stated([sentence], [fact]) == (fact,)


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        ("3 days", "It takes 30 days."),
        ("3 days", "It takes 3 to 5 days."),
        ("3 Werktage", "Es dauert 3 Wochen."),
        ("3 Werktage", "Es dauert 3 Tage."),
        ("2 bis 5 Tage", "Es dauert 3 bis 5 Tage."),
        ("1.5 h", "It takes 15 hours."),
        ("1 h", "A parcel is on its way."),
        ("6 Uhr", "We are open until 6 pm."),
        ("kostenlos", "Nein, das ist nicht kostenlos."),
        ("kostenlose Rücksendung", "Rücksendungen nehmen wir an. Der Versand ist ab fünfzig Euro kostenlos."),
        ("free", "Nothing of that is ever free, or no, never free."),
        ("", "Anything."),
        ("  ", "Anything."),
    ],
)
def test_something_else_is_not_the_fact(fact: str, sentence: str) -> None:
    assert stated(sentence.split(". "), [fact]) == ()


def test_each_fact_is_looked_for_by_itself() -> None:
    letter = ["Der Versand kostet 9,90 Euro.", "Nach Wien sind es zwei Tage."]

    assert stated(letter, ["2 Tage", "3 Tage", "9,90 €"]) == ("2 Tage", "9,90 €")


@given(st.lists(st.text(max_size=80), max_size=4), st.lists(st.text(max_size=30), max_size=3))
def test_any_words_can_be_looked_for(sentences: list[str], facts: list[str]) -> None:
    assert set(stated(sentences, facts)) <= set(facts)


@given(st.text(min_size=1, max_size=40))
def test_a_fact_states_itself_if_it_says_anything(fact: str) -> None:
    anything = any(letter.isalnum() and letter.isascii() for letter in fact)

    assert (stated([fact], [fact]) == (fact,)) or not anything
