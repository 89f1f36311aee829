"""Words of the user's own: laid over ours, and mistakes in them told with their lines."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from slawatch.errors import ConfigError
from slawatch.model import Reason
from slawatch.report.words import Words

REPORTS = Path(__file__).parents[2] / "reports"


def words_with(folder: Path, text: str, lang: str = "en") -> Words:
    (folder / "reports").mkdir(exist_ok=True)
    (folder / "reports" / f"{lang}.toml").write_text(text, encoding="utf-8")
    return Words(lang, folder=folder, space=" ")


def mistakes_in(folder: Path, text: str, lang: str = "en") -> list[str]:
    with pytest.raises(ConfigError) as raised:
        words_with(folder, text, lang)
    return [line.replace(f"{folder}/reports/", "") for line in raised.value.problems]


def test_a_file_of_one_word_replaces_that_word_and_no_other(tmp_path: Path) -> None:
    own, ours = words_with(tmp_path, '[page]\ntitle = "Our desks"\n'), Words("en", folder=None, space=" ")

    assert own.say("page.title") == "Our desks"
    assert own.say("page.kicker") == ours.say("page.kicker")


def test_a_word_that_is_chosen_by_its_number_can_be_replaced_in_part_or_by_one_for_both(tmp_path: Path) -> None:
    own = words_with(tmp_path, '[count.company]\none = "a single company"\n')
    assert (own.say("count.company", n=1), own.say("count.company", n=2)) == ("a single company", "2 companies")

    own = words_with(tmp_path, '[count]\ncompany = "companies: {n}"\n')
    assert (own.say("count.company", n=1), own.say("count.company", n=2)) == ("companies: 1", "companies: 2")


def test_every_mistake_in_a_file_of_words_is_told_with_its_line(tmp_path: Path) -> None:
    text = (
        '[page]\ntitel = "Our desks"\nperiod = "{since} to {til}"\nmade = "{"\nkicker = 5\n'
        '[paeg]\ntitle = "x"\n[format]\nlist = ["a"]\n'
    )
    found = mistakes_in(tmp_path, text)

    assert found[:4] == [
        'en.toml:2: page: there is no word "titel": did you mean "title"?',
        'en.toml:3: page.period: nothing fills "{til}" here; there may be: {since}, {until}',
        'en.toml:4: page.made: "{" has a brace without its other one; write {{ and }} for braces',
        'en.toml:5: page.kicker: "5" is not a text; write it in quotes',
    ]
    assert 'en.toml:6: there is no table of words "paeg": did you mean "page"?' in found
    assert 'en.toml:9: format.list: "[a]" is not a text; write it in quotes' in found
    assert len(found) == 6
    assert mistakes_in(tmp_path, 'page = "x"\n') == ['en.toml:1: page: "x" is not a table; write [page]']


def test_words_for_channels_and_templates_of_ones_own_may_be_added(tmp_path: Path) -> None:
    own = words_with(tmp_path, '[channel]\npigeon = "carrier pigeon"\n[own.cover]\nhello = "To {whom}"\n')

    assert own.say("channel.pigeon") == "carrier pigeon"
    assert own.say("own.cover.hello", whom="you") == "To you"


def test_a_language_of_ones_own_is_whole_or_says_what_is_missing(tmp_path: Path) -> None:
    text = (REPORTS / "en.toml").read_text(encoding="utf-8")

    assert words_with(tmp_path, text, "fr").say("page.title") == "How long customers wait"
    short = mistakes_in(tmp_path, text.replace("kicker =", "# kicker ="), "fr")
    assert len(short) == 1
    assert short[0].endswith('fr.toml: "page.kicker" is missing; 1 in all; begin with a copy of en.toml')


def test_the_words_of_one_rule_can_be_replaced_alone(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "rules.en.toml").write_text('[rule]\nheader-auto-submitted = "a robot: {saw}"\n')
    ours, own = Words("en", folder=None, space=" "), Words("en", folder=tmp_path, space=" ")
    other = next(rule for rule in tomllib.loads((REPORTS / "rules.en.toml").read_text(encoding="utf-8"))["rule"])

    assert own.rule(Reason(rule="header-auto-submitted", saw="x")) == "a robot: x"
    assert own.rule(Reason(rule=other, saw="x")) == ours.rule(Reason(rule=other, saw="x"))
    assert not own.rule(Reason(rule=other, saw="x")).startswith(f"{other} ")
