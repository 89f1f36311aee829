"""The words: what each kind of message means, and that values are values."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re

import pytest

from slawatch import model
from slawatch.model import Facts, MessageKind

DATACLASSES = [one for _, one in inspect.getmembers(model, dataclasses.is_dataclass) if isinstance(one, type)]
ENUMS = [
    one
    for _, one in inspect.getmembers(model, inspect.isclass)
    if issubclass(one, enum.StrEnum) and one is not enum.StrEnum
]
BY_PERSON = {"answer", "interim", "question", "handoff", "refusal"}


@pytest.mark.parametrize("kind", MessageKind)
def test_a_kind_is_a_person_s_a_machine_s_or_not_known(kind: MessageKind) -> None:
    expected = None if kind is MessageKind.UNKNOWN else kind.value not in BY_PERSON

    assert kind.automatic is expected
    assert kind.by_person is (kind.value in BY_PERSON)


def test_of_an_unknown_kind_nothing_is_claimed() -> None:
    assert MessageKind.UNKNOWN.automatic is None
    assert not MessageKind.UNKNOWN.by_person


@pytest.mark.parametrize("one", DATACLASSES, ids=lambda one: one.__name__)
def test_every_word_is_a_frozen_value_made_by_name(one: type) -> None:
    assert one.__dataclass_params__.frozen  # type: ignore[attr-defined]  # it is a dataclass
    assert "__slots__" in vars(one)
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in inspect.signature(one).parameters.values())
    assert one.__doc__
    assert not one.__doc__.startswith(f"{one.__name__}(")  # dataclass's own makeshift


@pytest.mark.parametrize("one", ENUMS, ids=lambda one: one.__name__)
def test_every_value_that_is_stored_or_printed_is_lower_case(one: type[enum.StrEnum]) -> None:
    assert all(re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", member.value) for member in one)
    assert len({member.value for member in one}) == len(one)


@pytest.mark.parametrize("one", DATACLASSES, ids=lambda one: one.__name__)
def test_every_moment_says_so_in_its_name(one: type) -> None:
    for field in dataclasses.fields(one):
        if "datetime" in str(field.type):
            assert re.search(r"(^|_)(at|until)$", field.name), f"{one.__name__}.{field.name}"


def test_facts_of_nothing_have_an_empty_subject() -> None:
    assert Facts().subject == ""
    assert Facts(subjects=()).subject == ""
    assert Facts(subjects=("decoded", "raw")).subject == "decoded"
    assert Facts(sender="x").headers == {}
