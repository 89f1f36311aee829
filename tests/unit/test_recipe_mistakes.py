"""Recipes with mistakes: every kind in its exact words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from slawatch.channels.webchat.recipe_reading import load
from slawatch.errors import ConfigError

MISTAKES = Path(__file__).parents[1] / "recipes"


@pytest.mark.parametrize("name", sorted(path.stem for path in MISTAKES.glob("*.toml")))
def test_every_kind_of_mistake_is_told_in_these_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(MISTAKES)

    with pytest.raises(ConfigError) as told:
        load(Path(f"{name}.toml"), folders=(Path(),))

    assert str(told.value) + "\n" == Path(f"{name}.expected").read_text(encoding="utf-8")


def test_every_message_has_its_file() -> None:
    assert {path.stem for path in MISTAKES.glob("*.expected")} == {path.stem for path in MISTAKES.glob("*.toml")}


def test_every_message_is_one_line_with_its_place() -> None:
    for path in MISTAKES.glob("*.expected"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert re.match(r"[\w/-]+\.toml:\d+: \S", line), line


def test_a_missing_file_is_told_with_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file; write one .*slawatch recipe record"):
        load(tmp_path / "acme.toml")
