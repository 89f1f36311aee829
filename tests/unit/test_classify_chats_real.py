"""What people in support really wrote is hardly ever taken for a machine's where it stands in a chat."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from slawatch.classify import classify
from slawatch.model import Author, Facts, Form, MessageKind, Text

SHARED = Path(__file__).parents[3] / "shared" / "data" / "twcs" / "twcs_5000.csv"
MENTION = re.compile(r"@\w+")
MACHINES = (MessageKind.BOT, MessageKind.ACKNOWLEDGEMENT, MessageKind.OUT_OF_OFFICE)

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def said() -> list[tuple[str, str]]:
    """Return what companies' people wrote in public, each with the question it answers."""
    with SHARED.open(encoding="utf-8", newline="") as file:
        rows = {row["tweet_id"]: row for row in csv.DictReader(file) if row["inbound"] in {"True", "False"}}
    found = []
    for row in rows.values():
        question = rows.get((row["in_response_to_tweet_id"] or "").removesuffix(".0"))
        if row["inbound"] == "False" and question is not None:
            found.append((row["text"], MENTION.sub("", question["text"])))
    return found


@pytest.mark.parametrize(
    ("mark", "machines", "unknown"), [("vendor-field: agent", 1, 0.18), ("platform-flag: x", 8, 0.44)]
)
def test_people_are_hardly_ever_taken_for_machines(
    said: list[tuple[str, str]], mark: str, machines: int, unknown: float
) -> None:
    """Without the vendor's word that an agent writes, more is left to a person, and no more than that."""
    found: Counter[MessageKind] = Counter()
    for text, question in said:
        asked = Text(probe="any", lang="en", variant=0, subject="", body=question, form=Form.CHAT)
        facts = Facts(platform="webchat", chat="x", author=Author.AGENT, author_by=mark, text=text)
        found[classify(facts, asked=asked, seconds_after=300).kind] += 1

    assert len(said) > 2000
    assert sum(found[kind] for kind in MACHINES) <= machines, found
    assert found[MessageKind.UNKNOWN] <= unknown * len(said), found
