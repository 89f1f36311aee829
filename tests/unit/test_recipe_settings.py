"""What a config says of a visitor of websites."""

from __future__ import annotations

from pathlib import Path

import pytest

from slawatch import settings, tomlfile
from slawatch.channels import webchat
from slawatch.channels.webchat.settings import Settings
from slawatch.model import Form
from slawatch.tomlfile import Reader


def read(folder: Path, text: str) -> tuple[Settings | None, list[str]]:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    reader = Reader(tomlfile.read(path))
    made = settings.read(reader, (), reader.document.data, Settings, Settings.problems)
    return made, [line.partition(": ")[2] for line in reader.mistakes.lines()]


def test_a_chat_is_one_line_and_lives_with_the_process() -> None:
    assert (webchat.FORM, webchat.SESSION) == (Form.CHAT, True)


def test_recipes_lie_beside_the_config_unless_told_otherwise(tmp_path: Path) -> None:
    made, _ = read(tmp_path, 'name = "Anna Example"')
    told, _ = read(tmp_path, 'name = "Anna Example"\nrecipes = "chats"')

    assert (made and made.recipes, told and told.recipes) == (tmp_path / "recipes", tmp_path / "chats")


def test_a_name_is_needed_and_an_address_must_be_one(tmp_path: Path) -> None:
    assert read(tmp_path, "")[1] == ['"name" is missing; write name = "..."']
    assert read(tmp_path, 'name = "Anna"\nemail = "anna"')[1] == [
        'email: "anna" has no "@"; write it like "service@shop.example"'
    ]


def test_no_more_chats_can_be_opening_than_may_be_open(tmp_path: Path) -> None:
    _, told = read(tmp_path, 'name = "Anna"\nchats_max = 2')

    assert told == ['"4" are more than may be open at all, "2"; write less']


@pytest.mark.parametrize("address", ["acme", "acme-de", "shop.example", "Acme", "7"])
def test_the_address_of_a_target_is_a_recipes_name(address: str) -> None:
    assert webchat.address_problem(address) is None


@pytest.mark.parametrize(
    ("address", "cure"),
    [
        ("acme.toml", '"acme"'),
        ("https://shop.example/contact", "write a recipe"),
        ("../acme", "no name of a recipe"),
        (".acme", "no name of a recipe"),
        ("", "no name of a recipe"),
    ],
)
def test_what_is_no_recipes_name_is_told_with_its_cure(address: str, cure: str) -> None:
    assert cure in (webchat.address_problem(address) or "")


def test_the_module_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Chat'"):
        webchat.Chat  # noqa: B018 - asking for it is the test
