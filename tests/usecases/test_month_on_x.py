"""A month on X by `tick` alone: companies of every manner are asked, answers timed, silences proven, a report made.

The truth is the practice X's own: its posts, their exact instants, and its bill. `pytest -s` prints the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from slawatch.cli.report import write_report
from slawatch.errors import StoreError
from slawatch.model import Verdict
from slawatch.usecases import review
from slawatch.usecases.outcomes import standing
from slawatch.usecases.report import Choice
from tests import x_manners as manners
from tests.x_manners import Far, Judged, judged, table
from tests.x_stage import XStage, company, x_stages

MEMORY = Path("/dev/shm")
MONTH = timedelta(days=31)
SETTLED = timedelta(days=11)  # longer than the window, and than it takes until a deletion is noticed
MILLISECOND = timedelta(milliseconds=1)
TARGET = 'every = "3 d"\nlate = "30 d"'
KEPT = 'retention = { raw = "180 d" }'  # until somebody says who they are
HELPED = 'handles = { twitter = ["@other_help"] }'


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What a month came to."""

    here: XStage
    far: Far
    found: list[Judged]
    start: datetime
    report: Path

    def of(self, key: str) -> list[Judged]:
        return [one for one in self.found if one.truth.company == key]


@pytest.fixture(scope="module")
def month() -> Iterator[Month]:
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder, x_stages(Path(folder)) as opening:
        yield played(opening, Path(folder))


def played(opening: object, folder: Path) -> Month:
    """Let the month pass: by day a tick every quarter of an hour, by night one an hour, as a crontab may have it."""
    keys = {
        "prompt": manners.answers(minutes=2, seconds=34, milliseconds=567),
        "slow": manners.answers(hours=26, milliseconds=7),
        "handoff": manners.hands_off,
        "trolled": manners.after_trolls,
        "edits": manners.edits,
        "deletes": manners.deletes,
        "never": manners.never,
        "asks": manners.asks_back,
        "late": manners.answers_late(days=5, hours=6),
        "shut": manners.unseen,
        "blocks": manners.unseen,
        "direct": manners.answers_directly,
    }
    texts = [company(key, target=TARGET) for key in keys if key != "direct"]
    texts += [company("other", target=TARGET, extra=HELPED), company("partner", target=TARGET, extra=KEPT)]
    here = opening(
        *texts, company("direct", target=f'{TARGET}\nby = "direct"'), more='poll_idle = "1 h"\nmonth_max = 0'
    )  # type: ignore[operator]
    far = Far(here.x, here.us)
    people = {key: far.add(key, manner) for key, manner in keys.items()}
    people["shut"].protected = True
    here.x.block(people["blocks"], here.us)
    helper = here.x.person("other_help", "Other helps")
    far.add("other", manners.answers_from(lambda: helper, minutes=10, milliseconds=10))
    partner = far.add("partner", manners.from_somebody_unknown(lambda: unknown), verified="business")
    unknown = here.x.person("partner_berlin", "Partner Berlin", affiliation=partner)
    start = here.clock.now()
    here.x.direct(people["direct"], here.us, "Hi! Whatever you would like to know about us, just ask us here.")
    while here.clock.now() < start + MONTH:
        by_day = 7 <= here.clock.now().hour < 17
        here.forward(minutes=15 if by_day else 60)
        here.tick()
    here.world.store.pause("*", "the month is over")
    here.tick_until(here.clock.now() + SETTLED, every=timedelta(hours=4))
    requests = here.requests()
    report = write_report(here.world, Choice(since=start, until=here.clock.now()), folder / "report.html")
    found = judged(far.truths, requests, standing(here.world, requests))
    print(f"\n{table(found)}")
    return Month(here=here, far=far, found=found, start=start, report=report)


def test_every_question_left_once_and_stands_for_one_request(month: Month) -> None:
    posts = [post for post in month.here.ours() if post.reply_to is None]
    assert len(posts) == len({post.text for post in posts}) > 100
    assert len(month.found) == len(month.far.truths) > len(posts)
    assert {one.request.remote_id for one in month.found} == set(month.far.truths)
    replies = [post for post in month.here.ours() if post.reply_to is not None]
    assert len(replies) == sum(one.truth.ours is not None for one in month.of("asks")) > 5


def test_every_verdict_is_right(month: Month) -> None:
    assert [f"{one.truth.company}: {one.wrong}" for one in month.found if one.wrong] == []
    assert {one.outcome.verdict for one in month.found} == {Verdict.ANSWERED, Verdict.MISSED, Verdict.VOID}


def test_waits_are_right_to_the_millisecond(month: Month) -> None:
    off = [each for one in month.found for each in one.off]
    assert len(off) > 100
    assert max(off) <= MILLISECOND


def test_no_silence_is_told_before_it_was_proven(month: Month) -> None:
    for one in month.found:
        if one.outcome.verdict is Verdict.MISSED:
            assert one.request.verified_at is not None
            assert one.request.accepted_at is not None
            assert one.request.verified_at - one.request.accepted_at >= timedelta(days=5)


def test_what_cannot_be_seen_is_void(month: Month) -> None:
    for one in (*month.of("shut"), *month.of("blocks")):
        assert one.request.void_detail == "not observable: its account is protected, or blocks ours"


def test_deleted_words_are_thrown_away_and_their_timing_stays(month: Month) -> None:
    assert month.of("deletes")
    store = month.here.world.store
    for one in month.of("deletes"):
        assert one.outcome.first_reply_id is not None
        (message,) = store.messages(ids=[one.outcome.first_reply_id])
        assert message.gone_at is not None
        assert message.purged_at is not None
        assert message.purged_at - message.gone_at <= timedelta(days=1)
        with pytest.raises(StoreError):
            store.raw(message.sha256)
        assert one.outcome.answer is not None
        assert one.outcome.answer.ended


def test_who_is_not_known_counts_once_a_person_says_so(month: Month) -> None:
    here = month.here
    waiting = [one for one in review.waiting(here.world) if one.requests[0].company == "partner"]
    assert len(waiting) == len(month.of("partner"))
    first = waiting[0]
    review.decide(here.world, first.message.id, review.Wish(trust=True), who="Robin", reason="they told me")

    requests = [one.request for one in month.of("partner")]
    assert {one.verdict for one in standing(here.world, requests).values()} == {Verdict.ANSWERED}


def test_the_report_names_every_company(month: Month) -> None:
    html = month.report.read_text(encoding="utf-8")
    for key in {one.truth.company for one in month.found}:
        assert f">{key}<" in html


def test_the_ledger_is_the_bill(month: Month) -> None:
    ours: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for charge in month.here.world.store.charges("robin", month.start):
        ours[charge.what] += charge.micros
        calls[charge.what] += charge.calls
    bill = month.here.x.bill
    print("\nkind           calls  ledger, $    bill, $")
    for kind in sorted({*ours, *bill.micros}):
        print(f"{kind:<12} {calls[kind]:>7} {ours[kind] / 1e6:>10.3f} {bill.micros[kind] / 1e6:>10.3f}")
    assert +ours == +bill.micros
