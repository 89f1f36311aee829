"""What a Mastodon post's HTML says, in the words its writer wrote."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slawatch.channels.mastodon.text import plain

NAMES = {"https://shop.example/@acme": "acme@shop.example"}
MENTION = '<span><a href="https://shop.example/@acme" class="u-url mention">@<span>acme</span></a></span>'


def test_paragraphs_and_lines_stay_apart() -> None:
    assert plain("<p>Guten Tag,<br />wie lange?</p><p>Danke</p>", {}) == "Guten Tag,\nwie lange?\n\nDanke"


def test_a_mention_is_the_whole_handle_again() -> None:
    assert plain(f"<p>{MENTION} wie lange?</p>", NAMES) == "@acme@shop.example wie lange?"


def test_a_mention_of_somebody_unknown_keeps_its_own_words() -> None:
    assert plain(f"<p>{MENTION} wie lange?</p>", {}) == "@acme wie lange?"


def test_a_shortened_link_is_whole_again() -> None:
    html = (
        '<p>Siehe <a href="https://shop.example/lieferung/laender"><span class="invisible">https://</span>'
        '<span class="ellipsis">shop.example/lieferung</span><span class="invisible">/laender</span></a>.</p>'
    )

    assert plain(html, {}) == "Siehe https://shop.example/lieferung/laender."


def test_a_link_behind_other_words_is_told_with_them() -> None:
    html = '<p>Bitte <a href="https://shop.example/form">hier</a> melden</p>'

    assert plain(html, {}) == "Bitte hier (https://shop.example/form) melden"


def test_a_hashtag_is_its_words() -> None:
    html = '<a href="https://social.example/tags/dhl" class="mention hashtag" rel="tag">#<span>dhl</span></a>'

    assert plain(f"<p>Kein Paket {html}</p>", {}) == "Kein Paket #dhl"


def test_lists_are_lines() -> None:
    assert plain("<p>Es kostet</p><ul><li>3 Euro</li><li>5 Euro</li></ul>", {}) == "Es kostet\n\n- 3 Euro\n- 5 Euro"


def test_letters_written_as_references_are_letters() -> None:
    assert plain("<p>K&ouml;ln &amp; &lt;Bonn&gt;&#33;</p>", {}) == "Köln & <Bonn>!"


def test_scripts_are_no_words() -> None:
    assert plain("<p>Ja<script>alert(1)</script></p><style>p {}</style>", {}) == "Ja"


def test_what_stands_in_for_a_quoted_post_is_no_word_of_the_writer() -> None:
    html = '<p class="quote-inline">RE: <a href="https://a.example/1">https://a.example/1</a></p><p>Stimmt.</p>'

    assert plain(html, {}) == "Stimmt."


@pytest.mark.parametrize("html", ["<p>a</a></p>", "<a>b", "</p></script>c", '<a href="x">', "<p", "&#xD800;", ""])
def test_broken_html_is_no_matter(html: str) -> None:
    assert isinstance(plain(html, {}), str)


def test_tags_that_are_never_closed_take_no_time() -> None:
    # Ten seconds and more where the parser sees them as they are.
    before = time.thread_time()

    plain("<a " * 10_000, {})

    assert time.thread_time() - before < 1


def test_section_marks_stay_as_text() -> None:
    assert plain("<p>a <![x[ b</p>", {}) == "a <![x[ b"


@given(st.text(alphabet='<>/!-[]&;#ap ="x?\n', max_size=60))
@example("<![x[")
@example("<!DOCTYPE [<!x")
@example("<!--")
def test_nothing_raises(html: str) -> None:
    plain(html, NAMES)
