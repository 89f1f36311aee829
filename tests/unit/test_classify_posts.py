"""What a short public answer is: whoever sends us to direct messages has not answered, and sympathy is no answer."""

from __future__ import annotations

import time
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from slawatch.classify import FASTEST_PERSON_SECONDS, classify
from slawatch.classify.posts import bare
from slawatch.model import Classification, Facts, Form, MessageKind, Text

ANSWER, HANDOFF, INTERIM = MessageKind.ANSWER, MessageKind.HANDOFF, MessageKind.INTERIM
QUESTION, UNKNOWN, BOT = MessageKind.QUESTION, MessageKind.UNKNOWN, MessageKind.BOT
RECEIPT = MessageKind.ACKNOWLEDGEMENT

ASKED = Text(
    probe="delivery-time",
    lang="en",
    variant=0,
    subject="",
    body="How long does a delivery to Austria take, and what does shipping cost?",
    form=Form.POST,
)
GEFRAGT = replace(ASKED, lang="de", body="Wie lange dauert die Lieferung nach Österreich, und was kostet der Versand?")
POSTS = tomllib.loads(Path(__file__).with_name("posts.toml").read_text(encoding="utf-8"))["post"]


def post(text: str, *, direct: bool = False, lang: str = "", automated: str = "") -> Facts:
    headers = {"handle": ("shop",), "lang": (lang,), "automated": (automated,)}
    return Facts(
        platform="twitter",
        sender="twitter:42",
        sender_name="Shop Hilfe (@shop)",
        own_id="twitter:2000",
        cited_ids=("twitter:1001",),
        conversation="twitter:1001",
        direct=direct,
        headers={name: values for name, values in headers.items() if values[0]},
        text=text,
    )


def kind(text: str, *, asked: Text = ASKED, direct: bool = False, lang: str = "", automated: str = "") -> MessageKind:
    facts = post(text, direct=direct, lang=lang, automated=automated)
    return classify(facts, asked=asked, seconds_after=600).kind


@pytest.mark.parametrize("asked", [ASKED, GEFRAGT], ids=["en", "de"])
@pytest.mark.parametrize("example", POSTS, ids=[f"{each['kind']}-{each['text'][:40]!a}" for each in POSTS])
def test_a_post_is_what_its_sentences_do(example: dict[str, str], asked: Text) -> None:
    found = classify(post(example["text"]), asked=asked, seconds_after=600)

    assert found.kind.value == example["kind"], found.because
    assert found.because
