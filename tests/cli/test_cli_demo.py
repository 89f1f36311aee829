"""`slawatch demo`: what it shows, what it leaves behind, and that what it measures is what its companies did."""

from __future__ import annotations

import json
import re
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlparse

import pytest

from slawatch import app
from slawatch.model import Proof, Reply, Request, Verdict, Writer
from slawatch.practice.companies import COMPANIES
from slawatch.practice.demo import UNTIL
from slawatch.practice.history import EACH
from slawatch.practice.instants import EACH as EACH_ELSEWHERE
from slawatch.practice.post import ADDRESS
from slawatch.practice.square import PUBLIC
from slawatch.practice.talk import CHATS
from slawatch.usecases.outcomes import standing
from slawatch.usecases.world import World
from tests.cli.conftest import Call, Demo
from tests.cli.running import Running, run
from tests.practice.far_side import first_responses, history

SEED = "slawatch"
IN_MESSENGER = {one.key for one in CHATS if one.way == "xmpp"}  # in a hurry no website is asked


@contextmanager
def opened(demo: Demo) -> Iterator[World]:
    with app.world(demo.config) as world:
        yield world


def made_up(world: World, company: str, channel: str = "email") -> list[Request]:
    return [one for one in world.store.requests(company=company) if one.made_up and one.channel == channel]


def test_it_goes_through_and_says_what_it_does(demo: Demo) -> None:
    assert demo.code == 0, demo.out
    requests = EACH * len(COMPANIES) + EACH_ELSEWHERE * (len(PUBLIC) + len(IN_MESSENGER))
    assert "Practice range: all of it is made up on this machine, except how it is measured." in demo.out
    assert f"History: {requests} requests to {len(COMPANIES)} companies, " in demo.out
    assert f'(seed "{SEED}")' in demo.out
    assert re.search(rf"{requests} requests to {len(COMPANIES)} companies, \d{{4}} mails and \d{{3}} posts", demo.out)
    assert re.search(r"Collected over IMAP: \d{4} mails, \d{3} of them replies\.", demo.out)
    posts = re.search(r"Collected over X's API: (\d{3}) posts, (\d{3}) of them the companies'\.", demo.out)
    assert posts
    assert int(posts[1]) > int(posts[2]), "passers-by joined in"
    assert re.search(r"Since then companies have deleted \d+ of theirs\.", demo.out)
    assert re.search(r"Judged from chats: \d{3} lines of the companies'\.", demo.out)
    assert "Now 22 live requests; 1 s is 10 min. Ctrl-C ends it early." in demo.out
    assert "Traceback" not in demo.out


def test_its_waits_run_before_the_eyes_in_practice_time(demo: Demo) -> None:
    shown = re.findall(r"Silent Sofa +email .*?(?:(\d+) h )?(?:(\d+) min)?(?: ?(\d+) s)? …", demo.out)
    seconds = [int(h or 0) * 3600 + int(m or 0) * 60 + int(s or 0) for h, m, s in shown]

    assert len(set(seconds)) >= 6, "the clock moves"
    assert seconds == sorted(seconds)
    assert max(seconds) >= 1800, "half an hour passes in three seconds"
    assert "Europe/Berlin, 1 s is 10 min, Ctrl-C ends it early" in demo.out


def test_its_last_lines_say_where_the_report_is_and_what_to_try_next(demo: Demo, call: Call) -> None:
    end = demo.out.rpartition("Try next:\n")[2].splitlines()

    assert re.fullmatch(r"  .* -m slawatch status -c .*config\.toml", end[0])
    assert re.fullmatch(r"  .* -m slawatch explain -c .*config\.toml R\w{8}", end[1])
    assert re.fullmatch(r"  .* -m slawatch init my-audit     and then ask for real", end[2])
    report = Path(urlparse(end[-1].removeprefix("Report: ")).path)
    assert report.samefile(demo.folder / "report.html")
    for line in end[:2]:
        assert call(*line.partition("-m slawatch ")[2].split()).code == 0


