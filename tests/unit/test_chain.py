"""The chain's arithmetic, against values worked out apart from it: a stranger has to come to the same."""

from __future__ import annotations

import hashlib

import pytest

from slawatch import chain

ITEM = {"kind": "message", "message": 7, "stamp_at": 1774747800000000, "who": 'Müller "x"', "gone": None, "ok": True}


def test_the_canonical_form_is_the_one_that_is_documented() -> None:
    assert chain.canonical(ITEM) == (
        '{"gone":null,"kind":"message","message":7,"ok":true,"stamp_at":1774747800000000,"who":"Müller \\"x\\""}'
    )


def test_a_digest_and_a_head_are_what_sha256sum_says() -> None:
    digest = hashlib.sha256(b"slawatch-item-1\n" + chain.canonical(ITEM).encode()).hexdigest()
    lines = f"slawatch-link-1\n3\n1774747800000000\n{'0' * 64}\n{digest}\n"

    assert chain.digest(ITEM) == digest
    assert chain.head(chain.START, number=3, at=1774747800000000, digest=digest) == (
        hashlib.sha256(lines.encode()).hexdigest()
    )


@pytest.mark.parametrize("changed", [{"number": 2}, {"at": 2}, {"digest": "b" * 64}, {"before": "1" * 64}])
def test_a_head_depends_on_everything_before_it(changed: dict[str, object]) -> None:
    given = {"before": chain.START, "number": 1, "at": 1, "digest": "a" * 64}

    def made(values: dict[str, object]) -> str:
        before = str(values.pop("before"))
        return chain.head(before, **values)  # type: ignore[arg-type]  # the same names

    assert made({**given}) != made({**given, **changed})


def test_a_fraction_is_refused_since_programs_write_it_differently() -> None:
    with pytest.raises(TypeError, match=r'the fraction "0[.]5"'):
        chain.digest({"kind": "message", "deep": [{"wait": 0.5}]})


def test_a_text_of_ours_is_stood_for_by_a_digest_of_all_of_it() -> None:
    written = hashlib.sha256(b'{"body":"Wie lange?","subject":"Frage"}').hexdigest()

    assert chain.text_digest("Frage", "Wie lange?") == written
    assert chain.text_digest("Frage", "Wie lange dauert es?") != written


def test_lists_keep_their_order_and_keys_do_not() -> None:
    assert chain.canonical({"b": [2, 1], "a": True}) == '{"a":true,"b":[2,1]}'
