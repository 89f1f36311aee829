"""Badges: what they say, that green means proven, and that foreign names stay text."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from slawatch.model import Proof
from slawatch.report.badges import GREEN, GREY, RED, Badge, badges, stem, width
from slawatch.report.book import Book
from slawatch.report.build import build
from tests.report_sample import four_weeks

HOSTILE = (
    "<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'\" onload=alert(1) x='",
    "</title><image href=x onerror=alert(1)>",
    "]]><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}{seed}",
    "&lt;b&gt; &#x0; <!-- --!> <![CDATA[",
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def book() -> Book:
    return build(four_weeks())


def made(book: Book, lang: str = "en") -> dict[str, Badge]:
    return {badge.stem: badge for badge in badges(book, lang=lang)}


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - our own


def named(book: Book, name: str) -> Book:
    groups = [
        replace(group, company=replace(group.company, key=name, name=name)) for group in book.groups if group.company
    ]
    return Book(material=book.material, groups=tuple(groups[:1]), channels=book.channels, board=book.board)


def test_each_company_and_way_has_one_and_its_file_says_the_same_to_shields(book: Book) -> None:
    found = made(book)

    assert len(found) == len(book.groups)
    for badge in found.values():
        endpoint = json.loads(badge.endpoint)
        assert endpoint["schemaVersion"] == 1
        assert texts(badge.svg) == [endpoint["label"], endpoint["message"]]
        assert endpoint["color"] in badge.svg


def test_only_what_is_proven_is_green_and_the_words_say_it_too(book: Book) -> None:
    found = made(book)
    seen = set()
    for group in book.groups:
        endpoint = json.loads(found[stem(group)].endpoint)
        proofs = {one.judgement.proof for one in group.statements if one.objective.measure == "first_response"}
        assert (endpoint["color"] == GREEN) is (proofs == {Proof.MET})
        assert (endpoint["color"] == RED) is (Proof.NOT_MET in proofs)
        words = {GREEN: "proven met: median ", RED: "proven not met: median ", GREY: "not proven: median "}
        assert endpoint["message"].startswith(words[endpoint["color"]])
        assert endpoint["message"].endswith(f"n = {group.n}")
        seen.add(endpoint["color"])

    assert seen == {GREEN, GREY, RED}


def test_without_objectives_it_gives_the_figure_in_grey_and_without_requests_none(book: Book) -> None:
    plain = [replace(group, statements=()) for group in book.groups]
    empty = replace(plain[0], answered=0, missed=0, pending=0, entries=())
    some = Book(material=book.material, groups=(empty, *plain[1:]), channels=(), board=())

    endpoints = [json.loads(badge.endpoint) for badge in badges(some, lang="en")]

    assert {endpoint["color"] for endpoint in endpoints} == {GREY}
    assert endpoints[0]["message"] == "no data"
    assert endpoints[1]["message"].startswith("median ")


@pytest.mark.parametrize("name", [*HOSTILE, "日本" * 80, "a\x1b[31m\u202eb", "../../etc/passwd", ""])
def test_a_name_stays_text_and_out_of_the_files_path(book: Book, name: str) -> None:
    (badge,) = badges(named(book, name), lang="en")

    root = ET.fromstring(badge.svg)  # noqa: S314 - our own
    assert {one.tag.removeprefix(SVG) for one in root.iter()} == {"svg", "title", "clipPath", "rect", "g", "text"}
    assert not any(key.startswith("on") or "href" in key for one in root.iter() for key in one.attrib)
    assert set(badge.stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_two_companies_whose_keys_look_alike_have_files_of_their_own(book: Book) -> None:
    stems = [badge.stem for key in ("a b", "a-b", "a_b", "日本") for badge in badges(named(book, key), lang="en")]

    assert len(set(stems)) == len(stems)


def test_the_picture_is_as_wide_as_its_texts_and_can_be_read_aloud(book: Book) -> None:
    for badge in badges(book, lang="de"):
        root = ET.fromstring(badge.svg)  # noqa: S314 - our own
        title = root.findtext(f"{SVG}title") or ""
        assert (root.get("role"), root.get("aria-label")) == ("img", title)
        assert all(text in title for text in texts(badge.svg))
        widths = [float(one.get("width", "")) for one in root.findall(f"{SVG}g/{SVG}rect")]
        assert sum(widths) == float(root.get("width", ""))
        assert all(wide > width(text) for wide, text in zip(widths, texts(badge.svg), strict=True))


def test_wide_letters_are_reckoned_wider_and_marks_on_letters_not_at_all() -> None:
    assert width("日本") > width("abc") > width("il|") > 0
    assert width("e\u0301") == width("e")