def test_every_request_stands_in_the_list_that_stays(demo: Demo) -> None:
    stays = demo.out.rpartition("Request    Company")[2].partition("Done in")[0]

    in_public = {one.key for one in PUBLIC}
    for company in COMPANIES:
        channels = re.findall(rf"^R\w{{8}}  {company.name} +(\S+) ", stays, re.MULTILINE)
        elsewhere = {"twitter": in_public, "xmpp": IN_MESSENGER}
        assert channels == ["email", *(channel for channel, keys in elsewhere.items() if company.key in keys)]


def test_its_folder_keeps_secrets_from_others(demo: Demo) -> None:
    assert demo.config.stat().st_mode & 0o777 == 0o600
    assert (demo.folder / "demo.db").stat().st_mode & 0o777 == 0o600


def test_it_never_leads_into_the_future(demo: Demo) -> None:
    ended = datetime.fromtimestamp((demo.folder / "report.html").stat().st_mtime).astimezone()
    with opened(demo) as world:
        looked = world.store.observed_until("practice")
        assert looked is not None
        assert ended - timedelta(hours=1) < looked <= ended


@dataclass(frozen=True)
class Expected:
    """What becomes of a company's made-up requests: kinds of its replies, verdicts, proof of the first response."""

    kinds: frozenset[str]
    verdicts: frozenset[Verdict]
    proof: Proof | None
    answers: bool = True


OPEN = {Verdict.PENDING, Verdict.MISSED}
EXPECTED = {
    key: Expected(frozenset(kinds.split()), frozenset(verdicts), proof, "answer" in kinds)
    for key, kinds, verdicts, proof in (
        ("morgentau-tee", "answer", {Verdict.ANSWERED}, Proof.MET),
        ("fenwick-lamps", "acknowledgement answer", {Verdict.ANSWERED}, None),
        ("harbour-bikes", "answer", {Verdict.ANSWERED, *OPEN}, None),
        ("lindner-optik", "interim answer", {Verdict.ANSWERED}, Proof.MET),
        ("copperfield-books", "question answer", {Verdict.ANSWERED}, None),
        ("waldhaus-moebel", "answer", {Verdict.ANSWERED, *OPEN}, Proof.NOT_MET),
        ("brightwater-pools", "acknowledgement answer", {Verdict.ANSWERED, *OPEN}, Proof.NOT_MET),
        ("sattler-reisen", "out-of-office answer", {Verdict.ANSWERED, *OPEN}, Proof.NOT_MET),
        ("nordlicht-strom", "handoff", {Verdict.ANSWERED, *OPEN}, Proof.NOT_MET),
        ("grand-atlas-hotels", "acknowledgement", OPEN, Proof.NOT_MET),
        ("vellmer-uhren", "bounce", {Verdict.VOID}, Proof.NOT_PROVEN),
        ("silent-sofa", "", OPEN, Proof.NOT_MET),
    )
}


def test_there_is_an_expectation_for_every_company() -> None:
    assert set(EXPECTED) == {company.key for company in COMPANIES}


@pytest.mark.parametrize("key", EXPECTED)
def test_each_company_comes_out_as_what_it_is(demo: Demo, key: str) -> None:
    expected = EXPECTED[key]
    with opened(demo) as world:
        requests = made_up(world, key)
        replies = world.store.replies([request.id for request in requests])
        outcomes = standing(world, requests)

    kinds = Counter(reply.kind.value for some in replies.values() for reply in some)
    verdicts = {outcome.verdict for outcome in outcomes.values()}
    assert len(requests) == EACH
    assert set(kinds) == expected.kinds
    assert verdicts
    assert verdicts <= expected.verdicts
    ended = [outcome.answer for outcome in outcomes.values() if outcome.answer is not None and outcome.answer.ended]
    assert bool(ended) is expected.answers


