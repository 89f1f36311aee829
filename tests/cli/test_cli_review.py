"""What people read and type when they decide about messages, and when old evidence is judged anew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from slawatch import app
from slawatch.model import MessageKind, Reply
from tests.cli.conftest import Call, Demo
from tests.cli.running import run, terminal


def answers(config: Path) -> list[Reply]:
    """Return the answers that came in, the newest last."""
    with app.world(config) as world:
        replies = [reply for found in world.store.replies().values() for reply in found]
    return sorted((one for one in replies if one.kind is MessageKind.ANSWER), key=lambda one: one.message_id)


def left_open(config: Path) -> int:
    """Make the newest answer one of which the rules cannot say what it is; return its number.

    By hand in the store, as rules that are as good as ours leave none of the demo's open.
    """
    number = answers(config)[-1].message_id
    with closing(sqlite3.connect(config.parent / "demo.db")) as store, store:
        store.execute("UPDATE derived SET kind = 'unknown' WHERE message_id = ?", (number,))
    return number


def test_without_anything_to_decide_it_says_so(demo: Demo, call: Call) -> None:
    assert call("review", "-c", demo.config).out == "nothing waits for review\n"
    assert json.loads(call("review", "-c", demo.config, "--json").out) == []


def test_what_waits_is_listed_with_the_commands_that_go_on(demo_copy: Path, call: Call) -> None:
    number = left_open(demo_copy)

    lines = call("review", "-c", demo_copy).lines

    assert lines[0] == "1 message waits for review; it counts nowhere until you decide:"
    assert lines[2].split() == [str(number), *lines[2].split()[1:4], "of", "unknown", "kind"]
    assert lines[-2:] == [
        f"Read one:   slawatch review {number}",
        f'Decide:     slawatch review {number} --kind answer --reason "..."',
    ]


def test_one_is_decided_and_the_figures_that_change_are_shown(demo_copy: Path, call: Call) -> None:
    number = left_open(demo_copy)
    assert "taken for   unknown kind" in call("review", "-c", demo_copy, number).lines

    done = call("review", "-c", demo_copy, number, "--kind", "answer", "--reason", "read it", "--who", "anna")

    assert (done.code, done.lines[0]) == (0, "decided; what changes:")
    assert "1 in review" in done.lines[1]
    assert ", first response " in done.lines[2]
    shown = call("review", "-c", demo_copy, number).out
    assert "because     a person decided it: “read it”" in shown
    assert "by anna: answer; before: unknown of" in shown


def test_a_decision_is_undone_with_its_history_kept(demo_copy: Path, call: Call) -> None:
    number = answers(demo_copy)[-1].message_id
    call("review", "-c", demo_copy, number, "--no-request", "--reason", "spam")

    undone = call("review", "-c", demo_copy, number, "--undo", "--reason", "it was none")

    assert undone.lines[0] == "undone; what changes:"

    facts = json.loads(call("review", "-c", demo_copy, number, "--json").out)
    assert (facts["kind"], len(facts["requests"])) == ("answer", 1)
    assert [(past["reason"], past["undone"]) for past in facts["history"]] == [("spam", False), ("it was none", True)]


def test_no_secret_of_ours_is_shown(demo: Demo, call: Call) -> None:
    reply = answers(demo.config)[-1]
    with app.world(demo.config) as world:
        (request,) = world.store.requests(ids=[reply.request_id])

    for words in ((), ("--json",)):
        assert request.token not in call("review", "-c", demo.config, reply.message_id, *words).out.lower()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--kind", "answer"), "review: say which message; `slawatch review` lists those that wait"),
        (("4711",), 'message: there is no "4711"; `slawatch review` lists those that wait'),
        (
            ("4711", "--confirm"),
            '--reason: say why, e.g. --reason "read it: they answer"; it is kept with the decision',
        ),
        (("4711", "--request", "R1", "--no-request"), "--request and --no-request: give one of them"),
        (("4711", "--each"), "--each: it goes through all that waits; leave the message and the decision out"),
        (("--each",), "--each: it asks on a terminal; in a script decide one by one: see `slawatch review --help`"),
    ],
)
def test_a_mistake_is_one_line(demo: Demo, words: Sequence[str], message: str) -> None:
    done = run("review", "-c", demo.config, *words, cwd=demo.folder)

    assert (done.code, done.out, done.err.strip()) == (2, "", message)


@pytest.mark.parametrize("words", [(), ("--confirm", "--reason", "read it")])
def test_about_a_letter_of_our_own_there_is_nothing_to_decide(demo: Demo, words: Sequence[str]) -> None:
    with closing(sqlite3.connect(demo.folder / "demo.db")) as store:
        (number,) = store.execute("SELECT min(message_id) FROM derived WHERE own").fetchone()

    done = run("review", "-c", demo.config, number, *words, cwd=demo.folder)

    assert (done.code, done.out) == (2, "")
    assert done.err == f'message "{number}" is a letter of our own; there is nothing to decide about it\n'


def test_on_a_terminal_all_that_waits_is_gone_through(demo_copy: Path) -> None:
    number = left_open(demo_copy)

    with terminal("review", "-c", demo_copy, "--each", cwd=demo_copy.parent) as shown:
        shown.until(lambda text: "What is it? (none: it belongs to no request)" in text)
        shown.press(b"interim\n")
        shown.until(lambda text: "Why" in text)
        shown.press(b"they are at it\n")
        done = shown.end()

    assert done.code == 0
    assert "--- 1 of 1 ---" in done.out
    assert "decided; what changes:" in done.out
    with app.world(demo_copy) as world:
        review = world.store.latest_review(number)
    assert review is not None
    assert (review.kind, review.reason) == (MessageKind.INTERIM, "they are at it")


def test_judging_anew_by_the_same_rules_changes_nothing(demo_copy: Path, call: Call) -> None:
    done = call("recompute", "-c", demo_copy)

    assert done.code == 0
    assert "messages judged by rules " in done.lines[0]
    assert done.lines[1:] == ["nothing changed"]


def test_judging_anew_says_which_messages_and_requests_change(demo_copy: Path, call: Call) -> None:
    left_open(demo_copy)

    dry = call("recompute", "-c", demo_copy, "--dry-run")
    done = call("recompute", "-c", demo_copy)

    assert dry.lines[1:3] == ["1 message would change:", "       1  unknown -> answer"]
    assert done.lines[1:4] == ["1 message changed:", "       1  unknown -> answer", "1 request changed:"]
    assert "-> answered, first response " in done.lines[5]
    assert call("recompute", "-c", demo_copy).lines[1:] == ["nothing changed"]


def test_judging_anew_has_facts_for_scripts(demo_copy: Path, call: Call) -> None:
    number = left_open(demo_copy)

    facts = json.loads(call("recompute", "-c", demo_copy, "--dry-run", "--json").out)

    (message,) = facts["messages"]
    (request,) = facts["requests"]
    assert (message["message"], message["kind_before"], message["kind_after"]) == (number, "unknown", "answer")
    assert request["verdict_after"] == "answered"
