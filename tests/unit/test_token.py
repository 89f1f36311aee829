"""A token is hard to guess, easy to type, and found again in whatever a company's software makes of it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import token

ZEROS = "000000000000"
tokens = st.binary(min_size=8, max_size=32).map(token.new)


def test_the_first_sixty_bits_become_twelve_letters() -> None:
    assert token.new(bytes(8)) == ZEROS
    assert token.new(b"\xff" * 8) == "zzzzzzzzzzzz"
    assert token.new(b"\x08" + bytes(7)) == "100000000000"
    assert token.new(bytes(7) + b"\x10") == "000000000001"


def test_bits_beyond_the_sixtieth_change_nothing() -> None:
    assert token.new(bytes(7) + b"\x0f" + b"\xff") == ZEROS


def test_too_little_randomness_is_refused() -> None:
    with pytest.raises(ValueError, match="7 random bytes are too few for a token; pass 8"):
        token.new(bytes(7))


def test_no_letter_can_be_taken_for_another() -> None:
    assert len(set(token.ALPHABET)) == 32
    assert not set("ilou") & set(token.ALPHABET)
    assert set(token.ALPHABET) <= set(string.ascii_lowercase + string.digits)


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=8, max_size=8))
def test_different_bits_give_different_tokens(one: bytes, other: bytes) -> None:
    same = int.from_bytes(one, "big") >> 4 == int.from_bytes(other, "big") >> 4
    assert (token.new(one) == token.new(other)) is same


@given(
    tokens,
    st.sampled_from(["anna+{}@example.org", "Re: Frage ({})", "[#1] {}: x", "=?utf-8?Q?Frage_{}?=", "<{}>", "{}"]),
)
def test_a_token_is_found_wherever_words_end(secret: str, around: str) -> None:
    assert secret in token.find_all(around.format(secret))
    assert secret in token.find_all(around.format(secret.upper()))


@given(tokens, st.sampled_from(string.ascii_letters + string.digits))
def test_a_longer_word_holds_no_token(secret: str, letter: str) -> None:
    assert token.find_all(f"{letter}{secret}") == []
    assert token.find_all(f"{secret}{letter}") == []


def test_each_candidate_is_named_once_in_order() -> None:
    text = f"Re: {ZEROS}, transparency {ZEROS} and 111111111111"

    assert token.find_all(text) == [ZEROS, "transparency", "111111111111"]


def test_letters_that_only_look_alike_in_upper_case_are_no_token() -> None:
    # Python's IGNORECASE takes U+212A (Kelvin sign) for "k" unless told to keep to ASCII.
    assert token.find_all("\u212a00000000000") == []