def test_a_receipt_an_absence_and_an_interim_word_end_no_answer_wait(demo: Demo) -> None:
    with opened(demo) as world:
        for key, kind in (
            ("fenwick-lamps", "acknowledgement"),
            ("sattler-reisen", "out-of-office"),
            ("lindner-optik", "interim"),
        ):
            requests = made_up(world, key)
            replies = world.store.replies([request.id for request in requests])
            outcomes = standing(world, requests)
            for request in requests:
                answer = outcomes[request.id].answer
                early = [reply for reply in replies.get(request.id, []) if reply.kind.value == kind]
                assert answer is not None
                assert request.accepted_at is not None
                assert early
                assert all(reply.stamps.at - request.accepted_at < answer.length for reply in early)


def test_what_was_measured_is_what_the_companies_did(demo: Demo) -> None:
    with opened(demo) as world:
        until = datetime.fromisoformat(world.store.meta(UNTIL) or "")
        made = history(SEED, until)
        mine = {one.message_id: one for one in world.store.requests() if one.made_up and one.channel == "email"}
        replies = world.store.replies([request.id for request in mine.values()])

    assert set(mine) == {request.message_id for request in made.requests}, "the seed makes the same history again"
    true: dict[str, list[datetime]] = {}
    for due in made.written:  # to the address of the request, whether it answers that or our reply to a question
        true.setdefault(due.asked.reply_to, []).append(due.at)
    live = {due.asked.reply_to for due in made.to_come}
    assert sum(map(len, replies.values())) >= len(made.written)
    for request in mine.values():
        stamps = sorted(reply.stamps.at for reply in replies.get(request.id, []))
        written_to = ADDRESS.replace("@", f"+{request.token}@")
        wanted = sorted(true.get(written_to, []))
        assert len(stamps) == len(wanted) or written_to in live
        for stamp, at in zip(stamps, wanted, strict=False):
            assert abs(stamp - at) <= timedelta(seconds=1), "mail servers stamp whole seconds"


def test_each_kind_of_letter_was_tied_to_its_request_by_sure_evidence(demo: Demo) -> None:
    with opened(demo) as world:
        channels = {one.id: one.channel for one in world.store.requests()}
        replies: list[Reply] = [reply for some in world.store.replies().values() for reply in some]
        left = world.store.waiting_for_review()

    strengths = {(channels[reply.request_id], reply.strength.value) for reply in replies}
    in_messenger = {strength for channel, strength in strengths if channel == "xmpp"}
    assert {strength for channel, strength in strengths if channel != "xmpp"} == {"certain"}
    # What was said live cites nothing: it belongs to the one question that stands open in that chat.
    assert in_messenger == {"certain", "strong"}
    assert left == []


def test_whoever_joined_in_counts_for_nobody_and_is_shown_as_such(demo: Demo, call: Call) -> None:
    with opened(demo) as world:
        requests = made_up(world, "copperfield-books", "twitter")
        replies = world.store.replies([request.id for request in requests])
        outcomes = standing(world, requests)

    joined = [one for some in replies.values() for one in some if one.written_by.writer is Writer.BYSTANDER]
    assert len(joined) > EACH_ELSEWHERE / 2
    ended_by = {outcome.first_reply_id for outcome in outcomes.values()}
    assert ended_by.isdisjoint(one.message_id for one in joined)
    (asked,) = [one for one in requests if one.id == joined[0].request_id]
    shown = call("explain", "-c", demo.config, asked.public_id).out
    assert asked.text.body.strip() in shown
    assert "it stood where everybody can read it" in shown
    assert "  somebody else     " in shown
    assert "counts nowhere: it is none of the company's accounts" in shown
    assert call("review", "-c", demo.config).out == "nothing waits for review\n"
    assert call("review", "-c", demo.config, "--unmatched").out == "every message is tied to a request\n"


def test_what_companies_deleted_is_thrown_away_and_its_time_kept(demo: Demo, call: Call) -> None:
    with opened(demo) as world:
        requests = {one.id: one for one in made_up(world, "brightwater-pools", "twitter")}
        replies = [one for some in world.store.replies(list(requests)).values() for one in some]
        messages = {one.id: one for one in world.store.messages(ids=[one.message_id for one in replies])}
    (deleted, *_) = [one for one in replies if messages[one.message_id].purged_at is not None]

    shown = call("explain", "-c", demo.config, requests[deleted.request_id].public_id).out

    assert "verdict           answered" in shown
    assert "(its text was thrown away after its author had deleted it)" in shown
    assert "from              @brightwaterpool (twitter:" in shown
    assert "stamped by        snowflake" in shown
    assert "deleted           by its author, noticed " in shown


