"""`slawatch adopt`, `slawatch skip`, and what `status`, `plan` and `explain` say of what a person is to post."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch import app
from slawatch.clock import SystemClock
from slawatch.practice.x import X, XServer
from slawatch.practice.x.people import Person
from slawatch.usecases import audit
from slawatch.usecases.send import send_due
from tests.cli.conftest import Call
from tests.x_stage import ACCOUNT, HANDLE, company


@dataclass
class Asking:
    """A working folder in which one request waits for Robin to post it on an X of their own."""

    config: Path
    x: X
    robin: Person
    request: str
    text: str

    def post(self, text: str = "") -> str:
        """Let Robin post it, or something else; return the link."""
        return f"https://x.com/{HANDLE}/status/{self.x.post(self.robin, text or self.text).id}"


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    clock = SystemClock()
    x = X(clock, seed="cli")
    robin = x.person(HANDLE, "Robin")
    for handle in ("acme", "beta"):
        x.person(handle, handle.title())
    with XServer(x) as server:
        account = ACCOUNT.format(
            handle=HANDLE, base=server.base_url, keys=x.oauth1(robin), per_minute=60, per_day=1000, more=""
        )
        config = tmp_path / "config.toml"
        config.touch(mode=0o600)
        config.write_text(account + company("acme", relationship="competitor"), encoding="utf-8")
        with app.world(config) as world:
            audit.start(world, world.config.companies["acme"].targets, over=timedelta(0), until=None, name="test")
            send_due(world)
            (request,) = world.store.requests()
        yield Asking(
            config=config, x=x, robin=robin, request=request.public_id, text=f"@acme {request.text.body.strip()}"
        )


def documented(heading: str) -> dict[str, object]:
    page = (Path(__file__).parents[2] / "docs/reference/json.md").read_text(encoding="utf-8")
    found: dict[str, object] = json.loads(page.partition(f"## {heading}\n")[2].split("```")[1].removeprefix("json"))
    return found


def test_status_and_adopt_show_what_waits_with_text_link_and_time(asking: Asking, call: Call) -> None:
    shown = call("status", "-c", asking.config)
    whole = call("adopt", "-c", asking.config)

    assert "1 post waits for you; texts and links: slawatch adopt" in shown.lines
    assert any(asking.request in line and asking.text[:20] in line for line in shown.lines)
    assert any(line.endswith("to be posted by you") for line in shown.lines)
    assert whole.code == 0
    assert whole.lines[0] == "1 post waits for you; times are those of Europe/Berlin"
    assert whole.lines[2].startswith(f"{asking.request}: to acme (@acme) on twitter, as @{HANDLE}, until ")
    assert f"  {asking.text}" in whole.lines
    assert any(line.startswith("  https://x.com/intent/") for line in whole.lines)


def test_the_json_of_what_waits_is_as_documented(asking: Asking, call: Call) -> None:
    (waiting,) = json.loads(call("adopt", "-c", asking.config, "--json").out)["to_post"]
    (in_status,) = json.loads(call("status", "-c", asking.config, "--json").out)["to_post"]
    documents = documented("slawatch status --json")["to_post"]

    assert isinstance(documents, list)
    assert [*waiting] == [*in_status] == [*documents[0]]
    assert (waiting["request"], waiting["text"], waiting["account"]) == (asking.request, asking.text, f"@{HANDLE}")
    assert waiting["until"].endswith("Z")


def test_a_link_says_that_it_was_posted(asking: Asking, call: Call) -> None:
    link = asking.post("@acme In ganz anderen Worten als vorgesehen, von mir.")

    done = call("adopt", "-c", asking.config, link)

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{asking.request}: you asked acme on ")
    assert "no open requests" not in call("status", "-c", asking.config).out  # it runs now
    assert call("adopt", "-c", asking.config).lines == ["nothing waits for you to post it"]
    explained = call("explain", "-c", asking.config, asking.request).lines
    assert f"  posted by you     as twitter:{link.rpartition('/')[2]}" in explained
    assert f"                    {asking.text.partition(' ')[2]}" in explained


def test_the_json_of_a_link_is_as_documented(asking: Asking, call: Call) -> None:
    found = json.loads(call("adopt", "-c", asking.config, asking.request, asking.post(), "--json").out)

    assert [*found] == [*documented("slawatch adopt LINK --json, slawatch skip --json")]
    assert (found["request"], found["state"], found["because"]) == (asking.request, "sent", None)


def test_what_is_skipped_waits_no_longer_and_is_called_skipped_everywhere(asking: Asking, call: Call) -> None:
    done = call("skip", "-c", asking.config, asking.request)

    assert (done.code, done.lines) == (0, [f"{asking.request}: skipped"])
    status = call("status", "-c", asking.config)
    assert "no open requests" in status.lines
    assert asking.request not in status.out
    explained = call("explain", "-c", asking.config, asking.request)
    assert "  verdict           skipped: a person chose not to post it" in explained.lines
    found = json.loads(call("skip", "-c", asking.config, asking.request, "--json").out)
    assert (found["state"], found["asked_at"], found["because"]) == (
        "skipped",
        None,
        "a person chose not to post it",
    )
    figures = json.loads(call("report", "-c", asking.config, "--json").out)
    assert figures["method"]["skipped"] == 1
    assert figures["groups"] == []


def test_what_cannot_be_adopted_is_refused_in_one_line_that_says_why(asking: Asking, call: Call) -> None:
    beta = asking.x.who("beta")
    assert beta is not None
    theirs = f"https://x.com/beta/status/{asking.x.post(beta, asking.text).id}"
    elsewhere = asking.post("@beta Wann macht ihr auf?")

    for words, said in (
        ((theirs,), f'adopt: "{theirs}" is by @beta, not by @{HANDLE}; name a post of your own'),
        ((elsewhere,), f'adopt: "{elsewhere}" is not addressed to "@acme"; name the post that asks them'),
        (
            ("https://example.org/1",),
            'adopt: there is no post at "https://example.org/1"; copy the link of your post',
        ),
        (
            ("R0", elsewhere),
            'request: there is no "R0"; `slawatch status` and the report list them',
        ),
        ((asking.request,), f'adopt: "{asking.request}" is a request; give the link of your post behind it'),
        (("a", "b", "c"), "adopt: give a REQUEST and a LINK, or a LINK alone"),
    ):
        done = call("adopt", "-c", asking.config, *words)
        assert (done.code, done.out, done.err) == (2, "", f"{said}\n")

    link = asking.post()
    assert call("adopt", "-c", asking.config, link).code == 0
    again = call("adopt", "-c", asking.config, asking.request, link)
    assert again.err == f"adopt: {asking.request} was asked already; see `slawatch explain {asking.request}`\n"
    skipped = call("skip", "-c", asking.config, asking.request)
    assert skipped.err == f"skip: {asking.request} does not wait for a person; it is sent\n"


def test_a_plan_says_who_posts(asking: Asking, call: Call) -> None:
    call("skip", "-c", asking.config, asking.request)
    text = asking.config.read_text(encoding="utf-8")
    own = company("beta", relationship="own", target='every = "1 d"')
    asking.config.write_text(text + 'every = "1 d"\n' + own, encoding="utf-8")

    shown = call("plan", "-c", asking.config)
    facts = json.loads(call("plan", "-c", asking.config, "--json").out)["slots"]

    assert "Posted by" in shown.lines[0]
    assert {(one["company"], one["by_hand"]) for one in facts} == {("acme", True), ("beta", False)}
    assert any(" @acme " in line and " you " in line for line in shown.lines)
    assert any(" @beta " in line and " slawatch " in line for line in shown.lines)
