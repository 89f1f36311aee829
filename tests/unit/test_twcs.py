"""Threads out of tweets: who asked whom first, and what was replied."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from slawatch.data import twcs
from slawatch.errors import UsageError

Row = tuple[int, str, str, str, str]  # id, author, minute, text, what it replies to


def tweets(tmp_path: Path, *rows: Row) -> twcs.Tweets:
    path = tmp_path / "tweets.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(twcs.COLUMNS)
        for number, author, minute, text, parent in rows:
            created = f"Tue Oct 31 22:{minute}:00 +0000 2017"
            writer.writerow((number, author, author.isdigit(), created, text, "", parent))
    return read(path)


def read(path: Path) -> twcs.Tweets:
    (*_, (found, share)) = twcs.read(path)
    assert share == 1
    return found


def shape(found: twcs.Tweets) -> list[tuple[str, int, list[int]]]:
    return [(one.company, one.first.id, [reply.id for reply in one.replies]) for one in twcs.threads(found)[0]]


def test_a_question_and_its_reply_are_a_thread(tmp_path: Path) -> None:
    found = tweets(tmp_path, (1, "100", "01", "@acme help", ""), (2, "acme", "05", "@100 sure", "1.0"))

    assert shape(found) == [("acme", 1, [2])]
    assert found.by_id[1].at == datetime(2017, 10, 31, 22, 1, tzinfo=UTC)


def test_later_posts_of_the_customer_are_no_new_request(tmp_path: Path) -> None:
    found = tweets(
        tmp_path,
        (1, "100", "01", "@acme help", ""),
        (2, "acme", "05", "@100 which?", "1"),
        (3, "100", "06", "@acme this one", "2"),
        (4, "acme", "09", "@100 done", "3"),
    )

    assert shape(found) == [("acme", 1, [2, 4])]


def test_what_the_customer_wrote_again_goes_with_the_first_post(tmp_path: Path) -> None:
    found = tweets(
        tmp_path,
        (1, "100", "01", "@acme help", ""),
        (2, "acme", "05", "@100 which?", "1"),
        (3, "100", "06", "@acme this one", "2"),
        (4, "200", "07", "@acme mine too", "2"),
    )

    (thread,), _ = twcs.threads(found)
    assert [one.id for one in thread.again] == [3]


def test_two_companies_in_a_conversation_are_two_requests(tmp_path: Path) -> None:
    found = tweets(
        tmp_path,
        (1, "100", "01", "@acme help", ""),
        (2, "acme", "05", "@100 ask @bolt", "1"),
        (3, "100", "06", "@bolt then you", "2"),
        (4, "bolt", "09", "@100 done", "3"),
    )

    assert shape(found) == [("acme", 1, [2]), ("bolt", 3, [4])]


def test_somebody_elses_question_in_it_is_their_own(tmp_path: Path) -> None:
    found = tweets(
        tmp_path,
        (1, "100", "01", "@acme help", ""),
        (2, "200", "02", "@acme me too", "1"),
        (3, "acme", "05", "@200 sure", "2"),
    )

    assert shape(found) == [("acme", 2, [3])]


def test_a_reply_in_two_parts_belongs_to_the_customer(tmp_path: Path) -> None:
    found = tweets(
        tmp_path,
        (1, "100", "01", "@acme help", ""),
        (2, "acme", "05", "@100 1/2", "1"),
        (3, "acme", "06", "@100 2/2", "2"),
    )

    assert shape(found) == [("acme", 1, [2, 3])]


def test_what_cannot_be_timed_is_left_out_and_counted(tmp_path: Path) -> None:
    found = tweets(
        tmp_path,
        (1, "100", "01", "@acme help", "999"),
        (2, "acme", "05", "@100 sure", "1"),
        (3, "acme", "06", "News!", ""),
        (4, "300", "07", "@acme hello?", ""),
    )

    threads, left_out = twcs.threads(found)
    assert threads == []
    assert left_out == {twcs.BEFORE: 1, twcs.UNPROMPTED: 1, twcs.UNANSWERED: 1}


def test_a_ring_of_replies_ends(tmp_path: Path) -> None:
    found = tweets(tmp_path, (1, "100", "01", "@acme a", "2"), (2, "acme", "02", "@100 b", "1"))

    assert shape(found) == [("acme", 1, [2])]


def test_a_reply_older_than_its_question_is_bad(tmp_path: Path) -> None:
    found = tweets(tmp_path, (1, "100", "09", "@acme help", ""), (2, "acme", "01", "@100 sure", "1"))

    assert shape(found) == []
    assert [one.why for one in found.bad] == [
        'created_at: "Tue Oct 31 22:01:00 +0000 2017" is before the post it replies to'
    ]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (("x", "100", "True", "Tue Oct 31 22:01:00 +0000 2017", "t", "", ""), 'tweet_id: "x" is not a number'),
        (("1", "100", "yes", "Tue Oct 31 22:01:00 +0000 2017", "t", "", ""), 'inbound: "yes" is neither'),
        (("1", "100", "True", "31.10.2017", "t", "", ""), 'created_at: "31.10.2017" is not like'),
        (("1", "100", "True", "Tue Oct 32 22:01:00 +0000 2017", "t", "", ""), "is not like"),
        (("1", "100", "True", "Tue Oct 31 22:01:00 +0000 2017", "t", "", "a"), 'in_response_to_tweet_id: "a" is not'),
    ],
)
def test_a_row_that_is_no_tweet_is_named(tmp_path: Path, cells: Sequence[str], why: str) -> None:
    path = tmp_path / "tweets.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows((twcs.COLUMNS, cells))

    (bad,) = read(path).bad
    assert bad.line == 2
    assert why in bad.why


def test_a_tweet_stands_there_once(tmp_path: Path) -> None:
    found = tweets(tmp_path, (1, "100", "01", "a", ""), (1, "100", "01", "a", ""))

    assert [one.why for one in found.bad] == ['tweet_id: "1" stands in line 2 already']


def test_another_table_is_none_of_these(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")

    with pytest.raises(UsageError, match='there is no column "tweet_id"; --format twcs needs tweet_id'):
        read(path)
