"""Lines for a terminal: columns that align whatever is in them, and secrets and steering characters that stay out."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import token
from slawatch.cli import lines
from slawatch.cli.lines import counted, folded, harmless, masked, some, table, width

HEADS = ("Request", "Company", "State")
ROWS = [
    ("R1", "Möbelhaus Übermann", "pending"),
    ("R22", "茶屋", "answered"),
    ("R3", "Cafe\N{COMBINING ACUTE ACCENT}", "void"),
]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Stand for a terminal; COLUMNS says how wide."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    return monkeypatch


def test_columns_align_by_what_the_terminal_shows() -> None:
    shown = list(table(HEADS, ROWS))

    assert shown == [
        "Request  Company             State",
        "R1       Möbelhaus Übermann  pending",
        "R22      茶屋                answered",
        "R3       Cafe\N{COMBINING ACUTE ACCENT}                void",
    ]


def test_a_column_without_a_word_is_left_out() -> None:
    assert list(table(HEADS, [("R1", "", "pending")])) == ["Request  State", "R1       pending"]


def test_without_rows_there_is_nothing_to_show() -> None:
    assert list(table(HEADS, [])) == []


def test_a_pipe_is_never_too_narrow() -> None:
    long = "x" * 500

    assert list(table(HEADS, [("R1", long, "pending")], spare=("State",)))[1] == f"R1       {long}  pending"


def test_a_long_line_is_folded_between_words_below_its_label(screen: pytest.MonkeyPatch) -> None:
    screen.setenv("COLUMNS", "20")

    assert list(folded("  from  ", "a 茶屋 or two of them")) == ["  from  a 茶屋 or", "        two of them"]
    assert list(folded("  from  ", "sha256 " + "f" * 30 + " end")) == [
        "  from  sha256",
        "        " + "f" * 30,
        "        end",
    ]
    assert list(folded("  from  ", "short")) == ["  from  short"]
    assert list(folded("  from  ", "")) == ["  from"]


def test_a_long_line_in_a_pipe_stays_one() -> None:
    assert list(folded("  from  ", "word " * 99 + "end")) == ["  from  " + "word " * 99 + "end"]


def test_a_narrow_terminal_leaves_out_what_can_be_spared_before_it_cuts(screen: pytest.MonkeyPatch) -> None:
    screen.setenv("COLUMNS", "28")

    assert list(table(HEADS, ROWS, spare=("State",)))[1] == "R1       Möbelhaus Übermann"


def test_then_it_cuts_the_widest_but_nothing_that_is_to_stay_whole(screen: pytest.MonkeyPatch) -> None:
    screen.setenv("COLUMNS", "28")

    assert list(table(HEADS, ROWS))[1:3] == ["R1       Möbelhau…  pending", "R22      茶屋       answered"]
    assert list(table(HEADS, ROWS, whole=("Company",)))[1] == "R1       Möbelhaus Übermann  pending"


def test_no_column_is_cut_until_nothing_is_left_of_it(screen: pytest.MonkeyPatch) -> None:
    screen.setenv("COLUMNS", "5")

    assert list(table(HEADS, ROWS))[1] == "R1       Möbelha…  pending"


def test_a_wide_letter_is_not_cut_in_two(screen: pytest.MonkeyPatch) -> None:
    screen.setenv("COLUMNS", "10")

    (_, row) = table(("Company", "State"), [("茶屋茶屋茶屋", "p")])

    assert row == "茶屋茶…   p"
    assert width(row) == 11


CELL = st.text(st.characters(exclude_characters="|"), max_size=30).map(harmless)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5))
def test_every_cell_of_a_column_begins_below_the_others(rows: list[tuple[str, str]]) -> None:
    shown = list(table(("First", "|Second"), [(one, f"|{other}") for one, other in rows]))

    assert len({width(line[: line.index("|")]) for line in shown}) == 1


@pytest.mark.parametrize(
    ("number", "words"), [(0, "no accounts"), (1, "1 account"), (2, "2 accounts"), (1000, "1000 accounts")]
)
def test_a_number_has_the_noun_it_needs(number: int, words: str) -> None:
    assert counted(number, "account") == words


def test_irregular_nouns_are_said() -> None:
    assert counted(2, "reply", "replies") == "2 replies"


def test_a_long_list_says_how_much_is_left_out_and_how_to_see_it() -> None:
    assert some(["a", "b", "c"], 2, everything=False) == ["a", "b", "… and 1 more; --all shows them"]
    assert some(["a", "b", "c"], 2, everything=True) == ["a", "b", "c"]
    assert some(["a", "b"], 2, everything=False) == ["a", "b"]


@dataclass(frozen=True)
class Inner:
    subject: str
    number: int = 7


SECRET = "k7f3mn2pq4rs"


def test_a_secret_is_cut_wherever_it_stands_and_in_whatever_case() -> None:
    value = {"a": Inner(f"AW: Frage ({SECRET.upper()})"), "b": [f"shop+{SECRET}@own.example", None, 3], "c": "else"}

    assert masked(value, SECRET) == {
        "a": {"subject": "AW: Frage (K7F3…)", "number": 7},
        "b": ["shop+k7f3…@own.example", None, 3],
        "c": "else",
    }


def test_what_is_left_of_a_secret_is_too_little_to_find_it_again() -> None:
    secret = token.new(os.urandom(token.RANDOM_BYTES))

    assert token.find_all(masked(secret, secret)) == []
    assert len(secret) - lines.MASK_KEEPS == 8, "eight letters of 32 are 40 bits"


def test_without_a_secret_nothing_is_cut() -> None:
    assert masked("anything", "") == "anything"


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("one\r\ntwo\tthree", "one  two three"),
        ("fdp.\u202eexe", "fdp.exe"),
        ("no\u00a0break", "no break"),
        ("Grüße, 茶", "Grüße, 茶"),
        ("bell\x07 and \x9b31m", "bell and 31m"),
    ],
)
def test_foreign_words_can_neither_steer_nor_hide(foreign: str, shown: str) -> None:
    assert harmless(foreign) == shown


@given(st.text())
def test_nothing_but_printed_letters_and_spaces_is_left(text: str) -> None:
    assert all(letter == " " or letter.isprintable() for letter in harmless(text))