def test_the_first_screen_has_one_proven_one_proven_not_to_be_and_one_open(demo: Demo, call: Call) -> None:
    facts = json.loads(call("report", "-c", demo.config, "--json", "--period", "60 d").out)
    proofs = {
        group["company"]: one["proof"]
        for group in facts["groups"]
        for one in group["objectives"]
        if one["measure"] == "first_response" and group["company"] != "*" and group["channel"] == "email"
    }

    assert set(proofs.values()) == {proof.value for proof in Proof}
    for key, expected in EXPECTED.items():
        if expected.proof is not None:
            assert proofs[key] == expected.proof.value, key
    assert facts["method"]["made_up_seed"] == SEED
    in_public = {
        group["company"]: one["proof"]
        for group in facts["groups"]
        for one in group["objectives"]
        if one["measure"] == "first_response" and group["company"] != "*" and group["channel"] == "twitter"
    }
    assert set(in_public) == {one.key for one in PUBLIC}
    assert in_public["morgentau-tee"] == Proof.MET.value
    assert in_public["silent-sofa"] == Proof.NOT_MET.value


def test_the_figures_shown_agree_with_the_truth_of_the_history(demo: Demo, call: Call) -> None:
    facts = json.loads(call("report", "-c", demo.config, "--json", "--period", "60 d").out)
    groups = {group["company"]: group for group in facts["groups"] if group["channel"] == "email"}
    with opened(demo) as world:
        until = datetime.fromisoformat(world.store.meta(UNTIL) or "")
    waits = first_responses(history(SEED, until), until=until)

    for company in COMPANIES:
        group = groups[company.key]
        assert group["n"] + group["void"] == EACH + 1, "the history and one live request"
        answered = sum(wait.ended for wait in waits[company.key])
        assert answered <= group["answered"] <= answered + 2, "one live, and one of the past that came meanwhile"


def test_an_earlier_demo_is_replaced_and_anything_else_left_alone(tmp_path: Path, call: Call) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("mine", encoding="utf-8")

    done = call("demo", "--out", tmp_path / "letters")

    assert (done.code, done.out) == (2, "")
    assert done.err == f'--out: "{tmp_path}/letters" holds something that is no demo; name an empty or a new folder\n'
    assert (tmp_path / "letters" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_file_where_its_folder_should_be_is_named(tmp_path: Path, call: Call) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")

    done = call("demo", "--out", tmp_path / "taken")

    assert done.code == 2
    assert "taken" in done.err
    assert len(done.err.splitlines()) == 1


def test_ctrl_c_while_it_prepares_ends_it_cleanly(tmp_path: Path) -> None:
    with Running("demo", "--quick", "--out", "demo", cwd=tmp_path) as demo:
        demo.said("Practice range")
        demo.send(signal.SIGINT)
        done = demo.end()

    # Where the signal comes between opening a file and holding it Python complains of the file, though only because
    # warnings are errors here; that is no fault of the ending.
    assert (done.code, done.err.strip().splitlines()[-1]) == (130, "interrupted")
    assert "KeyboardInterrupt" not in done.err


def test_ctrl_c_while_it_runs_ends_it_early_with_a_report(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    with Running("demo", "--out", "demo", cwd=tmp_path) as running:
        running.said("asked silent-sofa (twitter)")
        running.send(signal.SIGINT)
        done = running.end()

    assert (done.code, done.err) == (0, "")
    assert "Ended early." in done.lines
    assert done.out.count("\nR") >= 22, "a line for each request"
    assert (tmp_path / "demo" / "report.html").exists()
    assert run("audit", "-c", "demo/config.toml", "--resume", cwd=tmp_path).err.startswith("audit --resume: no audit")
