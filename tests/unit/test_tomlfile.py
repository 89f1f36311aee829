"""Where things stand in a TOML file, and how mistakes in it are told."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.errors import ConfigError
from slawatch.tomlfile import SHOWN_MAX, Document, KeyPath, Mistakes, quoted, read, unknown, where


def document(folder: Path, text: str) -> Document:
    path = folder / "file.toml"
    path.write_text(text, encoding="utf-8", newline="")
    return read(path)


def leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


# Every value begins with the number of its line, so that the file checks itself.
HARD = Path(__file__).with_name("hard.toml")


def test_every_value_is_found_on_its_line() -> None:
    hard = read(HARD)

    found = {path: hard.line(path) for path, value in leaves(hard.data) if path[-1] != "date"}

    assert found == {path: int(str(value).split()[0]) for path, value in leaves(hard.data) if path[-1] != "date"}
    assert len(found) == 27


def test_tables_are_found_where_their_header_or_their_first_key_is() -> None:
    hard = read(HARD)

    assert hard.line(("table",)) == 19
    assert hard.line(("table", "rows")) == 23
    assert [hard.line(("table", "rows", index)) for index in (0, 1)] == [23, 31]
    assert hard.line(("table", "rows", 1, "sub")) == 34
    assert hard.line(("b",)) == hard.line(("b", "c")) == 3
    assert hard.line(("inline", "k]", 1)) == 16


def test_a_header_that_comes_after_its_inner_tables_is_the_place_of_the_table(tmp_path: Path) -> None:
    assert document(tmp_path, "[a.b]\nx = 1\n[a]\ny = 2\n").line(("a",)) == 3


def test_a_missing_key_is_found_where_its_table_is() -> None:
    hard = read(HARD)

    assert hard.line(("table", "rows", 1, "no", "such", "key")) == 31
    assert hard.line(("no such table", "x")) == 1


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_both_kinds_of_line_end_count_alike(tmp_path: Path, ending: str) -> None:
    text = ending.join(['a = """', 'x"""', "b = [", "1,", "2]", ""])

    one = document(tmp_path, text)

    assert (one.line(("b",)), one.line(("b", 1))) == (3, 5)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file.toml").write_bytes(b"\xef\xbb\xbfa = 1\n")

    one = read(tmp_path / "file.toml")

    assert one.data == {"a": 1}
    assert one.line(("a",)) == 1


KEYS = st.text(max_size=5)
VALUES = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
TRICKY = ("", "#", "]", "}", ",", "=", "'", "''", '"', '""', "\\", "\n", "[x]\n", "a = 1\n")
LONG_TEXT = st.lists(st.sampled_from(TRICKY), max_size=8).map("".join)


def written(value: Any) -> str:
    """Write a value as TOML; JSON's texts are TOML's but for U+007F."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)} = {written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + "".join(f"  {written(inner)},\n" for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


@given(before=st.dictionaries(KEYS.map(lambda key: f"k{key}"), VALUES, max_size=4), long=LONG_TEXT)
def test_whatever_stands_above_a_key_its_line_is_right(before: dict[str, Any], long: str) -> None:
    multi_line = '"""\n' + long.replace("\\", "\\\\").replace('"""', '""\\"') + '"""'
    text = "".join(f"{written(key)} = {written(value)}\n" for key, value in before.items()) + f"long = {multi_line}\n"
    whole = f"{text}[[after]]\nlast = 1\n"

    one = Document(Path("file.toml"), tomllib.loads(whole), whole.encode())

    assert one.line(("after", 0, "last")) == text.count("\n") + 2
    assert all(path in one._lines for path, _ in leaves(one.data))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ((), ""),
        (("company", "shop", "target", 0, "address"), "company.shop.target[1].address"),
        (("a b", "c"), '"a b".c'),
        (("rows", 1, 0), "rows[2][1]"),
    ],
)
def test_places_are_written_as_people_count(path: KeyPath, shown: str) -> None:
    assert where(path) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("hello", '"hello"'),
        (True, '"true"'),
        (1.5, '"1.5"'),
        ([1, "a", [False]], '"[1, a, [false]]"'),
        ({"password": "hunter2"}, '"{password = …}"'),
        ("two\nlines\x1b[31m\u2028", r'"two\nlines\x1b[31m\u2028"'),
        ("Größe", '"Größe"'),
    ],
)
def test_values_are_shown_on_one_line_and_tables_without_theirs(value: object, shown: str) -> None:
    assert quoted(value) == shown


def test_a_long_value_is_cut() -> None:
    assert quoted("x" * SHOWN_MAX) == f'"{"x" * SHOWN_MAX}"'
    assert quoted("x" * (SHOWN_MAX + 1)) == f'"{"x" * (SHOWN_MAX - 1)}…"'


def test_what_is_near_is_offered_in_its_own_spelling() -> None:
    assert unknown("channel", "emial", ["chat", "email"]) == 'there is no channel "emial": did you mean "email"?'
    assert unknown("time zone", "europe/berln", ["Europe/Berlin"]).endswith('did you mean "Europe/Berlin"?')


def test_where_nothing_is_near_a_short_list_is_offered_and_a_long_one_is_not() -> None:
    three = unknown("channel", "x", ["chat", "email", "form"])
    assert three == 'there is no channel "x"; write "chat", "email" or "form"'
    assert unknown("channel", "x", ["email"]) == 'there is no channel "x"; write "email"'
    assert unknown("channel", "x", []) == 'there is no channel "x"'
    assert unknown("channel", "x", [f"name{number}" for number in range(13)]) == 'there is no channel "x"'


def test_mistakes_are_told_in_the_order_of_the_file_and_each_once(tmp_path: Path) -> None:
    one = document(tmp_path, "a = 1\nb = 2\n[c]\nd = 3\n")
    mistakes = Mistakes(one)
    mistakes.stop_if_any()

    mistakes.add(("c", "d"), '"3" is odd')
    mistakes.add(("c", "d"), '"3" is odd')
    mistakes.add((), "nothing is said")
    mistakes.add_unknown_keys((), one.data, ["a", "c", "bb"])

    with pytest.raises(ConfigError) as told:
        mistakes.stop_if_any()
    assert told.value.problems == (
        f"{one.path}:1: nothing is said",
        f'{one.path}:2: there is no key "b": did you mean "bb"?',
        f'{one.path}:4: c.d: "3" is odd',
    )


def test_a_missing_file_is_a_mistake_with_the_callers_cure(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        read(tmp_path / "no.toml")
    assert str(told.value) == f"{tmp_path}/no.toml: there is no such file"

    with pytest.raises(ConfigError) as told:
        read(tmp_path / "no.toml", if_missing="write one")
    assert str(told.value) == f"{tmp_path}/no.toml: there is no such file; write one"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        read(tmp_path)
    assert str(told.value) == f"{tmp_path}: cannot be read: Is a directory"


def test_nesting_without_end_is_refused_and_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        document(tmp_path, "a = " + "[" * 5000 + "]" * 5000)
    assert "nested too deeply" in str(told.value)
