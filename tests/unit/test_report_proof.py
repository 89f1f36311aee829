"""A report's file says for machines what it says for people, and notices when a letter of it was changed."""

from __future__ import annotations

import hashlib
import re

import pytest

from slawatch.report import proof, render
from slawatch.report.build import build
from tests.report_sample import four_weeks, hostile


@pytest.fixture(scope="module")
def page() -> str:
    return render.html(build(four_weeks(per_company=2)))


def test_the_file_holds_the_figures_that_report_json_prints(page: str) -> None:
    found = proof.opened(page)

    assert found.intact
    assert found.facts["figures"] == render.data(build(four_weeks(per_company=2)))
    assert found.facts["rules"].startswith("match-")


def test_one_letter_changed_anywhere_is_noticed(page: str) -> None:
    place = page.index("</title>")

    assert not proof.opened(page[:place] + "!" + page[place:]).intact


def test_figures_changed_in_the_machines_part_are_noticed(page: str) -> None:
    other = proof.facts(four_weeks(per_company=2), {"groups": []})
    body = proof.opened(page).page
    forged = proof.sealed(body, other)
    digest = re.search(r'data-sha256="(\w+)"', page)
    assert digest is not None

    kept = re.sub(r'data-sha256="\w+"', f'data-sha256="{digest[1]}"', forged)

    assert not proof.opened(kept).intact


def test_a_stranger_can_check_the_digest_with_a_text_editor_and_sha256sum(page: str) -> None:
    digest = re.search(r'data-sha256="(\w+)"', page)
    assert digest is not None

    assert hashlib.sha256(page.replace(digest[1], "0" * 64).encode()).hexdigest() == digest[1]


def test_it_is_inert_whatever_others_wrote() -> None:
    payload = '</template><script>alert(1)</script>"><img src=x onerror=alert(1)>'
    page = render.html(build(hostile(payload)))
    (element,) = re.findall(r"<template.*?</template>", page, re.DOTALL)

    assert re.fullmatch(
        r'<template id="[a-z-]+" data-format="1" data-figures="[\w+/=]+" data-\w+="\w+"></template>', element
    )
    assert "<script" not in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda page: page.replace("<template", "<div"), "no figures for machines"),
        (lambda page: page.replace('data-format="1"', 'data-format="2"'), "update slawatch"),
        (lambda page: re.sub(r'data-figures="\w{8}', 'data-figures="AAAAAAAA', page), "cannot be read"),
    ],
)
def test_a_file_without_readable_figures_is_refused(page: str, change: object, said: str) -> None:
    assert callable(change)
    with pytest.raises(proof.NoProofError, match=said):
        proof.opened(change(page))
