"""What companies really answered in public: sent elsewhere is told from answered, and nobody is called a machine."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from slawatch.classify import classify
from slawatch.model import Facts, Form, MessageKind, Text

SHARED = Path(__file__).parents[3] / "shared" / "data" / "twcs" / "twcs_5000.csv"
LABELS = tomllib.loads(Path(__file__).with_name("posts_labels.toml").read_text(encoding="utf-8"))
MENTION = re.compile(r"@\w+")

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, str]]:
    with SHARED.open(encoding="utf-8", newline="") as file:
        # One row is defective, and has the id of another.
        return {row["tweet_id"]: row for row in csv.DictReader(file) if row["inbound"] in {"True", "False"}}


def held_out(row: dict[str, str]) -> bool:
    """Whether the company's posts were kept from whoever wrote the rules."""
    return int(sha256(row["author_id"].encode()).hexdigest(), 16) % 2 == 1


def asked(row: dict[str, str], rows: dict[str, dict[str, str]]) -> Text:
    question = rows[row["in_response_to_tweet_id"].removesuffix(".0")]
    body = MENTION.sub("", question["text"])
    return Text(probe="any", lang="en", variant=0, subject="", body=body, form=Form.POST)


def kind(row: dict[str, str], question: Text | None = None) -> MessageKind:
    facts = Facts(
        platform="twitter",
        sender=f"twitter:{row['author_id']}",
        sender_name=f"{row['author_id']} (@{row['author_id']})",
        cited_ids=("twitter:1",),
        conversation="twitter:1",
        text=row["text"],
    )
    return classify(facts, asked=question, seconds_after=600).kind


@pytest.mark.parametrize("part", ["first", "fresh"])
def test_real_answers_are_told_apart(part: str, rows: dict[str, dict[str, str]]) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for label, ids in LABELS[part].items():
        for one in map(str, ids):
            assert held_out(rows[one])
            found[label, kind(rows[one], asked(rows[one], rows)).value] += 1

    def recall(label: str) -> float:
        return found[label, label] / sum(times for (wanted, _), times in found.items() if wanted == label)

    def precision(label: str) -> float:
        return found[label, label] / sum(times for (_, got), times in found.items() if got == label)

    right = sum(times for (wanted, got), times in found.items() if wanted == got)
    assert sum(found.values()) >= 150
    assert right / sum(found.values()) >= 0.85, found
    assert (recall("handoff") >= 0.9, precision("handoff") >= 0.9) == (True, True), found
    assert (recall("question") >= 0.9, precision("question") >= 0.85) == (True, True), found
    assert recall("answer") >= 0.75, found


def test_no_persons_post_is_called_a_machines(rows: dict[str, dict[str, str]]) -> None:
    companies = [row for row in rows.values() if row["inbound"] == "False"]

    called = [row["text"] for row in companies if kind(row).automatic]

    assert len(companies) > 2000
    assert not called


def test_who_asks_for_a_direct_message_is_seldom_taken_for_one_who_answers(rows: dict[str, dict[str, str]]) -> None:
    asks = [row for row in rows.values() if row["inbound"] == "False" and re.search(r"\bDM us\b", row["text"])]

    assert len(asks) > 100
    assert sum(kind(row) is MessageKind.HANDOFF for row in asks) / len(asks) >= 0.9
