"""Whatever one of the phrases fits passes its cues, too: a cue that is missing would silence the phrase."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slawatch.classify.of_abroad import ABROAD
from slawatch.classify.of_machines import OF_MACHINES
from slawatch.classify.of_people import OF_PEOPLE
from slawatch.classify.pattern import Pattern, _apart, folded

CUED = [
    pytest.param(pattern, alternative, id=f"{role.value}-{at}")
    for role, pattern in (*OF_MACHINES, *ABROAD, *OF_PEOPLE)
    if pattern._cues
    for at, alternative in enumerate(one for source in pattern._sources for one in _apart(source))
]


@pytest.mark.parametrize(("pattern", "alternative"), CUED)
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(data=st.data())
def test_a_phrase_passes_its_cues(pattern: Pattern, alternative: str, data: st.DataObject) -> None:
    text = folded(data.draw(st.from_regex(re.compile(alternative))))

    assert any(cue in text for cue in pattern._cues) or not re.search(alternative, text)


def test_alternatives_are_parted_at_the_outer_bars_only() -> None:
    assert _apart(r"\ba(?:b|c)|^d[|)]\||e") == [r"\ba(?:b|c)", r"^d[|)]\|", "e"]


def test_a_pattern_finds_what_stands_at_the_beginning_of_a_word_or_elsewhere() -> None:
    pattern = Pattern(r"\bone|two$", r"^three")

    assert [bool(pattern.search(text)) for text in ("One", "a two", "THREE", "a three", "gone")] == [1, 1, 1, 0, 0]
    assert pattern.saw(["none", "it was ONE"]) == "ONE"
    assert pattern.cut_off("It was one of them") == "It was  of them"


def test_a_place_in_folded_text_is_a_place_in_the_text() -> None:
    text = "İstanbul'dan ONE"

    assert len(folded(text)) == len(text)
    assert Pattern(r"\bone").saw([text]) == "ONE"
