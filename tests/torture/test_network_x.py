"""A bad network before X and a Matrix server: each question is posted once, each answer is found, nobody is blamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from slawatch.channels.matrix import collecting
from slawatch.channels.matrix.channel import MatrixChannel
from slawatch.channels.matrix.settings import Settings
from slawatch.clock import SystemClock
from slawatch.errors import ChannelError, ChannelUnavailableError, ChannelUncertainError
from slawatch.model import Delivery, Request, Slot, Verdict
from slawatch.practice.x.people import Post
from slawatch.secret import Secret
from slawatch.usecases.outcomes import standing
from tests.integration.test_matrix_server import ask
from tests.servers.proxy import Fault, Proxy
from tests.servers.told_homeserver import US, Told
from tests.torture.bad_network import faults
from tests.x_stage import XStage, company, x_stages

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TIMEOUT = "1 s"


def plan(here: XStage, key: str) -> None:
    """Let a request to that company be due."""
    store = here.world.store
    campaign = store.campaign(still_open=True) or store.add_campaign("bad network", None)
    slot = Slot(
        key=f"the slot of {key}",
        company=key,
        channel="twitter",
        target=f"@{key}",
        account="robin",
        due_at=here.clock.now(),
        zone="UTC",
        campaign=campaign.id,
    )
    store.add_slots([slot])


def asked(here: XStage, key: str) -> list[Post]:
    """Return our posts to that company that begin a conversation: the truth."""
    return [post for post in here.ours() if post.reply_to is None and f"@{key} " in f"{post.text} "]


def is_sent(request: Request) -> bool:
    return request.delivery is Delivery.SENT and request.void_reason is None


def test_whatever_the_network_before_x_does_all_comes_back_and_is_right(tmp_path: Path, positions_max: int) -> None:
    keys = [f"acme{number}" for number in range(400)]
    with x_stages(tmp_path) as opening:
        here = opening(*map(company, keys), more=f'timeout = "{TIMEOUT}"')
        people = {key: here.x.person(key) for key in keys}
        config = tmp_path / "config.toml"
        text = config.read_text(encoding="utf-8")
        upstream = text.partition('api_base = "')[2].partition('"')[0]
        with Proxy(urlsplit(upstream).port or 0) as proxy:
            config.write_text(text.replace(upstream, f"http://localhost:{proxy.port}"), encoding="utf-8")
            here = opening()
            plan(here, keys[0])
            here.tick()
            assert len(asked(here, keys[0])) == 1
            before, answers, wrong, used = proxy.struck, {}, [], [keys[0]]
            for fault in list(faults(proxy, positions_max)):
                last, key = used[-1], keys[len(used)]
                if asked(here, last):
                    here.forward(minutes=3)
                    answers[last] = here.x.post(
                        people[last],
                        f"It takes {len(used)} days and costs 4.90 EUR. ^JK",
                        reply_to=asked(here, last)[0],
                    )
                used.append(key)
                plan(here, key)
                wrong += [f"{fault}: {why}" for why in through(here, proxy, fault)]
                here.forward(minutes=20)
                here.tick()
            for minutes in (60, 60, 120, 120):
                here.forward(minutes=minutes)
                here.tick()
            wrong += [f"{key}: {why}" for key in used for why in judged(here, key, answers.get(key))]
            assert wrong == []
            assert proxy.struck - before >= positions_max
            assert len(answers) >= positions_max


def through(here: XStage, proxy: Proxy, fault: Fault) -> Iterator[str]:
    """Do a pass through the fault; yield what was not honest about it."""
    proxy.hang_up()
    proxy.fault = fault
    try:
        done = here.tick()
    finally:
        proxy.fault = None
        proxy.hang_up()
    store = here.world.store
    last, until = store.looks("robin", LONG_AGO)[-1], store.observed_until("robin")
    failed = done.collecting.failed.get("robin", "")
    if last.ok is bool(failed):
        yield f"the last look is {last}, the pass says {failed!r}"
    if failed and (until is None or until > last.started_at):
        yield f"it saw nothing, and says that it has up to {until}"
    for news in here.news:
        if "\n" in news.words or len(news.words) > 600:
            yield f"{news.words!r} is not one line"
    here.news.clear()
    if failed:
        outcomes = standing(here.world, here.requests())
        if Verdict.MISSED in {one.verdict for one in outcomes.values()}:
            yield "somebody is blamed"


def judged(here: XStage, key: str, answer: Post | None) -> Iterator[str]:
    """Yield what slawatch believes and what is not so."""
    requests = [one for one in here.requests() if one.company == key]
    posts = asked(here, key)
    if len(posts) != sum(map(is_sent, requests)):
        yield f"{len(posts)} posts, {[(one.delivery, one.void_reason) for one in requests]}"
    if not requests or not is_sent(requests[-1]):
        yield "was not asked in the end"
    elif answer is not None:
        outcome = here.outcome(requests[0])
        wait = outcome.first_response
        true = answer.at - posts[0].at
        if wait is None or not wait.ended or abs(wait.length - true) > timedelta(milliseconds=1):
            yield f"answered after {true}, and that is {outcome}"
        replies = here.world.store.replies([requests[0].id]).get(requests[0].id, [])
        if len(replies) != 1:
            yield f"its answer was found {len(replies)} times"


def test_before_a_matrix_server_too_a_bad_network_is_told_in_one_line_and_passes(
    tmp_path: Path, positions_max: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "FIRST_SECONDS", 1.0)  # a large account's first sync takes long; here none does
    with Told() as told, Proxy(urlsplit(told.url).port or 0) as proxy:

        def opened(number: int) -> MatrixChannel:
            settings = Settings(
                user=US,
                homeserver=f"http://127.0.0.1:{proxy.port}",
                access_token=Secret("t0ken"),
                timeout=timedelta(seconds=1),
                name="Robin",
            )
            return MatrixChannel(settings, account="main", clock=SystemClock(), store=tmp_path / f"{number}.db")

        with opened(0) as channel:
            channel.collect("")
            channel.send(*ask())
        before, met = proxy.struck, 0
        for number, fault in enumerate(faults(proxy, positions_max), start=1):
            with opened(number) as channel:
                proxy.hang_up()
                proxy.fault = fault
                for error in (told_by(partial(channel.collect, "")), told_by(partial(channel.send, *ask()))):
                    assert error is None or isinstance(error, ChannelUnavailableError | ChannelUncertainError), fault
                    assert "\n" not in str(error), fault
                    assert len(str(error)) < 600, fault
                    met += error is not None
                proxy.fault = None
                proxy.hang_up()
                batch = channel.collect("")
                while batch.more:
                    batch = channel.collect(batch.cursor)
                assert batch.looked_until is not None, fault
                channel.send(*ask())
        assert proxy.struck - before >= positions_max
        assert met >= positions_max


def told_by(work: Callable[[], object]) -> ChannelError | None:
    """Return the error that the work ends with, None where it is done; any other than a channel's goes on."""
    try:
        work()
    except ChannelError as error:
        return error
    return None
