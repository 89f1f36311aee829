"""One template gives one fingerprint, whoever it is filled in for; two letters written apart give two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.classify import fingerprint
from slawatch.model import Facts

TEMPLATE = """\
{greeting}

thank you for getting in touch with Example Shop. Your request "{subject}" from {date} has been received, the number
is {ticket}. One of our colleagues is going to look at it as soon as possible.

Kind regards
{agent}
"""
FIRST = {
    "greeting": "Hello Robin Marten,",
    "subject": "Delivery time to Austria, reference k7f3m2q9x4ab",
    "date": "Monday, 16 November 2026 at 9:12 am",
    "ticket": "#4711",
    "agent": "Jane White",
}


def of(text: str, subject: str = "") -> str:
    return fingerprint(Facts(text=text, subjects=(subject,)))


@pytest.mark.parametrize(
    "filled_in",
    [
        {"greeting": "Good afternoon"},
        {"greeting": "Dear Ms Sanchez-O'Neill,"},
        {"greeting": "hi robin,"},
        {"subject": "do you wrap presents? My reference p3x9"},
        {"date": "Thursday, 3 December 2026 at 10:58 pm"},
        {"ticket": "GA-2026-0042"},
        {"ticket": "[1G7EOR-0Q2J]"},
        {"agent": "Tom from Customer Care"},
        {"agent": ""},
    ],
)
def test_what_a_template_fills_in_changes_nothing(filled_in: dict[str, str]) -> None:
    assert of(TEMPLATE.format(**FIRST)) == of(TEMPLATE.format(**{**FIRST, **filled_in})) != ""


def test_our_subject_repeated_without_marks_changes_nothing() -> None:
    said = "we have got your mail about {} and put it into our list, somebody will read it quite soon"
    one, other = "do you wrap presents as well", "which cards can be used for paying"

    assert of(said.format(one), f"Re: [#12] Case 12: {one}") == of(said.format(other), f"AW: {other}") != ""
    assert of(said.format(one)) != of(said.format(other))


@pytest.mark.parametrize(
    "other",
    [
        "Parcels to Austria usually arrive after two days, we hand them over to the post every evening.",
        "Parcels to Austria usually arrive after three days, and the post brings them until noon on all days.",
        "Nach Österreich sind Pakete meistens zwei Tage unterwegs, wir geben sie jeden Abend zur Post.",
    ],
)
def test_letters_written_apart_differ(other: str) -> None:
    mine = "Parcels to Austria usually take two days; what is ordered before noon leaves our warehouse at once."

    assert of(mine) != of(other)
    assert of(other)


def test_german_templates_are_recognised_by_their_little_words() -> None:
    said = "Guten Tag {},\n\nIhre Nachricht vom {} ist bei uns eingegangen und wird von einem Kollegen gelesen."

    assert of(said.format("Herr Lang", "3. Mai")) == of(said.format("Frau Dr. Weiß-Huber", "14.12.2026")) != ""


@pytest.mark.parametrize("text", ["", "Ja.", "Ja, das geht bei uns.", "Danke!", "4711 4712 4713 4714 4715 4716"])
def test_too_few_words_have_none(text: str) -> None:
    assert of(text) == ""


def test_letters_without_capitals_have_one_too() -> None:
    assert of("您的 邮件 我们 已经 收到 将 尽快 回复") != ""


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_has_one_or_none(text: str, subject: str) -> None:
    assert len(of(text, subject)) in {0, 16}
